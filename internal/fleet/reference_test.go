package fleet

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/paper"
)

// shortest is a request that says no more than it must of anything that it can say.
const shortest = `{"name": "a", "locale": "en-US", "training": [{"dataset": "b"}], "tests": [{"dataset": "c"}], "deploy": {"endpoint": "d"},
	"notify": [{"urlFrom": {"env": "HOOK"}, "on": ["failed"]}], "renew": {"budget": {"month": 1}}}`

// needed are the paths of its fields: without one it is refused.
var needed = []string{"name", "locale", "training", "deploy.endpoint", "notify[].urlFrom.env", "notify[].on", "renew.budget.month"}

// computed are defaults that no value of a request holds.
var computed = map[string]string{
	"renew.before":                     "computed",
	"renew.timeZone":                   "UTC",
	"renew.prices.currency":            "`USD`",
	"renew.prices.trainingHour":        price(func(l lifecycle.PriceList) float64 { return l.TrainingHour }),
	"renew.prices.endpointHour":        price(func(l lifecycle.PriceList) float64 { return l.EndpointHour }),
	"renew.prices.evaluationAudioHour": price(func(l lifecycle.PriceList) float64 { return l.EvaluationAudioHour }),
	"training[].maxRejected":           fmt.Sprintf("`%g%%`", lifecycle.MaxRejected*100),
	"tests[].maxDrift":                 fmt.Sprintf("`%g`", lifecycle.DefaultMaxDrift),
	"baseModel":                        "`latest`",
	"baseModel.family":                 "that of the champion's base",
	"renew":                            "see \"Renewal\"",
}

func price(of func(lifecycle.PriceList) float64) string {
	return fmt.Sprintf("`%g`", of(lifecycle.Prices{}.List()))
}

// typed are types that a field's own does not tell.
var typed = map[string]string{"baseModel": "text or object"}

// whole are objects that have no row of their own: those of their fields say it all.
var whole = []string{
	"compare", "approval", "lastResort", "renew.prices", "notify[].urlFrom", "limits", "training[].contentUrlFrom",
}

// cell is what the page must say of a field.
type cell struct{ kind, standard string }

// The page of the request has every field that a request can have, with its type and its default, and no other.
func TestReferenceOfRequest(t *testing.T) {
	t.Parallel()
	request, problems := decode.Request([]byte(shortest))
	require.Empty(t, problems)
	want := map[string]cell{}
	fields(want, "", reflect.ValueOf(request))
	got := rows(t, "docs/request.md")
	for path, w := range want {
		require.Equal(t, w, got[path], "the row of `%s`", path)
		delete(got, path)
	}
	require.Empty(t, got, "fields that no request has")
	for _, path := range needed {
		_, problems := decode.Request(without(t, path))
		require.NotEmpty(t, problems, path)
	}
}

// fields finds the fields of a value; what a test's data has is that of training.
func fields(found map[string]cell, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || f.Anonymous {
			continue
		}
		path := prefix + name
		kind, inside := kindOf(f.Type)
		if !slices.Contains(whole, path) {
			found[path] = cell{kind: kind, standard: standardOf(path, value)}
		}
		if k, is := typed[path]; is {
			found[path] = cell{kind: k, standard: found[path].standard}
		}
		if !inside {
			continue
		}
		switch value.Kind() {
		case reflect.Slice:
			fields(found, path+"[].", value.Index(0))
		case reflect.Pointer:
			if value.IsNil() {
				value = reflect.New(f.Type.Elem())
			}
			fields(found, path+".", value.Elem())
		default:
			fields(found, path+".", value)
		}
	}
}

// chosen are the fields that take one of some words.
var chosen = []reflect.Type{reflect.TypeFor[lifecycle.When](), reflect.TypeFor[lifecycle.DatasetKind](), reflect.TypeFor[lifecycle.Format]()}

// kindOf is the word for a type, and whether it has fields of its own.
func kindOf(of reflect.Type) (kind string, inside bool) {
	switch {
	case of == reflect.TypeFor[lifecycle.Duration]():
		return "duration", false
	case slices.Contains(chosen, of):
		return "one of", false
	}
	switch of.Kind() {
	case reflect.String:
		return "text", false
	case reflect.Bool:
		return "boolean", false
	case reflect.Int:
		return "whole number", false
	case reflect.Float64:
		return "number", false
	case reflect.Pointer:
		return kindOf(of.Elem())
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Struct {
			return "list of objects", true
		}
		return "list of text", false
	}
	return "object", true
}

// standardOf is how the page writes the default of a field: what the shortest request has there.
func standardOf(path string, v reflect.Value) string {
	if text, is := computed[path]; is {
		return text
	}
	if slices.Contains(needed, path) {
		return "required"
	}
	switch {
	case path == "training[].dataset", v.Kind() == reflect.Slice, v.Kind() == reflect.Pointer:
		return "none"
	case v.Kind() != reflect.Bool && v.IsZero() || v.Kind() == reflect.Struct:
		return "none"
	}
	return fmt.Sprintf("`%v`", v.Interface())
}

// rows are the fields that a page has in its tables of fields. A row of a fraction stands for a number with its bounds, and
// one of few words for a text.
func rows(t *testing.T, page string) map[string]cell {
	t.Helper()
	found := map[string]cell{}
	prefix, inside := "", false
	for _, row := range paper.One(t, paper.Root(2), page).Rows() {
		if head, is := strings.CutPrefix(row[0], "field"); is || !strings.HasPrefix(row[0], "`") {
			inside = is && len(row) == 4 && row[1] == "type"
			prefix = strings.Trim(strings.TrimPrefix(head, " of "), "`")
			if prefix != "" {
				prefix += "."
			}
			continue
		}
		if !inside {
			continue
		}
		path := prefix + strings.Trim(row[0], "`")
		require.Len(t, row, 4, path)
		require.NotContains(t, found, path, "twice")
		require.NotEmpty(t, row[3], "%s: what does it mean?", path)
		kind := row[1]
		switch {
		case kind == "fraction":
			kind = "number"
		case kind == "one of" && slices.Contains([]string{"approval.onTimeout", "untested", "renew.budget.onExceed"}, path):
			kind = "text"
		}
		found[path] = cell{kind: kind, standard: row[2]}
	}
	return found
}

// without is the shortest request without a field.
func without(t *testing.T, path string) []byte {
	t.Helper()
	var value map[string]any
	require.NoError(t, json.Unmarshal([]byte(shortest), &value))
	at := value
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		list := strings.TrimSuffix(name, "[]")
		if list != name {
			at = at[list].([]any)[0].(map[string]any)
			continue
		}
		at = at[name].(map[string]any)
	}
	require.Contains(t, at, names[len(names)-1], "the shortest request says it")
	delete(at, names[len(names)-1])
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return raw
}

// The page of the fleet has every field of a fleet, and what a model has beside its request.
func TestReferenceOfFleet(t *testing.T) {
	t.Parallel()
	want := slices.Clone(fleetFields)
	timings := reflect.TypeFor[timing]()
	for i := range timings.NumField() {
		name, _, _ := strings.Cut(timings.Field(i).Tag.Get("json"), ",")
		want = append(want, "models[].schedule."+name)
	}
	want = append(want, "models[].taskQueue")
	got := rows(t, "docs/fleet.md")
	for _, path := range want {
		require.Contains(t, got, path)
	}
	require.Len(t, got, len(want), "fields that no fleet has")
	require.Equal(t, "`"+daily.Every.Std().String()[:3]+"`", got["models[].schedule.every"].standard)
	require.Equal(t, "`"+daily.Jitter.String()+"`", got["models[].schedule.jitter"].standard)
}
