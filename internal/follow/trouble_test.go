package follow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/internal/words"
)

func TestTroubleOf(t *testing.T) {
	t.Parallel()
	now := sample.At(0)
	handedOver := temporal.GetDefaultFailureConverter().ErrorToFailure(temporal.NewApplicationErrorWithOptions("the worker stops", activities.HandedOver,
		temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign}))
	lost := &failurepb.Failure{
		Message:     "activity Heartbeat timeout",
		FailureInfo: &failurepb.Failure_TimeoutFailureInfo{TimeoutFailureInfo: &failurepb.TimeoutFailureInfo{}},
	}
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
		{name: "never failed", a: sample.Tried(now, "train", nil, 0)},
		{
			name: "waits for the next attempt", a: sample.Tried(now, "create-version", sample.Away(false), 12*time.Second),
			says: `create-version: 2 attempts failed, the next is in 12s, gives up in 59m40s: get model "b7b4": no answer from west.example: connection refused [2J`,
		},
		{
			name: "is tried at this moment", a: sample.Started(now, "await-training", sample.Away(false), false),
			says: `await-training: 2 attempts failed, another is under way, gives up in 59m40s: get model "b7b4": no answer from west.example: connection refused [2J`,
		},
		{name: "has seen its object again", a: sample.Started(now, "await-training", sample.Away(false), true)},
		{name: "handed over", a: sample.Tried(now, "await-training", handedOver, time.Second)},
		{name: "throttled for a moment", a: sample.Tried(now, "create-version", sample.Away(true), 5*time.Second)},
		{
			name: "throttled for long", a: sample.Tried(now, "create-version", sample.Away(true), 50*time.Second),
			says: `create-version: 2 attempts failed, the next is in 50s, gives up in 59m40s: get model "b7b4": no answer from west.example: connection refused [2J`,
		},
		{
			name: "throttled again and again",
			says: `create-version: 2 attempts failed, the next is in 5s, gives up in 30m00s: get model "b7b4": no answer from west.example: connection refused [2J`,
			a: change(sample.Tried(now, "create-version", sample.Away(true), 5*time.Second), func(a *workflowpb.PendingActivityInfo) {
				a.ExpirationTime = timestamppb.New(now.Add(30 * time.Minute))
			}),
		},
		{
			name: "a wait throttled in its second day",
			a: change(sample.Tried(now, "await-training", sample.Away(true), 5*time.Second), func(a *workflowpb.PendingActivityInfo) {
				a.ActivityOptions.HeartbeatTimeout = durationpb.New(time.Minute)
				a.ExpirationTime = timestamppb.New(now.Add(time.Minute))
			}),
		},
		{
			name: "its worker died", a: sample.Started(now, "create-version", lost, false),
			says: "create-version: 2 attempts failed, another is under way, gives up in 59m40s: " +
				"the worker that had taken it stopped answering (activity Heartbeat timeout)",
		},
		{
			name: "attempts counted anew", says: "create-version: tried again, the next is in 3s, gives up in 59m40s: boom",
			a: change(sample.Tried(now, "create-version", &failurepb.Failure{Message: "boom"}, 3*time.Second),
				func(a *workflowpb.PendingActivityInfo) { a.Attempt = 1 }),
		},
		{
			name: "paused", says: "await-training is paused by ann since 2026-07-29 12:00 UTC: the firewall",
			a: change(sample.Started(now, "await-training", nil, true), func(a *workflowpb.PendingActivityInfo) {
				a.Paused, a.State = true, enumspb.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED
				a.PauseInfo = &workflowpb.PendingActivityInfo_PauseInfo{
					PauseTime: timestamppb.New(sample.Noon),
					PausedBy: &workflowpb.PendingActivityInfo_PauseInfo_Manual_{Manual: &workflowpb.PendingActivityInfo_PauseInfo_Manual{
						Identity: "ann", Reason: "the firewall",
					}},
				}
			}),
		},
		{
			name: "paused by a rule", says: "await-training is paused by rule night",
			a: change(sample.Started(now, "await-training", nil, true), func(a *workflowpb.PendingActivityInfo) {
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
	got, _ := troubleOf(sample.Tried(now, "create-version", sample.Away(false), 12*time.Second), now)
	require.Equal(t, lifecycle.Unavailable, *got.Type)
	require.Equal(t, "check that the service is up", *got.Next, "it is not started again while it goes on")
	require.Equal(t, now.Add(12*time.Second), *got.NextAttemptAt)
}
