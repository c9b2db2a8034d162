package workflows

import (
	"encoding/json"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
	"speech-retrainer/internal/visible"
)

// The outcomes of Renew.
const (
	RenewCurrent = "current"
	RenewStarted = "started"
	RenewSkipped = "skipped"
)

// Renew is what a schedule fires: it looks at one model, clears away what earlier runs abandoned, sends
// alarms, and starts Retrain if the model is due. It ends when Retrain has started, so that the next check
// and its alarms come in time however long that takes. Input is a request.
func (w *Workflows) Renew(ctx workflow.Context, input json.RawMessage) (lifecycle.RenewReport, error) {
	c, err := w.newCheck(ctx, input)
	if c == nil {
		return lifecycle.RenewReport{}, err
	}
	if err == nil {
		err = c.ofItsSchedule(ctx)
	}
	var report lifecycle.RenewReport
	if err == nil {
		report, err = c.renew(ctx, input)
	}
	return report, c.fail(ctx, err)
}

func (c *check) renew(ctx workflow.Context, input json.RawMessage) (lifecycle.RenewReport, error) {
	if c.request.Force {
		c.note("force has no effect in a schedule: only a person's own run trains what was tried already")
	}
	if err := c.observe(ctx, "observe", false); err != nil {
		return lifecycle.RenewReport{}, err
	}
	if c.observed.Leftovers {
		if err := c.clear(ctx); err != nil {
			return lifecycle.RenewReport{}, err
		}
	}
	if err := c.lookAgain(ctx); err != nil {
		return lifecycle.RenewReport{}, err
	}
	// What others listed up to a minute ago is good enough to do nothing, not to act on.
	if c.observed.Leftovers || c.due.Due || len(c.unsent()) > 0 {
		if err := c.observe(ctx, "observe-again", true); err != nil {
			return lifecycle.RenewReport{}, err
		}
	}
	c.alarm(ctx)
	report := lifecycle.RenewReport{
		Outcome: RenewCurrent, Due: c.due.Due, Reason: c.due.Reason, NextCheck: c.due.NextCheck,
		ExpiresAt: lifecycle.ServedUntil(c.observed.Observed), Alarms: append([]lifecycle.Alarm{}, c.alarms...),
	}
	var err error
	if c.due.Due {
		report.Outcome, report.RetrainRunID, err = c.start(ctx, input)
	}
	// A message on its way delays no retrain, and a retrain that does not start loses no alarm.
	c.remember(ctx, c.awaitNotices(ctx, noticeWait))
	if err != nil {
		return lifecycle.RenewReport{}, err
	}
	report.Notes = append(append([]string{}, c.due.Notes...), c.report.Notes...)
	countRun(ctx, report.Outcome, nil)
	c.upsert(ctx, attributeOutcome.ValueSet(report.Outcome))
	workflow.SetCurrentDetails(ctx, renewDetails(c.request.Title(), report))
	return report, nil
}

// scheduledBy is the ID of the schedule that has started a workflow.
var scheduledBy = temporal.NewSearchAttributeKeyKeyword("TemporalScheduledById")

// ofItsSchedule refuses the request of another model in the schedule of this one: nothing would check the model of the
// schedule, and nobody would see that. What is told of it, and the failed check itself, are of the schedule's model.
func (c *check) ofItsSchedule(ctx workflow.Context) error {
	id, of := workflow.GetTypedSearchAttributes(ctx).GetKeyword(scheduledBy)
	model, is := strings.CutPrefix(id, ScheduleID(""))
	if !of || !is || model == c.request.Name {
		return nil
	}
	other, own := c.request.Name, c.request
	own.Name, own.DisplayName = model, ""
	c.take(own)
	c.upsert(ctx, AttributeModel.ValueSet(model))
	return &failed{failure: lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Object: lifecycle.Ptr("schedule " + id), Problems: []lifecycle.Problem{},
		Message: fmt.Sprintf("schedule %s has the request of the model %s: nothing checks %s", id, other, model),
		Next:    lifecycle.Ptr("give it the request of its own model: starter apply --file FILE, or temporal schedule update"),
	}}
}

// alarm logs the alarms that nobody has heard of, and sends those that somebody listens to.
func (c *check) alarm(ctx workflow.Context) {
	unsent := c.unsent()
	for _, alarm := range c.alarms {
		counted(ctx, "kind", metric.OneOf(alarm.Kind, lifecycle.AlarmKinds)).Counter(metric.Alarms).Inc(1)
	}
	for _, alarm := range c.unheard() {
		workflow.GetLogger(ctx).Warn("alarm", "model", c.request.Name, "alarm", alarm.Key, "message", alarm.Message, "next", alarm.Next)
	}
	if len(unsent) > 0 {
		c.send(ctx, lifecycle.EventExpiring, c.request.Title()+": "+unsent[0].Message, unsent[0].Next, unsent)
	}
	if len(c.alarms) > 0 {
		c.upsert(ctx, AttributeAlarm.ValueSet(c.alarms[0].Kind))
	}
}

// remember marks the alarms on the version as sent, if anybody heard of them. That the message or the mark
// fails never stops the check: the next one sends them again.
func (c *check) remember(ctx workflow.Context, heard bool) {
	unsent := c.unsent()
	if len(unsent) > 0 && !heard {
		c.note("no web hook took the alarms: the next check sends them again")
		return
	}
	version := lifecycle.AlarmVersion(c.observed.Observed)
	wanted := c.wanted
	if wanted == "" && c.mark != "" {
		wanted = lifecycle.NoAlarm
	}
	if version == "" {
		if len(unsent) > 0 {
			c.note("no version of ours can remember that the alarms were sent: the next check sends them again")
		}
		return
	}
	if wanted == c.mark {
		return
	}
	input := activities.AlarmInput{Scope: c.scope, VersionID: version, Mark: wanted}
	dropped, err := do(ctx, c.run, "mark-alarm", "Remember the alarms", a.MarkAlarm, input)
	if err != nil {
		c.note("the alarms could not be remembered, the next check sends them again: %v", err)
	} else if dropped {
		c.note("version %s has no room for the mark %s: the next check sends the alarms again", version, lifecycle.MarkAlarm)
	}
}

// start starts the retrain and waits until it has begun. One that goes on already is an answer.
func (c *check) start(ctx workflow.Context, input json.RawMessage) (outcome string, run *string, err error) {
	if c.observed.Retrain != "" {
		return RenewSkipped, &c.observed.Retrain, nil
	}
	if owner := c.observed.AnotherOwner; owner != "" {
		return "", nil, &failed{failure: lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Object: lifecycle.Ptr("model " + c.request.Name), Problems: []lifecycle.Problem{},
			Message: fmt.Sprintf("the schedule was made for owner %q, who has versions of the model, and this worker works for %q, who has none: nothing "+
				"is trained for the second time", owner, c.observed.Owner),
			Next: lifecycle.Ptr("set RETRAINER_OWNER of the worker back, or, when the owner is to be another, apply the fleet with the new one"),
		}}
	}
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: RetrainID(c.request.Name), ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary: visible.Summary(visible.Escape(fmt.Sprintf("Recreate %s: %s", c.request.Title(), c.due.Reason))),
		StaticDetails: fmt.Sprintf("Asked for by check %s: %s", visible.Code(workflow.GetInfo(ctx).WorkflowExecution.ID), visible.Escape(c.due.Reason)),
		Memo:          map[string]any{MemoCause: c.due.Cause},
	})
	var started workflow.Execution
	err = workflow.ExecuteChildWorkflow(ctx, TypeRetrain, input).GetChildWorkflowExecution().Get(ctx, &started)
	switch {
	case err == nil:
		return RenewStarted, &started.RunID, nil
	case !temporal.IsWorkflowExecutionAlreadyStartedError(err):
		return "", nil, err
	}
	running, err := do(ctx, c.run, "find-retrain", "Find the retrain that goes on", a.FindRetrain, c.scope)
	if err != nil {
		return "", nil, err
	}
	return RenewSkipped, lifecycle.Text(running), nil
}
