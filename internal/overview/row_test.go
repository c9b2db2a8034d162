package overview

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// What serves is what expires, whoever made it and whatever is marked champion.
func TestStatusShowsWhatServes(t *testing.T) {
	t.Parallel()
	row := func(change func(*lifecycle.Row)) lifecycle.Row {
		r := sample.Champion("support-calls")
		change(&r)
		return r
	}
	foreign := lifecycle.Model{ID: "f0f0", DisplayName: "by hand", Custom: true, BaseID: "b0b0", ExpiresAt: lifecycle.Ptr(sample.At(5 * 24 * time.Hour))}
	earlier := sample.Champion("support-calls").Versions[0]
	earlier.ID, earlier.State, earlier.ExpiresAt = "e1e1", lifecycle.StateRetired, lifecycle.Ptr(sample.At(9*24*time.Hour))
	earlier.Tests = []lifecycle.ObservedTest{{WordErrorRate: lifecycle.Ptr(0.2)}}
	for _, tc := range []struct {
		name, running, version, note string
		row                          lifecycle.Row
		expires                      time.Time
		rate                         *float64
	}{
		{
			name: "the champion", version: sample.VersionID, expires: sample.At(21 * 24 * time.Hour), rate: lifecycle.Ptr(0.112),
			row: row(func(r *lifecycle.Row) { r.Serving = &lifecycle.Model{ID: sample.VersionID} }),
		}, {
			name: "without endpoint", version: sample.VersionID, expires: sample.At(21 * 24 * time.Hour), rate: lifecycle.Ptr(0.112),
			row: row(func(r *lifecycle.Row) { r.Endpoint = nil }),
		}, {
			name: "a model made by hand", version: "f0f0", expires: sample.At(5 * 24 * time.Hour),
			note: "the endpoint serves this version, not support-calls 2026-07-29 1a2b3c4d",
			row:  row(func(r *lifecycle.Row) { r.Serving = &foreign }),
		}, {
			name: "an earlier version, by hand", version: "e1e1", expires: sample.At(9 * 24 * time.Hour), rate: lifecycle.Ptr(0.2), note: "which was promoted last",
			row: row(func(r *lifecycle.Row) {
				r.Versions, r.Serving = append(r.Versions, earlier), &lifecycle.Model{ID: "e1e1"}
			}),
		}, {
			name: "a candidate that is being deployed", running: sample.RunID, version: "e1e1", expires: sample.At(9 * 24 * time.Hour), rate: lifecycle.Ptr(0.2),
			row: row(func(r *lifecycle.Row) {
				r.Versions, r.Serving = append(r.Versions, earlier), &lifecycle.Model{ID: "e1e1"}
			}),
		}, {
			name: "a model that is gone", version: sample.VersionID, expires: sample.At(21 * 24 * time.Hour), rate: lifecycle.Ptr(0.112), note: "the bare base model",
			row: row(func(r *lifecycle.Row) { r.Serving = nil }),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := newRow(tc.row, around{on: ongoing{runID: tc.running}})
			require.Equal(t, tc.version, *got.VersionID)
			require.Equal(t, tc.expires, *got.ExpiresAt)
			require.Equal(t, tc.rate, got.WordErrorRate)
			if tc.note == "" {
				require.Nil(t, got.Note)
			} else {
				require.Contains(t, *got.Note, tc.note)
			}
		})
	}
}

// Not checked yet is said only of a schedule that has never fired: Temporal may have forgotten its checks.
func TestNotCheckedYet(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	fired := fleet.NewStanding("desk", &client.ScheduleDescription{Info: client.ScheduleInfo{NumActions: 3}})
	for name, tt := range map[string]struct {
		around around
		says   string
	}{
		"never fired":    {around{scheduled: true}, "not checked yet"},
		"fired, unknown": {around{scheduled: true, of: fired}, "no check is known to have succeeded"},
		"a check failed": {around{scheduled: true, checks: lifecycle.ChecksSeen{Failed: 1}}, "no check is known to have succeeded"},
		"a good check":   {around{scheduled: true, checks: lifecycle.ChecksSeen{Good: &now}}, "last good check 1h00m ago"},
		"no schedule":    {around{}, "no schedule checks it"},
		"paused by ann": {
			around{scheduled: true, of: fleet.Standing{Paused: true, Note: "paused by ann without a note"}},
			"checks paused by ann without a note, not checked yet",
		},
		"paused, and why": {
			around{scheduled: true, of: fleet.Standing{Paused: true, Fired: true, Note: "the move"}}, "checks paused: the move, no check is known to have succeeded",
		},
	} {
		require.Equal(t, tt.says, newRow(lifecycle.Row{Name: "desk"}, tt.around).checked(now.Add(time.Hour)), name)
	}
}

// A mark that says that a run goes on does not when Temporal knows of none: how it ended is not known.
func TestAMarkAloneIsNoRun(t *testing.T) {
	t.Parallel()
	row := sample.Champion("desk")
	row.Versions[0].State = lifecycle.StateCandidate
	require.Nil(t, newRow(row, around{}).LastOutcome)
	row.Versions[0].Foreign = true
	require.Equal(t, "running", *newRow(row, around{}).LastOutcome, "of another home")
	row.Versions[0].Foreign = false
	require.Equal(t, "running", *newRow(row, around{on: ongoing{runID: "r"}}).LastOutcome)
	require.Equal(t, "failed", *newRow(row, around{ended: ended{runID: "r", outcome: lifecycle.Failed}}).LastOutcome, "terminated")
}

func TestLines(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	version := func(name string, left int) *lifecycle.Version {
		created, expires := now.Add(-50*24*time.Hour), now.Add(time.Duration(left)*24*time.Hour)
		return &lifecycle.Version{
			ID: "id-" + name, DisplayName: name + " 2026-04-12 1a2b3c4d", Status: "Succeeded", State: lifecycle.StateChampion,
			CreatedAt: &created, ExpiresAt: &expires,
			BaseModel: "20260401 Batch Transcription", Alarm: "expiring-30-2026-06-21", Tests: []lifecycle.ObservedTest{{WordErrorRate: lifecycle.Ptr(0.123)}},
		}
	}
	next := now.Add(24 * time.Hour)
	served := lifecycle.Row{
		Name: "support-calls", Versions: []lifecycle.Version{*version("support-calls", 20)}, ObservedAt: now,
		Endpoint: &lifecycle.EndpointReport{ID: "0b8f1b52-3a55-4b9e-9d3e-6a9b1f7c2d10"},
	}
	unknown := lifecycle.Row{Name: "a-model-with-a-very-long-name\x1b[31m", ObservedAt: now}
	late := lifecycle.Row{Name: "late", Versions: []lifecycle.Version{*version("late", -3)}, ObservedAt: now}
	scheduled := fleet.NewStanding("support-calls", &client.ScheduleDescription{Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{
		Args: []any{&commonpb.Payload{Data: []byte(`{"name": "support-calls", "locale": "en-US", "training": [{"dataset": "words"}], "renew": {"before": "5d"}}`)}},
	}}})
	scheduled.Next = &next
	rows := []Row{
		newRow(served, around{of: scheduled, scheduled: true, now: now}),
		newRow(unknown, around{of: fleet.Standing{Paused: true}, scheduled: true, on: ongoing{runID: "run-1"}, now: now}),
		newRow(late, around{now: now}),
	}
	text := ""
	for _, line := range Lines(rows, now) {
		text += line.Text + "\n"
	}
	sample.Narrow(t, text)
	require.NotContains(t, text, "\x1b")
	sample.Golden(t, "status", text)
}
