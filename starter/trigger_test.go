package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// trigger waits for the check and tells what it came to: whether the model was due, why, and which run has started.
func TestTrigger(t *testing.T) {
	t.Parallel()
	alarms := []lifecycle.Alarm{{Kind: "stuck", Message: "every input was tried", Next: "name other data, then check again: starter trigger support-calls"}}
	for name, tt := range map[string]struct {
		fires   answered
		running bool
		args    []string
		code    int
		// stdout and stderr are parts, each in its order.
		stdout, stderr string
	}{
		"not due": {
			fires:  answered{value: lifecycle.RenewReport{Outcome: "current", Reason: "it lives long", NextCheck: lifecycle.Ptr(sample.At(0))}},
			stdout: "triggered renew/support-calls\nnot due: it lives long\nby the passing of time alone that can change on 2026-07-29\n",
		},
		"due": {
			fires:  answered{value: lifecycle.RenewReport{Outcome: "started", Due: true, Reason: "it ends soon", RetrainRunID: lifecycle.Ptr("r1")}},
			stdout: "due: it ends soon\nstarted run r1 of retrain/support-calls\n", stderr: "watch it with: starter watch support-calls\n",
		},
		"a run goes on": {
			running: true, fires: answered{value: lifecycle.RenewReport{Outcome: "skipped", Due: true, Reason: "it ends soon", RetrainRunID: lifecycle.Ptr("run-1")}},
			stdout: "due: it ends soon\nstarted nothing: run run-1 of retrain/support-calls goes on\n", stderr: "run run-1 of retrain/support-calls goes on already",
		},
		"an alarm": {
			fires:  answered{value: lifecycle.RenewReport{Outcome: "current", Reason: "nothing to do", Alarms: alarms, Notes: []string{"a note"}}},
			stdout: "ALARM every input was tried\nwhat to do: name other data, then check again:\n  starter trigger support-calls\n", stderr: "note: a note",
		},
		"it fails": {
			fires: answered{err: asServer(temporal.NewNonRetryableApplicationError("the service refuses the key", "Unauthorized", nil,
				lifecycle.Failure{Type: lifecycle.Unauthorized, Next: lifecycle.Ptr("set SPEECH_KEY")}))},
			code: exit.Failed, stderr: "the check of support-calls failed: the service refuses the key; set SPEECH_KEY",
		},
		"nobody waits": {args: []string{"--detach"}, stdout: "triggered renew/support-calls\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "")}, fires: &tt.fires}
				if tt.running {
					f.run = newFakeRun(-1)
				}
				got := execute(t.Context(), f, append([]string{"trigger", "support-calls"}, tt.args...)...)
				require.Equal(t, tt.code, got.code, got.stderr)
				require.Equal(t, []string{"trigger renew/support-calls: AllowAll"}, f.did())
				require.Contains(t, got.stdout, tt.stdout)
				require.Contains(t, got.stderr, tt.stderr)
				sample.Narrow(t, got.stdout)
			})
		})
	}
}

func TestTriggerOutputJSON(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{
		kept:  map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "")},
		fires: &answered{value: lifecycle.RenewReport{Outcome: "started", Due: true, Reason: "why", RetrainRunID: lifecycle.Ptr("r1")}},
	}
	got := execute(t.Context(), f, "trigger", "support-calls", "-o", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	var done triggered
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &done), got.stdout)
	require.Equal(t, "r1", *done.Check.RetrainRunID)
	require.Equal(t, "renew/support-calls-2026-07-29T12:00:00Z", *done.WorkflowID)
}

// Where no worker polls, trigger says so and ends: the check goes on by itself.
func TestTriggerWithoutAWorker(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := &fakeTemporal{
			kept: map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "")}, fires: &answered{},
			pending: func(string, time.Duration) []*workflowpb.PendingActivityInfo {
				a := sample.Tried(sample.At(-time.Minute), "observe", nil, 0)
				a.NextAttemptScheduleTime = nil
				return []*workflowpb.PendingActivityInfo{a}
			},
		}
		got := execute(t.Context(), f, "trigger", "support-calls")
		require.Equal(t, exit.Failed, got.code, got.stderr)
		require.Contains(t, got.stderr, "the check of support-calls has begun and waits: observe waits for a worker: none polls task queue")
		require.Contains(t, got.stderr, "it goes on by itself as soon as one does; start one with: worker --task-queue")
		require.Empty(t, f.canceled, "the check is not taken back")
		require.Less(t, time.Since(sample.Noon), 30*time.Second, "it does not hang")
	})
}

// A schedule that starts nothing is told, and so is Ctrl-C.
func TestTriggerThatStartsNothing(t *testing.T) {
	t.Parallel()
	for _, interrupted := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "")}}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			if interrupted {
				time.AfterFunc(10*time.Second, stop)
			}
			got := execute(ctx, f, "trigger", "support-calls")
			if interrupted {
				require.Equal(t, exit.Interrupted, got.code)
				require.Contains(t, got.stderr, "interrupted: schedule renew/support-calls was triggered")
				return
			}
			require.Equal(t, exit.Failed, got.code)
			require.Contains(t, got.stderr, "has started no check within 30s")
		})
	}
}

// A schedule of a model's ID that starts something else, for a slip in its type, is not triggered and waited for.
func TestTriggerOfAScheduleThatChecksNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		slipped := renewed("west", "")
		slipped.Schedule.Action.(*client.ScheduleWorkflowAction).Workflow = "renew"
		f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/support-calls": slipped}}
		got := execute(t.Context(), f, "trigger", "support-calls")
		require.Equal(t, exit.Refused, got.code)
		require.Contains(t, got.stderr, `schedule renew/support-calls starts "renew", not Renew: no check comes of it`)
		require.Empty(t, f.did())

		got = execute(t.Context(), f, "doctor")
		require.Contains(t, strings.Join(strings.Fields(got.stdout), " "), `error support-calls: schedule renew/support-calls starts "renew", not Renew`)
	})
}
