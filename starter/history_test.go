package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	row := sample.Observed()[0]
	earlier := row.Versions[0]
	row.Versions[0].Verdict = "pass; 0.112 vs 0.131; q:1a2b3c4d; at:2026-07-29; h:5.5; yes by ann: checked by hand"
	earlier.ID, earlier.DisplayName, earlier.State = "e1e1", "support-calls 2025-06-01 \x1b[31mffff", lifecycle.StateRejected
	earlier.CreatedAt, earlier.ExpiresAt = lifecycle.Ptr(sample.At(-400*24*time.Hour)), lifecycle.Ptr(sample.At(24*time.Hour))
	earlier.Verdict, earlier.Tests = "fail; 0.192 vs 0.131; the difference of +6.1 points is above the limit of 1.0 points that the test allows", nil
	row.Versions = append(row.Versions, earlier)
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls")
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.NotContains(t, got.stdout, "\x1b")
		sample.Narrow(t, got.stdout)
		sample.Golden(t, "history", got.stdout)
	})
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "-o", "json")
		require.Equal(t, exit.Done, got.code, got.stderr)
		var back lifecycle.Row
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &back))
		require.Len(t, back.Versions, 2)
		require.Equal(t, row.Versions[0].Verdict, back.Versions[0].Verdict, "the mark stays as it is")
		var apart struct {
			Versions []struct{ Decision lifecycle.RecordReport }
		}
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &apart))
		decision := apart.Versions[0].Decision
		require.Equal(t, "checked by hand", *decision.Reason)
		require.Equal(t, "pass: 11.2 % against 13.1 % (yes by ann: checked by hand); came into service on 2026-07-29; trained for 5.5 h", decision.Text)
	})
}

// A model without a version is either unknown, or new: then what comes next is said.
func TestHistoryOfNoVersion(t *testing.T) {
	t.Parallel()
	planned := func() *client.ScheduleDescription { return renewed("west", "en-US") }
	const wrong = "; check the name, and --task-queue and RETRAINER_OWNER of the worker\n"
	never := planned()
	never.Info.NextActionTimes = nil
	for name, tt := range map[string]struct {
		args   []string
		on     *client.ScheduleDescription
		run    *fakeRun
		says   string
		listed bool
	}{
		"unknown": {
			says: "starter: the service has no version of desk that was made by this installation" + wrong,
		},
		"new": {
			on: planned(), listed: true,
			says: "starter: desk has no version yet; its schedule checks it next on 2026-07-30 08:00 UTC, and that trains the first; " +
				"to check it now: starter trigger desk\n",
		},
		"new, no time known": {
			on: never, listed: true,
			says: "starter: desk has no version yet; the next check of its schedule trains the first; to check it now: starter trigger desk\n",
		},
		"paused": {
			on: paused("the move"), listed: true,
			says: "starter: desk has no version yet; its checks are paused; let them go on with: starter resume desk\n",
		},
		"retrained now": {
			on: planned(), run: newFakeRun(-1), listed: true,
			says: "starter: desk has no version yet; a retrain of it goes on; follow it with: starter watch desk\n",
		},
		"by hand, failed": {
			run: &fakeRun{id: "run-1", status: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED}, listed: true,
			says: "starter: desk has no version yet; its latest retrain has ended without one; see why with: starter report desk\n",
		},
		"another locale": {
			args: []string{"--locale", "de-DE"}, on: planned(), run: newFakeRun(-1), listed: true,
			says: "starter: the service has no version of desk (de-DE) that was made by this installation; its schedule is of en-US: check --locale\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				k := &fakeTemporal{rows: []lifecycle.Row{}, run: tt.run, kept: map[string]*client.ScheduleDescription{}}
				if tt.on != nil {
					k.kept["renew/desk"] = tt.on
				}
				args := append([]string{"history", "desk"}, tt.args...)
				got := execute(t.Context(), k, args...)
				require.Equal(t, exit.Failed, got.code)
				require.Empty(t, got.stdout)
				require.Equal(t, tt.says, got.stderr)
				got = execute(t.Context(), k, append(args, "-o", "json")...)
				require.Equal(t, tt.listed, got.code == exit.Done, got.stderr)
			})
		})
	}
}

// So do the other commands that need a version.
func TestNoVersionYet(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"report", "desk"}, {"rollback", "desk", "--by", "ann", "--reason", "x"}} {
		bubble(t, func(t *testing.T) {
			k := &fakeTemporal{rows: []lifecycle.Row{}, kept: map[string]*client.ScheduleDescription{"renew/desk": renewed("west", "en-US")}}
			got := execute(t.Context(), k, args...)
			require.Equal(t, exit.Failed, got.code)
			require.Empty(t, got.stdout)
			require.Contains(t, got.stderr, "desk has no version yet; its schedule checks it next on 2026-07-30 08:00 UTC")
		})
	}
}

// Who served on a day is told from the marks, with what they do not tell.
func TestHistoryOn(t *testing.T) {
	t.Parallel()
	row := sample.Champion("support-calls")
	row.Versions[0].Verdict = "pass; 0.112 vs 0.131; at:2026-07-29"
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "--on", "2026-07-30")
		require.Equal(t, exit.Done, got.code, got.stderr)
		sample.Narrow(t, got.stdout)
		sample.Golden(t, "history-on", got.stdout)
	})
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "--on", "2026-07-28", "-o", "json")
		require.Equal(t, exit.Done, got.code, got.stderr)
		var on lifecycle.ServedOn
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &on))
		require.Nil(t, on.Version)
	})
	for on, why := range map[string]string{"2026-07-32": "--on must be a day", "2027-01-01": "is yet to come"} {
		bubble(t, func(t *testing.T) {
			got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "--on", on)
			require.Equal(t, exit.Refused, got.code, got.stderr)
			require.Contains(t, got.stderr, why)
		})
	}
}
