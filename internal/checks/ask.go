package checks

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/lifecycle"
)

// listSchedules lists the schedules of this owner's models.
func (w *Watch) listSchedules(ctx context.Context) error {
	list, err := w.temporal.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: page})
	if err != nil {
		return err
	}
	seen, foreign := map[string]schedule{}, map[string]bool{}
	for list.HasNext() {
		entry, err := list.Next()
		if err != nil {
			return err
		}
		name, is := strings.CutPrefix(entry.ID, lifecycle.ScheduleID(""))
		if !is || !lifecycle.IsName(name) {
			continue
		}
		if cmp.Or(text(entry.Memo.GetFields()["owner"]), w.owner) != w.owner {
			foreign[name] = true
			continue
		}
		seen[name] = schedule{paused: entry.Paused, madeAt: w.schedules[name].madeAt}
	}
	w.schedules, w.foreign = seen, foreign
	return nil
}

// listEnded takes in the checks and the retrains that have ended since the last look. The first look reads the newest retrains of all that
// Temporal remembers: a model is retrained a few times a year.
func (w *Watch) listEnded(ctx context.Context, at time.Time) error {
	since := w.since
	if since.IsZero() {
		since = at.Add(-reach)
	}
	query := fmt.Sprintf("WorkflowType = 'Renew' AND ExecutionStatus != 'Running' AND CloseTime > '%s'", since.UTC().Format(time.RFC3339Nano))
	if err := w.list(ctx, query, w.take); err != nil {
		return err
	}
	query = "WorkflowType IN ('Retrain', 'Adopt') AND ExecutionStatus != 'Running'"
	if !w.since.IsZero() {
		query += fmt.Sprintf(" AND CloseTime > '%s'", w.since.UTC().Format(time.RFC3339Nano))
	}
	if err := w.list(ctx, query, w.takeRetrain); err != nil {
		return err
	}
	w.since = at.Add(-overlap)
	return nil
}

// takeRetrain takes in one retrain that has ended; a version that was adopted is as good as one that succeeded.
func (w *Watch) takeRetrain(e *workflowpb.WorkflowExecutionInfo) {
	name, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), lifecycle.RetrainID(""))
	if !is && e.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		name, is = strings.CutPrefix(e.GetExecution().GetWorkflowId(), "adopt/")
	}
	if !is || !lifecycle.IsName(name) || e.GetCloseTime() == nil || e.GetCloseTime().AsTime().Before(w.retrained[name].at) {
		return
	}
	ok := []enumspb.WorkflowExecutionStatus{enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED}
	w.retrained[name] = retrained{at: e.GetCloseTime().AsTime(), failed: !slices.Contains(ok, e.GetStatus())}
}

// list lists runs, newest first, as far as the bound goes.
func (w *Watch) list(ctx context.Context, query string, take func(*workflowpb.WorkflowExecutionInfo)) error {
	var next []byte
	for range mostPages {
		list, err := w.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: page, NextPageToken: next, Query: query})
		if err != nil {
			return err
		}
		for _, e := range list.GetExecutions() {
			take(e)
		}
		if next = list.GetNextPageToken(); len(next) == 0 {
			break
		}
	}
	return nil
}

// take takes in one check that has ended. One that was canceled, terminated or timed out has failed: it looked at nothing.
func (w *Watch) take(e *workflowpb.WorkflowExecutionInfo) {
	name := modelOf(e)
	if name == "" || e.GetCloseTime() == nil {
		return
	}
	of, at := w.ended[name], e.GetCloseTime().AsTime()
	switch e.GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		if !at.Before(of.goodAt) {
			of.goodAt = at
			of.alarm, of.locale = attribute(e, "SpeechAlarm"), attribute(e, "SpeechLocale")
		}
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return
	default:
		of.failedAt = later(of.failedAt, at)
	}
	w.ended[name] = of
}

// modelOf is the model that a check is of: by its search attribute, else by the ID that schedules give; empty when neither
// tells.
func modelOf(e *workflowpb.WorkflowExecutionInfo) string {
	if name := attribute(e, "SpeechModel"); name != "" {
		return name
	}
	rest, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), lifecycle.ScheduleID(""))
	if !is {
		return ""
	}
	// A schedule appends "-" and the time at which it fired: 2026-06-01T03:00:00Z.
	if at := len(rest) - len("-2006-01-02T15:04:05Z"); at > 0 {
		if _, err := time.Parse("-"+time.RFC3339, rest[at:]); err == nil {
			return rest[:at]
		}
	}
	return rest
}

// questions are the runs that wait for a person. Each is asked once until when: that does not change before its end.
func (w *Watch) questions(ctx context.Context, at time.Time) ([]Question, error) {
	waiting := map[string]string{} // the model by run ID
	err := w.list(ctx, "WorkflowType = 'Retrain' AND ExecutionStatus = 'Running'", func(e *workflowpb.WorkflowExecutionInfo) {
		name, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), lifecycle.RetrainID(""))
		// A namespace without search attributes does not tell the stage: then the run itself is asked.
		stage := cmp.Or(attribute(e, "SpeechStage"), string(lifecycle.StageApproval))
		if is && lifecycle.IsName(name) && !w.foreign[name] && stage == string(lifecycle.StageApproval) {
			waiting[e.GetExecution().GetRunId()] = name
		}
	})
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(w.asked, func(run string, q Question) bool { return waiting[run] == "" || q.Until.Before(at) })
	asked := 0
	for run, name := range waiting {
		if _, known := w.asked[run]; known || asked == mostAsked {
			continue
		}
		asked++
		// One that no worker can answer for now is asked again at the next look.
		if until := w.until(ctx, name, run); !until.IsZero() {
			w.asked[run] = Question{Model: name, Until: until}
		}
	}
	return slices.Collect(maps.Values(w.asked)), nil
}

// until is when the question of a run ends; zero when it asks none, or cannot be asked.
func (w *Watch) until(ctx context.Context, name, run string) time.Time {
	value, err := w.temporal.QueryWorkflow(ctx, lifecycle.RetrainID(name), run, lifecycle.QueryStatus)
	if err != nil {
		return time.Time{}
	}
	var report lifecycle.Report
	if value.Get(&report) != nil || report.WaitingFor == nil || report.WaitingFor.Kind != lifecycle.WaitsForApproval || report.WaitingFor.Deadline == nil {
		return time.Time{}
	}
	return *report.WaitingFor.Deadline
}

// askMade asks when the schedules were made of which no good check is remembered.
func (w *Watch) askMade(ctx context.Context) error {
	asked := 0
	for name, of := range w.schedules {
		if !of.madeAt.IsZero() || !w.ended[name].goodAt.IsZero() || asked == mostAsked {
			continue
		}
		asked++
		described, err := w.temporal.ScheduleClient().GetHandle(ctx, lifecycle.ScheduleID(name)).Describe(ctx)
		if err != nil {
			return err
		}
		of.madeAt = described.Info.CreatedAt
		w.schedules[name] = of
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// attribute is a search attribute of a run; empty when it has none of the name.
func attribute(e *workflowpb.WorkflowExecutionInfo, name string) string {
	return text(e.GetSearchAttributes().GetIndexedFields()[name])
}

// text is a text of a memo or a search attribute.
func text(p *commonpb.Payload) (text string) {
	if p != nil && converter.GetDefaultDataConverter().FromPayload(p, &text) != nil {
		return ""
	}
	return text
}
