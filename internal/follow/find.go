package follow

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// ParseTarget tells which workflow is meant. It is that of a model's retrain, or the one of the ID that
// the Temporal CLI and the web UI show: retrain/NAME, evaluate/NAME or rollback/NAME.
func ParseTarget(target string) (id, name string, err error) {
	id, name = workflows.RetrainID(target), target
	for _, prefix := range []string{workflows.RetrainID(""), workflows.EvaluateID(""), workflows.RollbackID(""), workflows.AdoptID("")} {
		if rest, is := strings.CutPrefix(target, prefix); is {
			id, name = target, rest
		}
	}
	if name == "" {
		return "", "", exit.Refuse(lifecycle.InvalidRequest, "NAME must not be empty: it is the name in the request")
	}
	return id, name, nil
}

// Find is Look with a *exit.Failure as its error.
func (f *Run) Find(ctx context.Context) (running bool, err error) {
	running, err = f.Look(ctx)
	switch {
	case err == nil:
		return running, nil
	case ctx.Err() != nil:
		return false, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while looking for a run of %s", f.Target())
	case Missing(err):
		return false, exit.New(exit.Failed, exit.NotFound, "Temporal knows no run of %s in namespace %s", f.Target(), f.Namespace).
			Next("start one with: starter run --file FILE; ended runs are kept only for the namespace's retention time")
	}
	return false, f.Unreachable(err)
}

// Look finds the latest run of the workflow and tells whether it goes on. The error is the API's.
func (f *Run) Look(ctx context.Context) (running bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, err := f.DescribeWorkflowExecution(ctx, f.ID, "")
	if err != nil {
		return false, err
	}
	info := described.GetWorkflowExecutionInfo()
	f.RunID = info.GetExecution().GetRunId()
	f.TaskQueue = cmp.Or(f.TaskQueue, described.GetExecutionConfig().GetTaskQueue().GetName(), info.GetTaskQueue())
	return info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

// Result is the report of a run that has ended.
func (f *Run) Result(ctx context.Context) (lifecycle.Report, error) {
	var report lifecycle.Report
	err := f.GetWorkflow(ctx, f.ID, f.RunID).Get(ctx, &report)
	if ctx.Err() != nil {
		return report, f.interrupted(f.Blank())
	}
	return f.conclude(ctx, report, err, f.Blank())
}

// Remembered is the report of the latest run, as Temporal has it.
func (f *Run) Remembered(ctx context.Context) (lifecycle.Report, error) {
	running, err := f.Find(ctx)
	if err != nil {
		return lifecycle.Report{}, err
	}
	if !running {
		report, err := f.Result(ctx)
		if err == nil && f.rolledBack(ctx) {
			report.Notes = append(report.Notes, "the model was rolled back since: see it with: "+f.Hint("report", workflows.RollbackID(f.Name)))
		}
		return report, err
	}
	report, err := f.query(ctx, slowTimeout)
	if ctx.Err() != nil {
		return report, f.interrupted(f.Blank())
	}
	if err != nil {
		return report, f.left(f.unanswered(ctx, err), f.Blank())
	}
	if report.Outcome == lifecycle.Running {
		report.Trouble = f.Troubles(ctx, f.ID, f.RunID)
	}
	return report, nil
}

// rolledBack tells whether a rollback that began after this run has succeeded: then the report does not
// say what serves now. When that cannot be learnt, it does not.
func (f *Run) rolledBack(ctx context.Context) bool {
	started := func(id string) (time.Time, bool) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		described, err := f.DescribeWorkflowExecution(ctx, id, "")
		info := described.GetWorkflowExecutionInfo()
		return info.GetStartTime().AsTime(), err == nil && info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	}
	if f.ID != workflows.RetrainID(f.Name) {
		return false
	}
	rollback, done := started(workflows.RollbackID(f.Name))
	if !done {
		return false
	}
	run, _ := started(f.ID)
	return rollback.After(run)
}

// Input is what the run was started with. The error is a *exit.Failure.
func (f *Run) Input(ctx context.Context) (json.RawMessage, error) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	events := f.GetWorkflowHistory(call, f.ID, f.RunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return nil, exit.New(exit.Failed, exit.NotFound, "run %s of %s has no history", f.RunID, f.ID)
	}
	event, err := events.Next()
	if err != nil {
		if Missing(err) {
			return nil, exit.New(exit.Failed, exit.NotFound, "run %s of %s is gone", f.RunID, f.ID).Next("name the request with the tests: --file FILE")
		}
		return nil, f.Unreachable(err)
	}
	var raw json.RawMessage
	if err := converter.GetDefaultDataConverter().FromPayloads(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), &raw); err != nil {
		return nil, exit.New(exit.Failed, lifecycle.Internal, "cannot read the request of run %s of %s: %s", f.RunID, f.ID, err).
			Next("name the request with the tests: --file FILE")
	}
	return raw, nil
}
