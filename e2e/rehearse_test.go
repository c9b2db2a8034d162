package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/rehearsal"
)

// rehearse plays three years of models; each gets the fields of its number.
func (b *bench) rehearse(n int, fields func(i int) data) (rehearsal.Result, int) {
	b.Helper()
	models := []any{}
	for i := range n {
		m := fields(i)
		m["name"] = fmt.Sprintf("model-%d", i)
		models = append(models, m)
	}
	fleet := request{"fleet": "rehearsed", "models": models, "defaults": data{
		"locale": "en-US", "training": []data{{"name": "text", "kind": "Language", "contentUrl": "https://example.org/text.txt"}},
	}}
	r := b.starter("rehearse", "-f", b.write(fleet), "--years", "3", "--from", "2026-11-27", "--output", "json")
	var result rehearsal.Result
	require.NoError(b, json.Unmarshal([]byte(r.stdout), &result), r.stderr)
	return result, r.code
}

// Ten models in three years: renewed for expiry, for new base models, with tests and without, and never expired.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	result, code := b.rehearse(10, func(i int) data {
		m := data{"renew": data{"onNewBaseModel": i < 2}}
		if i%2 == 0 {
			m["deploy"] = data{"endpoint": fmt.Sprintf("endpoint-%d", i)}
			m["tests"] = []data{{"name": "calls", "kind": "Acoustic", "dataset": "calls", "maxRegression": 0.02}}
		}
		return m
	})
	require.Zero(t, code)
	require.Len(t, result.Models, 10)
	for _, m := range result.Models {
		require.False(t, m.Expired, m.Model)
		require.GreaterOrEqual(t, m.Renewals, 2, m.Model)
		require.Positive(t, m.Trainings, m.Model)
		require.LessOrEqual(t, m.Trainings, m.Renewals+m.Rejected, "no retrain trains twice")
		require.InDelta(t, 10*m.TrainingHours, m.Cost, 0.001, "ten dollars an hour")
	}
	require.Positive(t, result.Models[9].Alarms, "90 days before the expiry nothing has taken its place yet")
}

// A lead of a minute is too short for any training, and the rehearsal says so.
func TestRehearsalFindsTheExpired(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	result, code := b.rehearse(1, func(int) data { return data{"renew": data{"before": "1m", "window": "0s", "onNewBaseModel": false}} })
	require.Equal(t, 1, code)
	require.True(t, result.Models[0].Expired)
}

// What docs/rehearsal.md shows is what the command prints: the same fleet, seed and day give the same rehearsal. Parts that are
// left out are marked.
func TestRehearsalIsThatOfTheDocs(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	fleet, err := filepath.Abs(filepath.Join("..", "examples", "rehearsal.yaml"))
	require.NoError(t, err)
	docs, err := os.ReadFile(filepath.Join("..", "docs", "rehearsal.md"))
	require.NoError(t, err)
	arguments, shown := between(t, string(docs), "```sh\nbin/starter rehearse ", "\n```\n\n```text held by TestRehearsalIsThatOfTheDocs\n")
	shown, _ = between(t, shown, "", "\n```\n")
	r := b.starter(append([]string{"rehearse"}, strings.Fields(strings.ReplaceAll(arguments, "examples/rehearsal.yaml", fleet))...)...)
	require.Zero(t, r.code, r.stderr)
	rest, found := r.stdout, false
	for part := range strings.SplitSeq(shown, "\n[...]\n") {
		_, rest, found = strings.Cut(rest, part)
		require.True(t, found, "%s\nis not in what was printed:\n%s", part, r.stdout)
	}
	another := b.starter("rehearse", "--file", fleet, "--years", "1", "--from", "2026-11-27", "--seed", "2")
	require.Zero(t, another.code, another.stderr)
	require.NotContains(t, r.stdout, firstRelease(t, another.stdout), "another seed, other base models")
}

// between is what stands between two texts, and what follows.
func between(t *testing.T, text, from, to string) (found, rest string) {
	t.Helper()
	_, text, is := strings.Cut(text, from)
	require.True(t, is, from)
	found, rest, is = strings.Cut(text, to)
	require.True(t, is, to)
	return found, rest
}

// firstRelease is what the first base model that comes out recognises.
func firstRelease(t *testing.T, text string) string {
	t.Helper()
	share := regexp.MustCompile(`recognises [0-9.]+ %`).FindString(text)
	require.NotEmpty(t, share, text)
	return share
}
