package fleet

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

func fleetOf(text string) (Fleet, error) {
	return Read(Document{Name: "fleet.yaml", Source: []byte(text)}, time.Now())
}

func TestFleet(t *testing.T) {
	t.Parallel()
	f, err := fleetOf(sample.TwoModels)
	require.NoError(t, err)
	require.Equal(t, "desk", f.Name)
	one, two := f.Models[0], f.Models[1]
	require.Equal(t, "west", one.TaskQueue)
	require.Equal(t, daily, one.schedule)
	require.Equal(t, lifecycle.WhenAlways, one.Approval.When, "maps merge deep")
	require.Equal(t, lifecycle.Duration(2*time.Hour), one.Approval.Timeout)
	require.Len(t, two.Training, 1, "lists replace")
	require.Equal(t, "words", two.Training[0].Dataset)
	require.Equal(t, "cron 0 3 * * * in Europe/Berlin, up to 1h later", two.schedule.String())
	require.NotContains(t, string(two.Raw), "schedule")

	source, err := os.ReadFile(filepath.Join("..", "..", "examples", "fleet.yaml"))
	require.NoError(t, err)
	example, err := fleetOf(string(source))
	require.NoError(t, err)
	require.Len(t, example.Models, 3)
}

// every in a model takes the place of a default cron, and the other way round.
func TestOneTimingTakesThePlaceOfTheOther(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ defaults, own, want string }{
		{`{cron: "0 3 * * *", timeZone: Europe/Berlin, jitter: 1h}`, `{every: 1d}`, "every 1d, up to 1h later"},
		{`{every: 1d, jitter: 1h}`, `{cron: "0 3 * * *", timeZone: Europe/Berlin}`, "cron 0 3 * * * in Europe/Berlin, up to 1h later"},
		{`{cron: "0 3 * * *", timeZone: Europe/Berlin}`, `{jitter: 1h}`, "cron 0 3 * * * in Europe/Berlin, up to 1h later"},
	} {
		f, err := fleetOf("fleet: desk\ndefaults: {locale: en-US, training: [{dataset: words}], schedule: " + tt.defaults + "}\n" +
			"models:\n- {name: one, schedule: " + tt.own + "}\n- {name: two}\n")
		require.NoError(t, err)
		require.Equal(t, tt.want, f.Models[0].schedule.String())
		require.NotEqual(t, tt.want, f.Models[1].schedule.String(), "the defaults of others stay")
	}
	_, err := fleetOf("fleet: desk\nmodels: [{name: one, locale: en-US, training: [{dataset: words}], schedule: {every: 1d, cron: '0 3 * * *'}}]\n")
	require.Error(t, err, "one model cannot have both")
}

func TestFleetRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, line, says string }{
		"no name":         {"models: [{name: a}]", "", "fleet: is required"},
		"no models":       {"fleet: a", "", "models: at least one model is required"},
		"unknown":         {sample.TwoModels + "extra: 1\n", ":15:", "extra: unknown field"},
		"in the defaults": {strings.Replace(sample.TwoModels, "when: always", "when: sometimes", 1), ":5:", "models[0].approval.when: must be one of"},
		"in the model":    {strings.Replace(sample.TwoModels, "timeout: 2h", "timeout: soon", 1), ":10:", "models[0].approval.timeout"},
		"twice":           {strings.Replace(sample.TwoModels, "name: two", "name: one", 1), ":11:", "models[1].name: one is models[0] already"},
		"cron":            {strings.Replace(sample.TwoModels, `"0 3 * * *"`, `"at three"`, 1), ":12:", "models[1].schedule.cron: must be a cron expression"},
		"cron and every":  {strings.Replace(sample.TwoModels, "jitter: 1h", "every: 1d", 1), ":12:", "models[1].schedule: must have either cron or every"},
		"a lead too long": {
			strings.Replace(sample.TwoModels, "approval: {timeout: 2h}", "renew: {before: 366d}", 1), ":10:",
			"models[0].renew.before: must be at most 365d, not 366d",
		},
		"locale": {
			strings.Replace(sample.TwoModels, "en-US", "en_us", 1), ":3:",
			"models[0].locale: must be spelled as the service does: en-US was probably meant",
		},
		"locale, its case": {
			strings.Replace(sample.TwoModels, "en-US", "en-us", 1), ":3:",
			"models[1].locale: must be spelled as the service does: en-US was probably meant",
		},
		"time zone":   {strings.Replace(sample.TwoModels, "Europe/Berlin", "Berlin", 1), ":12:", "models[1].schedule.timeZone"},
		"a key twice": {sample.TwoModels + "fleet: again\n", "", "is not valid"},
		"a secret in a URL": {
			strings.Replace(sample.TwoModels, "https://example.org/text", "https://example.org/text?sig=s3cr3t", 1), ":7:",
			"models[0].training[0].contentUrl",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fleetOf(tt.text)
			require.Error(t, err)
			f, is := errors.AsType[*exit.Failure](err)
			require.True(t, is)
			require.Equal(t, exit.Refused, f.Code)
			all := f.Cause.Message + "\n" + strings.Join(f.Lines, "\n")
			require.Contains(t, all, tt.says)
			require.Contains(t, all, tt.line)
			require.NotContains(t, all, "s3cr3t")
		})
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	f, err := fleetOf(sample.TwoModels)
	require.NoError(t, err)
	m := f.Models[1]
	same := wanted(m)
	// The same request with its keys in another order.
	var value any
	require.NoError(t, json.Unmarshal(m.Raw, &value))
	same.input, err = json.MarshalIndent(value, "", "   ")
	require.NoError(t, err)
	require.Empty(t, differences(same, wanted(m)))

	other := wanted(m)
	other.input = []byte(`{"name":"two","locale":"de-DE","keep":1}`)
	other.overlap, other.times, other.timeout = enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL, 0, 0
	require.Equal(t, []string{
		"schedule: changed by hand -> cron 0 3 * * * in Europe/Berlin, up to 1h later",
		"overlap: AllowAll -> Skip",
		"executionTimeout: 0s -> 1h0m0s",
		`input.approval.timeout: (none) -> "1h"`,
		`input.approval.when: (none) -> "always"`,
		"input.keep: 1 -> (none)",
		`input.locale: "de-DE" -> "en-US"`,
		`input.renew.timeZone: (none) -> "Europe/Berlin"`, `input.renew.window: (none) -> "21d"`,
		`input.training[0].dataset: (none) -> "words"`,
	}, differences(other, wanted(m)))
	require.NotEmpty(t, differences(existing(client.Schedule{}), wanted(m)))
}

func TestPruningsAreOnlyOurs(t *testing.T) {
	t.Parallel()
	f, err := fleetOf(sample.TwoModels)
	require.NoError(t, err)
	have := map[string]Standing{
		"one":       {Model: "one", fleet: "desk", owner: "us"},
		"gone":      {Model: "gone", fleet: "desk", owner: "us"},
		"theirs":    {Model: "theirs", fleet: "desk", owner: "them"},
		"another":   {Model: "another", fleet: "other", owner: "us"},
		"hand-made": {Model: "hand-made"},
	}
	pruned := Held{Fleet: f, Have: have, Owner: "us", Prune: true}.Pruned()
	require.Len(t, pruned, 1)
	require.Equal(t, "gone", pruned[0].Model)
	require.Empty(t, Held{Fleet: f, Have: have, Owner: "us"}.Pruned(), "without --prune none is")
}

func TestTakeOverIsNotWarnedOf(t *testing.T) {
	t.Parallel()
	f, err := fleetOf("fleet: desk\ndefaults: {locale: en-US, training: [{dataset: words}]}\nmodels: [{name: new, deploy: {endpoint: calls}}]\n")
	require.NoError(t, err)
	over := Held{Fleet: f, Owner: "default", Prune: true, Have: map[string]Standing{
		"old": {Model: "old", fleet: "desk", owner: "default", Endpoint: "calls", schedule: schedule{TaskQueue: workflows.DefaultTaskQueue}},
	}}
	require.Len(t, over.Renamed(), 1)
	over.Models[0].Raw = []byte(`{"deploy": {"endpoint": "calls", "takeOver": "old"}}`)
	require.Empty(t, over.Renamed())
	over.Models[0].Raw = []byte(`{"deploy": {"endpoint": "calls", "takeOver": "older"}}`)
	require.Len(t, over.Renamed(), 1)
}
