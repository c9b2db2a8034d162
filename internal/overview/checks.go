package overview

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/workflows"
)

// checked is what Temporal remembers of the checks of one model.
type checked struct {
	lifecycle.ChecksSeen

	// good and failed are the last ones that succeeded and failed; nil when none is remembered.
	good, failed *workflowpb.WorkflowExecutionInfo
}

// Limits of looking back at checks.
const (
	// fewModels is how many models are named in a question for their checks; for more all checks are listed.
	fewModels = 20
	// mostPages bounds how many pages of checks are read: a model without a good check in them has none that is remembered.
	mostPages = 10
	// resultTimeout bounds the reading of how one check ended.
	resultTimeout = 10 * time.Second
)

// lastChecks are the last checks of the models that have schedules, in one list for all, the newest first: it is read until each has
// a good one. How a check ended in detail is read only of those that have failed, and of those that found something.
func lastChecks(ctx context.Context, s follow.Session, names []string) (map[string]checked, error) {
	found := make(map[string]checked, len(names))
	if len(names) == 0 {
		return found, nil
	}
	for _, name := range names {
		found[name] = checked{}
	}
	query := fmt.Sprintf("WorkflowType = '%s'", workflows.TypeRenew)
	if len(names) <= fewModels {
		ids := make([]string, len(names))
		for i, name := range names {
			ids[i] = workflows.ScheduleID(name)
		}
		query += " AND TemporalScheduledById IN ('" + strings.Join(ids, "', '") + "')"
	}
	missing, pages := len(names), 0
	err := list(ctx, s, query, func(r *workflowservice.ListWorkflowExecutionsResponse) bool {
		for _, e := range r.GetExecutions() {
			name := checkedModel(e.GetExecution().GetWorkflowId())
			c, wanted := found[name]
			if !wanted || c.good != nil {
				continue
			}
			if c.take(e); c.good != nil {
				missing--
			}
			found[name] = c
		}
		pages++
		return missing > 0 && pages < mostPages
	})
	if err == nil {
		readChecks(ctx, s, found)
	}
	return found, err
}

// byASchedule is the ID of a check that a schedule has fired: that of the schedule, and the time.
var byASchedule = regexp.MustCompile(`^renew/(.+)-\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$`)

// checkedModel is the model that a check looked at; empty when no schedule fired it.
func checkedModel(workflowID string) string {
	if m := byASchedule.FindStringSubmatch(workflowID); m != nil {
		return m[1]
	}
	return ""
}

// take counts one check, which ended before those that were counted. One that goes on, and one that somebody canceled, tell nothing.
func (c *checked) take(e *workflowpb.WorkflowExecutionInfo) {
	ended := e.GetCloseTime().AsTime()
	switch e.GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		c.good, c.Good = e, &ended
	case enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		if c.failed == nil {
			c.failed = e
		}
		c.Failed, c.Since = c.Failed+1, ended
	}
}

// readChecks reads how the last checks ended.
func readChecks(ctx context.Context, s follow.Session, found map[string]checked) {
	names := make([]string, 0, len(found))
	all := make([]checked, 0, len(found))
	for name, c := range found {
		names, all = append(names, name), append(all, c)
	}
	var group errgroup.Group
	group.SetLimit(schedules.AtOnce)
	for i := range all {
		if all[i].failed != nil {
			group.Go(func() error { all[i].readFailed(ctx, s); return nil })
		}
		if all[i].good != nil && found[names[i]].telling() {
			group.Go(func() error { all[i].readGood(ctx, s); return nil })
		}
	}
	_ = group.Wait() // what cannot be read is left out
	for i, name := range names {
		found[name] = all[i]
	}
}

// telling tells that the last good check found something, or that Temporal cannot say: then it knows no search attributes.
func (c checked) telling() bool {
	shown := c.good.GetSearchAttributes().GetIndexedFields()
	return fleet.MemoText(shown[workflows.AttributeAlarm.GetName()]) != "" || fleet.MemoText(shown[workflows.AttributeModel.GetName()]) == ""
}

func (c *checked) readGood(ctx context.Context, s follow.Session) {
	ctx, cancel := context.WithTimeout(ctx, resultTimeout)
	defer cancel()
	var report lifecycle.RenewReport
	id := c.good.GetExecution()
	if s.GetWorkflow(ctx, id.GetWorkflowId(), id.GetRunId()).Get(ctx, &report) == nil {
		c.Alarms = report.Alarms
	}
}

func (c *checked) readFailed(ctx context.Context, s follow.Session) {
	ctx, cancel := context.WithTimeout(ctx, resultTimeout)
	defer cancel()
	id := c.failed.GetExecution()
	err := s.GetWorkflow(ctx, id.GetWorkflowId(), id.GetRunId()).Get(ctx, nil)
	_, late := errors.AsType[*temporal.TimeoutError](err)
	_, terminated := errors.AsType[*temporal.TerminatedError](err)
	failed, is := errors.AsType[*temporal.ApplicationError](err)
	switch {
	case late:
		c.Failure = &lifecycle.Failure{
			Type: lifecycle.TimedOut, Message: "no worker finished it within its hour",
			Next: lifecycle.Ptr("look at the worker of task queue " + c.failed.GetTaskQueue() + " and its log: worker --task-queue " + c.failed.GetTaskQueue()),
		}
	case terminated:
		c.Failure = &lifecycle.Failure{Message: "somebody terminated it"}
	case is:
		f, told := lifecycle.Failure{Message: failed.Message()}, lifecycle.Told{}
		if failed.HasDetails() && failed.Details(&f, &told) == nil && !told.Since.IsZero() && told.Since.Before(c.Since) {
			c.Since = told.Since
		}
		c.Failure = &f
	}
}
