package speech_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

// nested is JSON of so many levels, deeper than we could write it; abyss stands for it.
func nested(levels int) string {
	return strings.Repeat(`{"a":`, levels) + `1` + strings.Repeat(`}`, levels)
}

const abyss = "(abyss)"

// wrong are values of every type that JSON has, and some that no service writes.
func wrong() map[string]any {
	return map[string]any{
		"null": nil, "true": true, "a number": 7.5, "a huge number": json.RawMessage("1e999"), "a negative number": -1, "a string": "x", "an empty string": "",
		"a list": []any{}, "a list of lists": []any{[]any{1}}, "an object": map[string]any{}, "an object with self": map[string]any{"self": 1}, "deep": abyss,
		"controls": "\x1b]0;x\x07\u009b\u202e\r\n", "a date beyond years": "9999-12-31T23:59:59-08:00",
	}
}

// reading is one kind of object with all its fields, and the call that reads one.
type reading struct {
	path   string
	fields map[string]any
	get    func(context.Context, *speech.Client) (speech.Object, error)
}

func readings() map[string]reading {
	ref := func(path string) map[string]any {
		return map[string]any{"self": "https://a.example/speechtotext/" + path + "/" + id2}
	}
	fault := func() map[string]any { return map[string]any{"code": "c", "message": "m"} } // each kind changes its own
	return map[string]reading{
		"model": {"models", map[string]any{
			"baseModel": ref("models/base"), "datasets": []any{ref("datasets")}, "project": ref("projects"), "properties": map[string]any{
				"deprecationDates": map[string]any{"transcriptionDateTime": "2033-01-15T00:00:00Z"}, "error": fault(), "customModelWeightPercent": 30,
				"features": map[string]any{"supportsEndpoints": true, "supportedOutputFormats": []any{"Display"}},
			},
		}, func(ctx context.Context, c *speech.Client) (speech.Object, error) {
			m, _, err := c.GetModel(ctx, id1)
			return m.Object, err
		}},
		"base model": {"models/base", map[string]any{"properties": map[string]any{
			"deprecationDates":    map[string]any{"adaptationDateTime": "2032-01-15T00:00:00Z", "transcriptionDateTime": "2033-01-15T00:00:00Z"},
			"chargeForAdaptation": true, "features": map[string]any{"supportsAdaptationsWith": []any{"Language"}},
		}}, func(ctx context.Context, c *speech.Client) (speech.Object, error) {
			m, _, err := c.GetBaseModel(ctx, id1)
			return m.Object, err
		}},
		"dataset": {"datasets", map[string]any{"kind": "Language", "contentUrl": "https://a.example/x?sig=s3cr3t", "properties": map[string]any{
			"acceptedLineCount": 1, "rejectedLineCount": 0, "durationMilliseconds": 5, "error": fault(),
		}}, func(ctx context.Context, c *speech.Client) (speech.Object, error) {
			d, _, err := c.GetDataset(ctx, id1)
			return d.Object, err
		}},
		"evaluation": {"evaluations", map[string]any{"model1": ref("models"), "model2": ref("models"), "dataset": ref("datasets"), "properties": map[string]any{
			"wordErrorRate2": 0.1, "wordCount2": 100, "wordErrorRate1": "NaN", "error": fault(),
		}}, func(ctx context.Context, c *speech.Client) (speech.Object, error) {
			e, _, err := c.GetEvaluation(ctx, id1)
			return e.Object, err
		}},
		"endpoint": {"endpoints", map[string]any{"model": ref("models"), "links": map[string]any{"webSocket": "wss://x"}, "properties": map[string]any{
			"loggingEnabled": true, "error": fault(),
		}}, func(ctx context.Context, c *speech.Client) (speech.Object, error) {
			e, _, err := c.GetEndpoint(ctx, id1)
			return e.Object, err
		}},
		"project": {"projects", map[string]any{"foundryProjectName": "f"}, func(ctx context.Context, c *speech.Client) (speech.Object, error) {
			p, _, err := c.GetProject(ctx, id1)
			return p.Object, err
		}},
	}
}

// setters give, for every value below v, its path and a function that puts another in its place.
func setters(path string, v any, each func(path string, set func(any))) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			was := v[key]
			each(path+"."+key, func(to any) { v[key] = to })
			v[key] = was
			setters(path+"."+key, was, each)
		}
	case []any:
		for i, was := range v {
			each(fmt.Sprintf("%s[%d]", path, i), func(to any) { v[i] = to })
			v[i] = was
			setters(fmt.Sprintf("%s[%d]", path, i), was, each)
		}
	}
}

// Whatever type any field of any object has, the answer is an object whose dates can be written again, or an error
// that may pass and that is safe to show.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	deep := nested(11_000) // encoding/json gives up at 10,000
	for kind, reading := range readings() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var body string
			s := setup(t, func(w http.ResponseWriter, r *http.Request) { reply(200, body)(w, r) }, func(c *speech.Config) { c.NoQuota = true })
			whole := modelJSON(s.URL, id1, "calls", "description", "d", "customProperties", map[string]any{"sr.owner": "ops"})
			whole["self"] = s.URL + "/speechtotext/" + reading.path + "/" + id1
			maps.Copy(whole, reading.fields)
			body = encode(t, whole)
			got, err := reading.get(t.Context(), s.Client)
			require.NoError(t, err, "the whole object")
			require.Equal(t, id1, got.ID())
			refused, read := 0, 0
			setters("", whole, func(path string, set func(any)) {
				for name, value := range wrong() {
					set(value)
					body = strings.Replace(encode(t, whole), `"`+abyss+`"`, deep, 1)
					got, err := reading.get(t.Context(), s.Client)
					if err == nil {
						read++
						require.True(t, strings.EqualFold(got.ID(), id1), "%s: %s", path, name)
						_, err = got.CreatedDateTime.UTC().MarshalJSON()
						require.NoError(t, err, "%s: %s", path, name)
						continue
					}
					refused++
					require.True(t, serviceError(t, err).Transient(), "%s: %s: %v", path, name, err)
					harmless(t, err.Error())
				}
			})
			require.Greater(t, refused, 20)
			require.Greater(t, read, 20)
		})
	}
}

// harmless is a message that is one line of visible characters, short, and without secrets.
func harmless(t *testing.T, message string) {
	t.Helper()
	require.Equal(t, -1, strings.IndexFunc(message, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", message)
	require.Less(t, utf8.RuneCountInString(message), 2000)
	require.NotContains(t, message, testKey)
	require.NotContains(t, message, "s3cr3t")
}
