package workflows

import (
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
)

// checkID refuses any other workflow ID: it is what keeps two retrains of one model apart.
func (r *run) checkID(ctx workflow.Context) error {
	want, have := RetrainID(r.request.Name), workflow.GetInfo(ctx).WorkflowExecution.ID
	if have == want {
		return nil
	}
	message := fmt.Sprintf("the workflow ID must be %s, not %s: it keeps two retrains of one model apart", want, have)
	return &failed{failure: lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("workflow " + have), Problems: []lifecycle.Problem{},
		Next: lifecycle.Ptr(fmt.Sprintf("temporal workflow start --type %s --task-queue %s --workflow-id %s --input-file request.json",
			TypeRetrain, r.taskQueue, want)),
	}}
}

// checkCron refuses a retrain that Temporal would start again and again: a retrain asks nobody whether it is due, so that each
// firing would pay for a training or move the endpoint.
func (r *run) checkCron(ctx workflow.Context) error {
	cron := workflow.GetInfo(ctx).CronSchedule
	if cron == "" {
		return nil
	}
	id := RetrainID(r.request.Name)
	return &failed{failure: lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Object: lifecycle.Ptr("workflow " + id), Problems: []lifecycle.Problem{},
		Message: fmt.Sprintf("a retrain with a cron schedule (%s) is refused: it would train or deploy at each firing, due or not; a check (Renew) "+
			"asks first", cron),
		Next: lifecycle.Ptr(fmt.Sprintf("end it: temporal workflow terminate --workflow-id %s; then make the schedule %s, which starts Renew: starter apply",
			id, ScheduleID(r.request.Name))),
	}}
}

// MemoCause is the key of the memo by which Renew tells a retrain why it was started.
const MemoCause = "cause"

// learnCause reads why Renew started the run.
func (r *run) learnCause(ctx workflow.Context) {
	if payload := workflow.GetInfo(ctx).Memo.GetFields()[MemoCause]; payload != nil {
		if err := converter.GetDefaultDataConverter().FromPayload(payload, &r.cause); err != nil {
			workflow.GetLogger(ctx).Warn("cannot read why this run was started", "error", err)
		}
	}
	r.why = "Started by hand: no check of a schedule asked for it."
	if r.cause != "" {
		r.why = "Started by its check"
		if check := workflow.GetInfo(ctx).ParentWorkflowExecution; check != nil {
			r.why += " " + visible.Code(check.ID)
		}
		r.why += ": " + visible.Escape(lifecycle.CauseText(r.cause)) + "."
	}
}

// heedCause asks a person for a run whose endpoint somebody has set by hand, whatever the request says, and trains what
// was tried only for a person.
func (r *run) heedCause() {
	if r.cause != "" && r.request.Force {
		r.request.Force = false
		r.note("force has no effect: only a person's own run trains what was tried already")
	}
	if r.cause == lifecycle.CauseSetByHand {
		r.request.Approval.When = lifecycle.WhenAlways
		r.note("somebody has set the endpoint by hand: a person is asked before it is changed")
	}
}
