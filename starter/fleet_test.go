package main

import (
	"encoding/json"
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
)

func fleetOf(t *testing.T, text string) (fleet, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	a := newApp(Options{Env: env{}})
	return a.readFleet(path)
}

const twoModels = `fleet: desk
defaults:
  locale: en-US
  taskQueue: west
  approval: {when: always, timeout: 1h}
  training:
    - {name: text, kind: Language, contentUrl: "https://example.org/text"}
models:
  - name: one
    approval: {timeout: 2h}
  - name: two
    schedule: {cron: "0 3 * * *", timeZone: Europe/Berlin, jitter: 1h}
    training:
      - {dataset: words}
`

func TestFleet(t *testing.T) {
	t.Parallel()
	f, err := fleetOf(t, twoModels)
	require.NoError(t, err)
	require.Equal(t, "desk", f.name)
	one, two := f.models[0], f.models[1]
	require.Equal(t, "west", one.taskQueue)
	require.Equal(t, daily, one.schedule)
	require.Equal(t, lifecycle.WhenAlways, one.Approval.When, "maps merge deep")
	require.Equal(t, lifecycle.Duration(2*time.Hour), one.Approval.Timeout)
	require.Len(t, two.Training, 1, "lists replace")
	require.Equal(t, "words", two.Training[0].Dataset)
	require.Equal(t, "cron 0 3 * * * in Europe/Berlin, up to 1h later", two.schedule.String())
	require.NotContains(t, string(two.raw), "schedule")

	a := newApp(Options{Env: env{}})
	example, err := a.readFleet(filepath.Join("..", "examples", "fleet.yaml"))
	require.NoError(t, err)
	require.Len(t, example.models, 3)
}

func TestFleetRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, line, says string }{
		"no name":           {"models: [{name: a}]", "", "fleet: is required"},
		"no models":         {"fleet: a", "", "models: at least one model is required"},
		"unknown":           {twoModels + "extra: 1\n", ":15:", "extra: unknown field"},
		"in the defaults":   {strings.Replace(twoModels, "when: always", "when: sometimes", 1), ":5:", "models[0].approval.when: must be one of"},
		"in the model":      {strings.Replace(twoModels, "timeout: 2h", "timeout: soon", 1), ":10:", "models[0].approval.timeout"},
		"twice":             {strings.Replace(twoModels, "name: two", "name: one", 1), ":11:", "models[1].name: one is models[0] already"},
		"cron":              {strings.Replace(twoModels, `"0 3 * * *"`, `"at three"`, 1), ":12:", "models[1].schedule.cron: must be a cron expression"},
		"cron and every":    {strings.Replace(twoModels, "jitter: 1h", "every: 1d", 1), ":12:", "models[1].schedule: must have either cron or every"},
		"time zone":         {strings.Replace(twoModels, "Europe/Berlin", "Berlin", 1), ":12:", "models[1].schedule.timeZone"},
		"a key twice":       {twoModels + "fleet: again\n", "", "is not valid"},
		"a secret in a URL": {strings.Replace(twoModels, "https://example.org/text", "https://example.org/text?sig=s3cr3t", 1), ":7:", "models[0].training[0].contentUrl"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fleetOf(t, tt.text)
			require.Error(t, err)
			f, is := err.(*exit.Failure)
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
	f, err := fleetOf(t, twoModels)
	require.NoError(t, err)
	m := f.models[1]
	same := wanted(m)
	// The same request with its keys in another order.
	var value any
	require.NoError(t, json.Unmarshal(m.raw, &value))
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
		`input.training[0].dataset: (none) -> "words"`,
	}, differences(other, wanted(m)))
	require.NotEmpty(t, differences(existing(client.Schedule{}), wanted(m)))
}

func TestPruningsAreOnlyOurs(t *testing.T) {
	t.Parallel()
	f, err := fleetOf(t, twoModels)
	require.NoError(t, err)
	have := map[string]standing{
		"one":       {model: "one", fleet: "desk", owner: "us"},
		"gone":      {model: "gone", fleet: "desk", owner: "us"},
		"theirs":    {model: "theirs", fleet: "desk", owner: "them"},
		"another":   {model: "another", fleet: "other", owner: "us"},
		"hand-made": {model: "hand-made"},
	}
	pruned := appliedFleet{fleet: f, have: have, owner: "us", prune: true}.pruned()
	require.Len(t, pruned, 1)
	require.Equal(t, "gone", pruned[0].model)
	require.Empty(t, appliedFleet{fleet: f, have: have, owner: "us"}.pruned(), "without --prune none is")
}

func TestStatusTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	version := func(name string, left int) *lifecycle.ObservedVersion {
		created, expires := now.Add(-50*24*time.Hour), now.Add(time.Duration(left)*24*time.Hour)
		return &lifecycle.ObservedVersion{
			VersionReport: lifecycle.VersionReport{ID: "id-" + name, DisplayName: name + " 2026-04-12 1a2b3c4d", Status: "Succeeded", State: lifecycle.StateChampion, CreatedAt: &created, ExpiresAt: &expires},
			BaseModel:     "20260401 Batch Transcription", Alarm: "expiring-30-2026-06-21", Tests: []lifecycle.ObservedTest{{WordErrorRate: lifecycle.Ptr(0.123)}},
		}
	}
	next := now.Add(24 * time.Hour)
	var rows []statusRow
	for name, left := range map[string]int{"support-calls": 20} {
		v := version(name, left)
		rows = append(rows, newStatusRow(lifecycle.Row{Name: name, Versions: []lifecycle.ObservedVersion{*v}, Endpoint: &lifecycle.EndpointReport{ID: "0b8f1b52-3a55-4b9e-9d3e-6a9b1f7c2d10"}, ObservedAt: now}, scheduled{next: &next}, ""))
	}
	rows = append(rows,
		newStatusRow(lifecycle.Row{Name: "a-model-with-a-very-long-name\x1b[31m", ObservedAt: now}, scheduled{paused: true}, "run-1"),
		newStatusRow(lifecycle.Row{Name: "late", Versions: []lifecycle.ObservedVersion{*version("late", -3)}, ObservedAt: now}, scheduled{}, ""))
	var out strings.Builder
	a := newApp(Options{Stdout: &out, Env: env{}})
	printStatus(a.out, rows)
	sample.Narrow(t, out.String())
	require.NotContains(t, out.String(), "\x1b")
	sample.Golden(t, "status", out.String())
}
