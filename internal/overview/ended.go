package overview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/workflows"
)

// ended is what Temporal remembers of the newest retrain of a model that has ended, when that has failed or was canceled: the marks on
// the service know nothing of one that came to no version. Of others they tell.
type ended struct {
	lifecycle.RetrainsSeen

	outcome                   lifecycle.Outcome
	workflowID, runID, locale string
	// at are the ends of those that have failed, the newest first, until one was canceled; over tells that there was one.
	at   []time.Time
	over bool
}

// mostFailures is how many failed retrains are read for why; of the others, which are older, their reports tell.
const mostFailures = 100

// endedRetrains are those of some models, or of all without names, by model. It costs a list of those that have failed or were
// canceled, and when there are any one of those that have completed since; a version that was adopted since is as good.
func endedRetrains(ctx context.Context, s follow.Session, names []string) (map[string]ended, error) {
	found, pages := map[string]ended{}, 0
	query := fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus IN ('Failed', 'Canceled', 'TimedOut', 'Terminated')", workflows.TypeRetrain) +
		ofModels(names, workflows.RetrainID)
	err := list(ctx, s, query, func(r *workflowservice.ListWorkflowExecutionsResponse) bool {
		for _, e := range r.GetExecutions() {
			if name := modelOf(e, workflows.RetrainID); name != "" {
				of := found[name]
				of.take(e)
				found[name] = of
			}
		}
		pages++
		return pages < mostPages
	})
	if err != nil || len(found) == 0 {
		return found, err
	}
	var since time.Time
	names = nil
	for name, of := range found {
		names = append(names, name)
		if first := of.Since; since.IsZero() || first.Before(since) {
			since = first
		}
	}
	slices.Sort(names)
	query = fmt.Sprintf("WorkflowType IN ('%s', '%s') AND ExecutionStatus = 'Completed' AND CloseTime > '%s'",
		workflows.TypeRetrain, workflows.TypeAdopt, since.UTC().Format(time.RFC3339Nano)) + ofModels(names, workflows.RetrainID, workflows.AdoptID)
	seen := map[string]bool{}
	pages = 0
	err = list(ctx, s, query, func(r *workflowservice.ListWorkflowExecutionsResponse) bool {
		for _, e := range r.GetExecutions() {
			name := cmp.Or(modelOf(e, workflows.RetrainID), modelOf(e, workflows.AdoptID))
			if of, failed := found[name]; failed && !seen[name] {
				seen[name] = true
				of.completed(e.GetCloseTime().AsTime())
				found[name] = of
			}
		}
		pages++
		return len(seen) < len(found) && pages < mostPages
	})
	return found, err
}

// ofModels bounds a query to the runs of some models; of none or many all are listed.
func ofModels(names []string, kinds ...func(name string) string) string {
	if len(names) == 0 || len(names) > fewModels {
		return ""
	}
	var ids []string
	for _, id := range kinds {
		for _, name := range names {
			ids = append(ids, id(name))
		}
	}
	return " AND WorkflowId IN ('" + strings.Join(ids, "', '") + "')"
}

// modelOf is the model of a run of a kind; empty when its ID names none.
func modelOf(e *workflowpb.WorkflowExecutionInfo, kind func(name string) string) string {
	name, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), kind(""))
	if !is || decode.Name(name) != "" {
		return ""
	}
	return name
}

// take counts a retrain that has failed or was canceled, and ended before those that were counted.
func (e *ended) take(run *workflowpb.WorkflowExecutionInfo) {
	if e.over {
		return
	}
	failed := run.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED
	if e.runID == "" {
		e.outcome = lifecycle.Failed
		if !failed {
			e.outcome = lifecycle.Canceled
		}
		e.workflowID, e.runID = run.GetExecution().GetWorkflowId(), run.GetExecution().GetRunId()
		e.locale = fleet.MemoText(run.GetSearchAttributes().GetIndexedFields()[workflows.AttributeLocale.GetName()])
		e.Cause = fleet.MemoText(run.GetMemo().GetFields()[workflows.MemoCause])
		e.At, e.Since = run.GetCloseTime().AsTime(), run.GetCloseTime().AsTime()
	}
	if e.over = !failed; failed {
		e.at = append(e.at, run.GetCloseTime().AsTime())
		e.Failed, e.Since = len(e.at), e.at[len(e.at)-1]
	}
}

// completed takes in when the newest one ended that did complete: only what came after it counts.
func (e *ended) completed(at time.Time) {
	if !e.At.After(at) {
		*e = ended{}
		return
	}
	e.at = slices.DeleteFunc(e.at, func(failed time.Time) bool { return !failed.After(at) })
	if e.Failed = len(e.at); e.Failed > 0 {
		e.Since = e.at[e.Failed-1]
	}
}

// askFailures reads why the newest retrains of the models to show have failed, unless another one goes on.
func (l *look) askFailures(ctx context.Context, shown []found) {
	var names []string
	for _, row := range shown {
		if l.ended[row.Name].Failed > 0 && l.running[row.Name].runID == "" && !slices.Contains(names, row.Name) {
			names = append(names, row.Name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(l.ended[b].At.Compare(l.ended[a].At), cmp.Compare(a, b))
	})
	names = names[:min(len(names), mostFailures)]
	failures := make([]*lifecycle.Failure, len(names))
	var group errgroup.Group
	group.SetLimit(schedules.AtOnce)
	for i, name := range names {
		group.Go(func() error { failures[i] = whyFailed(ctx, l.session, l.ended[name]); return nil })
	}
	_ = group.Wait() // what cannot be read is left out
	for i, name := range names {
		of := l.ended[name]
		of.Failure = failures[i]
		l.ended[name] = of
	}
}

// whyFailed is what a retrain failed with; nil when that cannot be read.
func whyFailed(ctx context.Context, s follow.Session, e ended) *lifecycle.Failure {
	ctx, cancel := context.WithTimeout(ctx, resultTimeout)
	defer cancel()
	err := s.GetWorkflow(ctx, e.workflowID, e.runID).Get(ctx, nil)
	failed, is := errors.AsType[*temporal.ApplicationError](err)
	_, late := errors.AsType[*temporal.TimeoutError](err)
	_, terminated := errors.AsType[*temporal.TerminatedError](err)
	switch {
	case is:
		var report lifecycle.Report
		if failed.HasDetails() && failed.Details(&report) == nil && report.Error != nil {
			return report.Error
		}
		return &lifecycle.Failure{Type: lifecycle.FailureClass(failed.Type()), Message: failed.Message()}
	case late:
		return &lifecycle.Failure{Type: lifecycle.TimedOut, Message: "the run as a whole ran out of the time that it was started with"}
	case terminated:
		return &lifecycle.Failure{Type: exit.Terminated, Message: "somebody terminated it"}
	}
	return nil
}
