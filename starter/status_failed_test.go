package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/sample"
)

// silent is a fleet whose checks end well, and start retrains that fail before they have a version: the service has no mark of that.
func silent() *fakeTemporal {
	f := &fakeTemporal{
		kept: map[string]*client.ScheduleDescription{
			"renew/first": renewed("west", "en-US"), "renew/serves": renewed("west", "en-US"), "renew/mended": renewed("west", "en-US"),
			"renew/stopped": renewed("west", "en-US"),
		},
		row: func(name string) lifecycle.Row {
			row := sample.Champion(name)
			row.Versions[0].ExpiresAt = lifecycle.Ptr(sample.At(30 * lifecycle.Day))
			row.Serving.ExpiresAt = row.Versions[0].ExpiresAt
			row.Versions[0].CreatedAt = lifecycle.Ptr(sample.At(-300 * lifecycle.Day))
			if name == "first" {
				row.Versions, row.Serving, row.Endpoint, row.EndpointName = nil, nil, nil, ""
			}
			return row
		},
	}
	report := sample.Failed()
	report.Error = &lifecycle.Failure{
		Type: lifecycle.NoUsableBaseModel, Message: "no base model of en-US can be used: 20260401 Batch Transcription: can be trained from until 2026-07-01",
		Next: lifecycle.Ptr("relax baseModel, then start the run again"),
	}
	none := asServer(temporal.NewNonRetryableApplicationError(report.Error.Message, string(report.Error.Type), nil, report))
	for _, name := range []string{"first", "serves", "mended", "stopped"} {
		f.check(name, "", sample.At(-time.Minute), lifecycle.RenewReport{Outcome: "started"}, nil)
		f.retrained(name, lifecycle.CauseExpiry, wasFailed, sample.At(-40*time.Hour), none)
	}
	f.retrained("first", lifecycle.CauseFirst, wasFailed, sample.At(-time.Hour), none)
	f.retrained("mended", "", wasGood, sample.At(-time.Hour), nil)
	f.retrained("stopped", "", wasCanceled, sample.At(-time.Hour), nil)
	return f
}

// What a retrain failed with is told when the service has no mark of it, until a later one ends otherwise.
func TestStatusAfterFailedRetrains(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), silent(), "status")
		require.Equal(t, exit.Needed, got.code, got.stderr)
		sample.Narrow(t, got.stdout)
		sample.Golden(t, "status-failed", got.stdout)
	})
	bubble(t, func(t *testing.T) {
		f := silent()
		got := execute(t.Context(), f, "status", "-o", "json", "serves", "mended", "stopped")
		require.Equal(t, exit.Needed, got.code, got.stderr)
		var rows []overview.Row
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
		told := map[string][]string{}
		for _, row := range rows {
			told[row.Model] = []string{*row.LastOutcome}
			for _, need := range row.Needs {
				told[row.Model] = append(told[row.Model], string(need.Kind))
			}
		}
		require.Equal(t, map[string][]string{"serves": {"failed", "failed"}, "mended": {"succeeded"}, "stopped": {"canceled"}}, told)
		require.EqualValues(t, 4, f.visibilities)
		require.Equal(t, exit.Done, execute(t.Context(), silent(), "status", "mended", "stopped").code)
	})
}
