package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/sample"
)

// The trouble of a followed run is told once, not with every attempt, and when it is over.
func TestWatchTrouble(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		fake := watching(5 * time.Minute)
		fake.pending = func(_ string, now time.Duration) []*workflowpb.PendingActivityInfo {
			if now < 30*time.Second || now > 2*time.Minute {
				return nil
			}
			a := sample.Tried(time.Now(), "await-training", sample.Away(false), 12*time.Second)
			a.LastFailure.Message = fmt.Sprint("from port ", now)
			return []*workflowpb.PendingActivityInfo{a}
		}
		got := execute(t.Context(), fake, "watch", "support-calls")
		require.Equal(t, exit.Done, got.code, got.stderr)
		sample.Narrow(t, got.stderr)
		sample.Golden(t, "watch-trouble", got.stderr)
	})
}

// The report of a run that goes on says what keeps it; in JSON under the names of the contract.
func TestReportTrouble(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		fake := watching(-1)
		fake.pending = func(string, time.Duration) []*workflowpb.PendingActivityInfo {
			paused := sample.Started(sample.Noon, "create-version", nil, false)
			paused.Paused = true
			return []*workflowpb.PendingActivityInfo{sample.Tried(sample.Noon, "await-training", sample.Away(false), 12*time.Second), paused}
		}
		got := execute(t.Context(), fake, "report", "support-calls", "--namespace", "speech")
		require.Equal(t, exit.Done, got.code, got.stderr)
		sample.Golden(t, "report-trouble", got.stdout)
		got = execute(t.Context(), fake, "report", "support-calls", "-o", "json")
		var report struct{ Trouble json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
		sample.Golden(t, "report-trouble-json", string(report.Trouble)+"\n")
	})
}

// While the service cannot be read, status shows what Temporal knows, within half a minute.
func TestStatusWhileAway(t *testing.T) {
	t.Parallel()
	fleet := func(t *testing.T) *fakeTemporal {
		return &fakeTemporal{
			kept:     map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", ""), "renew/field": renewed("west", "")},
			retrains: map[string]retrain{"support-calls": {stage: "train"}},
			pending: func(id string, _ time.Duration) []*workflowpb.PendingActivityInfo {
				now := time.Now()
				if id != "retrain/support-calls" {
					return []*workflowpb.PendingActivityInfo{sample.Tried(now, "observe", sample.Away(false), 4*time.Second)}
				}
				all := []*workflowpb.PendingActivityInfo{sample.Tried(now, "await-training", sample.Away(false), 12*time.Second)}
				for i := range 4 {
					all = append(all, sample.Tried(now, fmt.Sprintf("await-evaluation-%d", i), sample.Away(false), 12*time.Second))
				}
				return all
			},
		}
	}
	bubble(t, func(t *testing.T) {
		f := fleet(t)
		got := execute(t.Context(), f, "status")
		require.Equal(t, exit.Failed, got.code)
		require.Less(t, time.Since(sample.Noon), 30*time.Second)
		sample.Narrow(t, got.stdout+got.stderr)
		sample.Golden(t, "status-away", got.stdout+got.stderr)
		require.Len(t, f.canceled, 1, "the question is not left behind")
	})
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), fleet(t), "status", "support-calls", "-o", "json")
		require.Equal(t, exit.Failed, got.code)
		var rows []overview.Row
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows), got.stdout)
		require.Len(t, rows, 1)
		require.Nil(t, rows[0].ObservedAt)
		require.Len(t, rows[0].Trouble, 5)
		require.Equal(t, "train", *rows[0].Stage)
	})
}
