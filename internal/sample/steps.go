package sample

import (
	"time"

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
)

// Away is what a step fails with while the service does not answer.
func Away(benign bool) *failurepb.Failure {
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

// Tried is a step whose second attempt failed 8 s ago; the third is due in pause.
func Tried(now time.Time, id string, last *failurepb.Failure, pause time.Duration) *workflowpb.PendingActivityInfo {
	return &workflowpb.PendingActivityInfo{
		ActivityId: id, State: enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, Attempt: 3, LastFailure: last,
		LastAttemptCompleteTime: timestamppb.New(now.Add(-8 * time.Second)),
		NextAttemptScheduleTime: timestamppb.New(now.Add(pause)), CurrentRetryInterval: durationpb.New(pause + 8*time.Second),
		ScheduledTime:   timestamppb.New(now.Add(pause)),
		ExpirationTime:  timestamppb.New(now.Add(time.Hour - 20*time.Second)),
		ActivityOptions: &activitypb.ActivityOptions{ScheduleToCloseTimeout: durationpb.New(time.Hour), HeartbeatTimeout: durationpb.New(45 * time.Second)},
	}
}

// Started is the same step with its third attempt under way.
func Started(now time.Time, id string, last *failurepb.Failure, seen bool) *workflowpb.PendingActivityInfo {
	a := Tried(now, id, last, 0)
	a.State, a.NextAttemptScheduleTime = enumspb.PENDING_ACTIVITY_STATE_STARTED, nil
	a.HeartbeatDetails, _ = converter.GetDefaultDataConverter().ToPayloads(activities.Progress{Status: "Running", Seen: seen})
	return a
}
