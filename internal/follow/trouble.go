package follow

import (
	"cmp"
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// What counts as trouble.
const (
	// troubleEvery is how often a followed run is looked at for trouble.
	troubleEvery = 5 * time.Second
	// throttledLong is the pause that the service asks for, or the time that a step is throttled, from which on
	// that is trouble: some seconds are how the service works.
	throttledLong, throttledFor = 30 * time.Second, time.Minute
	// untakenAfter is how long a task may wait for a worker when none polls, untakenAnyway when one seems to: a
	// dead worker is listed for a while.
	untakenAfter, untakenAnyway = 10 * time.Second, 30 * time.Second
	// failingTasks is the attempt at a workflow task from which on the workflow's own code fails.
	failingTasks = 3
)

// Troubles asks Temporal what keeps a run that goes on from getting on; nothing when it cannot be asked.
func (s Session) Troubles(ctx context.Context, id, runID string) []lifecycle.Trouble {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	found := []lifecycle.Trouble{}
	d, err := s.DescribeWorkflowExecution(ctx, id, runID)
	if err != nil {
		return found
	}
	now := time.Now()
	queue := cmp.Or(d.GetExecutionConfig().GetTaskQueue().GetName(), d.GetWorkflowExecutionInfo().GetTaskQueue())
	if task := d.GetPendingWorkflowTask(); task != nil {
		waiting := task.GetState() == enumspb.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
		if untaken, is := s.untaken(ctx, queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW, now.Sub(task.GetScheduledTime().AsTime())); is && waiting {
			found = append(found, untaken)
		}
		if task.GetAttempt() >= failingTasks {
			found = append(found, lifecycle.Trouble{
				Kind: lifecycle.Retrying, Attempts: int(task.GetAttempt()) - 1, Message: "its own code fails on the worker",
				Next: lifecycle.Ptr("read the worker's log, and: " + s.temporal("workflow show --workflow-id "+id)),
			})
		}
	}
	for _, a := range d.GetPendingActivities() {
		if t, is := troubleOf(a, now); is {
			if t.Kind == lifecycle.Paused {
				t.Next = lifecycle.Ptr("let it go on: " + s.temporal("activity unpause --workflow-id "+id+" --activity-id "+a.GetActivityId()))
			}
			found = append(found, t)
		} else if due(a) {
			on := cmp.Or(a.GetActivityOptions().GetTaskQueue().GetName(), queue)
			if untaken, is := s.untaken(ctx, on, enumspb.TASK_QUEUE_TYPE_ACTIVITY, now.Sub(a.GetScheduledTime().AsTime())); is {
				untaken.Step = lifecycle.Ptr(a.GetActivityId())
				found = append(found, untaken)
			}
		}
	}
	return found
}

// due tells that an activity waits for a worker and for nothing else.
func due(a *workflowpb.PendingActivityInfo) bool {
	return a.GetState() == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED && a.GetNextAttemptScheduleTime() == nil
}

// untaken tells whether it is for want of a worker that a task has waited for age.
func (s Session) untaken(ctx context.Context, queue string, kind enumspb.TaskQueueType, age time.Duration) (lifecycle.Trouble, bool) {
	if age < untakenAfter {
		return lifecycle.Trouble{}, false
	}
	polled, err := s.polled(ctx, queue, kind)
	t := lifecycle.Trouble{
		Kind: lifecycle.NoWorker, Message: fmt.Sprintf("waits for a worker: none polls task queue %q in namespace %q", queue, s.Namespace),
		Next: lifecycle.Ptr("start one with: worker --task-queue " + queue),
	}
	if err == nil && polled >= 0 && polled < deadPoller {
		t.Message = fmt.Sprintf("has waited %s for a worker; one polled task queue %q %s ago", words.Elapsed(age), queue, words.Elapsed(polled))
		t.Next = lifecycle.Ptr("see the worker's log, or start another with: worker --task-queue " + queue)
		return t, age >= untakenAnyway
	}
	return t, err == nil
}

// polled is how long ago a worker polled a task queue last; negative when none is known.
func (s Session) polled(ctx context.Context, queue string, kind enumspb.TaskQueueType) (time.Duration, error) {
	described, err := s.DescribeTaskQueue(ctx, queue, kind)
	if err != nil {
		return -1, err
	}
	youngest := time.Duration(-1)
	for _, poller := range described.GetPollers() {
		if at := poller.GetLastAccessTime(); at != nil {
			polled := max(time.Since(at.AsTime()), 0)
			if youngest < 0 || polled < youngest {
				youngest = polled
			}
		}
	}
	return youngest, nil
}

// Polled tells that a worker polls a task queue, as far as Temporal knows.
func (s Session) Polled(ctx context.Context, queue string) bool {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	polled, err := s.polled(ctx, queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	return err == nil && polled >= 0 && polled < deadPoller
}

// troubleOf tells whether an activity is paused, or fails and is tried again.
func troubleOf(a *workflowpb.PendingActivityInfo, now time.Time) (lifecycle.Trouble, bool) {
	t := lifecycle.Trouble{
		Kind: lifecycle.Retrying, Step: lifecycle.Ptr(visible.Line(a.GetActivityId())), Attempts: max(int(a.GetAttempt())-1, 0),
	}
	t.LastAttemptAt, t.NextAttemptAt = stampOf(a.GetLastAttemptCompleteTime()), stampOf(a.GetNextAttemptScheduleTime())
	t.GivesUpAt = stampOf(a.GetExpirationTime())
	if a.GetPaused() {
		t.Kind, t.Message = lifecycle.Paused, pausedBy(a.GetPauseInfo())
		return t, true
	}
	last := a.GetLastFailure()
	if last == nil || due(a) || recovered(a) || expected(a, now) {
		return t, false
	}
	said(&t, last)
	return t, true
}

// pausedBy says who has paused an activity, since when and why.
func pausedBy(p *workflowpb.PendingActivityInfo_PauseInfo) string {
	who, why := p.GetManual().GetIdentity(), p.GetManual().GetReason()
	if rule := p.GetRule(); rule != nil {
		who, why = cmp.Or(rule.GetIdentity(), "rule "+rule.GetRuleId()), rule.GetReason()
	}
	text := "is paused by " + cmp.Or(who, "somebody")
	if at := p.GetPauseTime(); at != nil {
		text += " since " + words.Moment(at.AsTime())
	}
	if why != "" {
		text += ": " + why
	}
	return visible.Line(text)
}

// recovered tells that the attempt under way has seen its object: what an earlier one failed with is over.
func recovered(a *workflowpb.PendingActivityInfo) bool {
	var progress activities.Progress
	return a.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED &&
		converter.GetDefaultDataConverter().FromPayloads(a.GetHeartbeatDetails(), &progress) == nil && progress.Seen
}

// expected tells a failure that belongs to the work: a step handed to the next worker, a throttle of some seconds.
func expected(a *workflowpb.PendingActivityInfo, now time.Time) bool {
	info := a.GetLastFailure().GetApplicationFailureInfo()
	switch {
	case info.GetCategory() != enumspb.APPLICATION_ERROR_CATEGORY_BENIGN:
		return false
	case info.GetType() == activities.HandedOver:
		return true
	}
	if a.GetNextAttemptScheduleTime() != nil && a.GetCurrentRetryInterval().AsDuration() >= throttledLong {
		return false
	}
	options := a.GetActivityOptions()
	if workflows.IsWait(options.GetHeartbeatTimeout().AsDuration()) {
		return true // a wait, which may have been throttled now and then for days
	}
	return now.Sub(a.GetExpirationTime().AsTime().Add(-options.GetScheduleToCloseTimeout().AsDuration())) < throttledFor
}

// said adds to a trouble what an attempt failed with.
func said(t *lifecycle.Trouble, last *failurepb.Failure) {
	t.Message = visible.Line(last.GetMessage())
	if timeout := last.GetTimeoutFailureInfo(); timeout != nil {
		t.Message = "the worker that had taken it stopped answering (" + t.Message + ")"
	}
	var f lifecycle.Failure
	details := last.GetApplicationFailureInfo().GetDetails()
	if details == nil || converter.GetDefaultDataConverter().FromPayloads(details, &f) != nil || f.Type == "" {
		return
	}
	t.Type, t.Code = &f.Type, f.Code
	if f.Message != "" {
		t.Message = visible.Line(f.Message)
	}
	if f.Next != nil {
		t.Next = lifecycle.Text(visible.Line(lifecycle.Meanwhile(*f.Next)))
	}
}

func stampOf(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	return lifecycle.Ptr(t.AsTime().UTC())
}
