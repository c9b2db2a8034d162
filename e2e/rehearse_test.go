package e2e

import (
	"encoding/json"
	"fmt"
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
	r := b.starter("rehearse", "-f", b.write(fleet), "--years", "3", "--output", "json")
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
		require.LessOrEqual(t, m.Checks, rehearsal.MostChecks, m.Model)
	}
	require.Positive(t, result.Models[9].Alarms, "90 days before the expiry nothing has taken its place yet")
}

// A lead of a minute is too short for any training, and the rehearsal says so.
func TestRehearsalFindsTheExpired(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	result, code := b.rehearse(1, func(int) data { return data{"renew": data{"before": "1m", "onNewBaseModel": false}} })
	require.Equal(t, 1, code)
	require.True(t, result.Models[0].Expired)
}
