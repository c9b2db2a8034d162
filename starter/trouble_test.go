package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	activitypb "go.temporal.io/api/activity/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// away is what a step fails with while the service does not answer.
func away(benign bool) *failurepb.Failure {
	f := lifecycle.Failure{
		Type: lifecycle.Unavailable, Message: `get model "b7b4": no answer from west.example: connection refused` + "\x1b[2J",
		Next: lifecycle.Ptr("check that the service is up, then start the run again"),
	}
	o := temporal.ApplicationErrorOptions{Details: []any{f}}
	if benign {
		o.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.GetDefaultFailureConverter().ErrorToFailure(temporal.NewApplicationErrorWithOptions(f.Message, string(f.Type), o))
}

// tried is a step whose second attempt failed 8 s ago; the third is due in pause.
func tried(now time.Time, id string, last *failurepb.Failure, pause time.Duration) *workflowpb.PendingActivityInfo {
	return &workflowpb.PendingActivityInfo{
		ActivityId: id, State: enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, Attempt: 3, LastFailure: last,
		LastAttemptCompleteTime: timestamppb.New(now.Add(-8 * time.Second)),
		NextAttemptScheduleTime: timestamppb.New(now.Add(pause)), CurrentRetryInterval: durationpb.New(pause + 8*time.Second),
		ScheduledTime:   timestamppb.New(now.Add(pause)),
		ExpirationTime:  timestamppb.New(now.Add(time.Hour - 20*time.Second)),
		ActivityOptions: &activitypb.ActivityOptions{ScheduleToCloseTimeout: durationpb.New(time.Hour), StartToCloseTimeout: durationpb.New(3 * time.Minute)},
	}
}

// started is the same step with its third attempt under way.
func started(now time.Time, id string, last *failurepb.Failure, seen bool) *workflowpb.PendingActivityInfo {
	a := tried(now, id, last, 0)
	a.State, a.NextAttemptScheduleTime = enumspb.PENDING_ACTIVITY_STATE_STARTED, nil
	a.HeartbeatDetails, _ = converter.GetDefaultDataConverter().ToPayloads(activities.Progress{Status: "Running", Seen: seen})
	return a
}

func TestTroubleOf(t *testing.T) {
	t.Parallel()
	now := at(0)
	handedOver := temporal.GetDefaultFailureConverter().ErrorToFailure(temporal.NewApplicationErrorWithOptions("the worker stops", activities.HandedOver,
		temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign}))
	lost := &failurepb.Failure{Message: "activity Heartbeat timeout", FailureInfo: &failurepb.Failure_TimeoutFailureInfo{TimeoutFailureInfo: &failurepb.TimeoutFailureInfo{}}}
	change := func(a *workflowpb.PendingActivityInfo, f func(*workflowpb.PendingActivityInfo)) *workflowpb.PendingActivityInfo {
		f(a)
		return a
	}
	for _, tc := range []struct {
		name string
		a    *workflowpb.PendingActivityInfo
		// says is the whole sentence; empty = no trouble.
		says string
	}{
		{name: "never failed", a: tried(now, "train", nil, 0)},
		{name: "waits for the next attempt", a: tried(now, "create-version", away(false), 12*time.Second), says: `create-version: 2 attempts failed, the next is in 12s, gives up in 59m40s: get model "b7b4": no answer from west.example: connection refused [2J`},
		{name: "is tried at this moment", a: started(now, "await-training", away(false), false), says: `await-training: 2 attempts failed, another is under way, gives up in 59m40s: get model "b7b4": no answer from west.example: connection refused [2J`},
		{name: "has seen its object again", a: started(now, "await-training", away(false), true)},
		{name: "handed over", a: tried(now, "await-training", handedOver, time.Second)},
		{name: "throttled for a moment", a: tried(now, "create-version", away(true), 5*time.Second)},
		{name: "throttled for long", a: tried(now, "create-version", away(true), 50*time.Second), says: `create-version: 2 attempts failed, the next is in 50s, gives up in 59m40s: get model "b7b4": no answer from west.example: connection refused [2J`},
		{
			name: "throttled again and again", says: `create-version: 2 attempts failed, the next is in 5s, gives up in 30m00s: get model "b7b4": no answer from west.example: connection refused [2J`,
			a: change(tried(now, "create-version", away(true), 5*time.Second), func(a *workflowpb.PendingActivityInfo) {
				a.ExpirationTime = timestamppb.New(now.Add(30 * time.Minute))
			}),
		},
		{
			name: "a wait throttled in its second day",
			a: change(tried(now, "await-training", away(true), 5*time.Second), func(a *workflowpb.PendingActivityInfo) {
				a.ActivityOptions.StartToCloseTimeout = a.ActivityOptions.ScheduleToCloseTimeout
				a.ExpirationTime = timestamppb.New(now.Add(time.Minute))
			}),
		},
		{name: "its worker died", a: started(now, "create-version", lost, false), says: "create-version: 2 attempts failed, another is under way, gives up in 59m40s: the worker that had taken it stopped answering (activity Heartbeat timeout)"},
		{
			name: "attempts counted anew", says: "create-version: tried again, the next is in 3s, gives up in 59m40s: boom",
			a: change(tried(now, "create-version", &failurepb.Failure{Message: "boom"}, 3*time.Second), func(a *workflowpb.PendingActivityInfo) { a.Attempt = 1 }),
		},
		{
			name: "paused", says: "await-training is paused by ann since 2026-07-29 12:00 UTC: the firewall",
			a: change(started(now, "await-training", nil, true), func(a *workflowpb.PendingActivityInfo) {
				a.Paused, a.State = true, enumspb.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED
				a.PauseInfo = &workflowpb.PendingActivityInfo_PauseInfo{
					PauseTime: timestamppb.New(noon),
					PausedBy: &workflowpb.PendingActivityInfo_PauseInfo_Manual_{Manual: &workflowpb.PendingActivityInfo_PauseInfo_Manual{
						Identity: "ann", Reason: "the firewall",
					}},
				}
			}),
		},
		{
			name: "paused by a rule", says: "await-training is paused by rule night",
			a: change(started(now, "await-training", nil, true), func(a *workflowpb.PendingActivityInfo) {
				a.Paused = true
				a.PauseInfo = &workflowpb.PendingActivityInfo_PauseInfo{PausedBy: &workflowpb.PendingActivityInfo_PauseInfo_Rule_{
					Rule: &workflowpb.PendingActivityInfo_PauseInfo_Rule{RuleId: "night"},
				}}
			}),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, is := troubleOf(tc.a, now)
			require.Equal(t, tc.says != "", is)
			if is {
				require.Equal(t, tc.says, got.Sentence(words.Soon(now)))
			}
		})
	}
	got, _ := troubleOf(tried(now, "create-version", away(false), 12*time.Second), now)
	require.Equal(t, lifecycle.Unavailable, *got.Type)
	require.Equal(t, "check that the service is up", *got.Next, "it is not started again while it goes on")
	require.Equal(t, now.Add(12*time.Second), *got.NextAttemptAt)
}

// A step that no worker takes is told: at once when none polls, later when one seems to.
func TestNobodyTakesTheStep(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		polled time.Duration
		age    time.Duration
		says   string
	}{
		{name: "a moment", polled: -1, age: 5 * time.Second},
		{name: "nobody polls", polled: -1, age: 15 * time.Second, says: `create-version waits for a worker: none polls task queue "speech-retrainer" in namespace "default"`},
		{name: "somebody polls", polled: 20 * time.Second, age: 15 * time.Second},
		{name: "somebody seems to poll", polled: 50 * time.Second, age: 40 * time.Second, says: `create-version has waited 40s for a worker; one polled task queue "speech-retrainer" 50s ago`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := watching(-1)
				if tc.polled >= 0 {
					fake.polled = time.Now().Add(-tc.polled)
				}
				fake.pending = func(time.Duration) []*workflowpb.PendingActivityInfo {
					return []*workflowpb.PendingActivityInfo{{
						ActivityId: "create-version", State: enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, Attempt: 1,
						ScheduledTime: timestamppb.New(time.Now().Add(-tc.age)),
					}}
				}
				found := session{Temporal: fake, space: "default"}.troubles(t.Context(), "retrain/support-calls", "")
				if tc.says == "" {
					require.Empty(t, found)
					return
				}
				require.Len(t, found, 1)
				require.Equal(t, lifecycle.NoWorker, found[0].Kind)
				require.Equal(t, tc.says, found[0].Sentence(words.Soon(time.Now())))
				require.Contains(t, *found[0].Next, "worker --task-queue speech-retrainer")
			})
		})
	}
}
