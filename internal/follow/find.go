package follow

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc/codes"

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
func (r *Run) Find(ctx context.Context) (running bool, err error) {
	running, err = r.Look(ctx)
	switch {
	case err == nil:
		return running, nil
	case ctx.Err() != nil:
		return false, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while looking for a run of %s", r.Target())
	case Missing(err):
		return false, exit.New(exit.Failed, exit.NotFound, "Temporal knows no run of %s in namespace %s", r.Target(), r.Namespace).
			Next("start one with: starter run --file FILE; ended runs are kept only for the namespace's retention time")
	}
	return false, r.Unreachable(err)
}

// Look finds the latest run of the workflow and tells whether it goes on. The error is the API's.
func (r *Run) Look(ctx context.Context) (running bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, err := r.DescribeWorkflowExecution(ctx, r.ID, "")
	if err != nil {
		return false, err
	}
	info := described.GetWorkflowExecutionInfo()
	r.RunID = info.GetExecution().GetRunId()
	r.TaskQueue = cmp.Or(r.TaskQueue, described.GetExecutionConfig().GetTaskQueue().GetName(), info.GetTaskQueue())
	return info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

// Result is the report of a run that has ended.
func (r *Run) Result(ctx context.Context) (lifecycle.Report, error) {
	var report lifecycle.Report
	err := r.GetWorkflow(ctx, r.ID, r.RunID).Get(ctx, &report)
	if ctx.Err() != nil {
		return report, r.interrupted(r.Blank())
	}
	return r.conclude(ctx, report, err, r.Blank())
}

// Remembered is the report of the latest run, as Temporal has it.
func (r *Run) Remembered(ctx context.Context) (lifecycle.Report, error) {
	running, err := r.Find(ctx)
	if err != nil {
		return lifecycle.Report{}, err
	}
	if !running {
		report, err := r.Result(ctx)
		if err == nil && r.rolledBack(ctx) {
			report.Notes = append(report.Notes, "the model was rolled back since: see it with: "+r.Hint("report", workflows.RollbackID(r.Name)))
		}
		return report, err
	}
	return r.now(ctx)
}

// now is the report of a run that goes on, with what keeps it.
func (r *Run) now(ctx context.Context) (lifecycle.Report, error) {
	report, err := r.query(ctx, slowTimeout)
	if ctx.Err() != nil {
		return report, r.interrupted(r.Blank())
	}
	if err != nil {
		return report, r.left(r.unanswered(ctx, err), r.Blank())
	}
	if report.Outcome == lifecycle.Running {
		report.Trouble = r.Troubles(ctx, r.ID, r.RunID)
	}
	return report, nil
}

// Told is the report of the run with this very ID and RunID, whether it goes on or has ended, as Temporal has it. The error
// is a *exit.Failure.
func (r *Run) Told(ctx context.Context) (lifecycle.Report, error) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, err := r.DescribeWorkflowExecution(call, r.ID, r.RunID)
	switch info := described.GetWorkflowExecutionInfo(); {
	case Missing(err) || code(err) == codes.InvalidArgument:
		return r.Blank(), exit.New(exit.Failed, exit.NotFound, "Temporal knows no run %s of %s in namespace %s", r.RunID, r.ID, r.Namespace).
			Next("ended runs are kept only for the namespace's retention time")
	case err != nil:
		return r.Blank(), r.Unreachable(err)
	case info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		r.TaskQueue = cmp.Or(r.TaskQueue, described.GetExecutionConfig().GetTaskQueue().GetName(), info.GetTaskQueue())
		return r.now(ctx)
	}
	return r.Result(ctx)
}

// rolledBack tells whether a rollback that began after this run has succeeded: then the report does not
// say what serves now. When that cannot be learnt, it does not.
func (r *Run) rolledBack(ctx context.Context) bool {
	started := func(id string) (time.Time, bool) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		described, err := r.DescribeWorkflowExecution(ctx, id, "")
		info := described.GetWorkflowExecutionInfo()
		return info.GetStartTime().AsTime(), err == nil && info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	}
	if r.ID != workflows.RetrainID(r.Name) {
		return false
	}
	rollback, done := started(workflows.RollbackID(r.Name))
	if !done {
		return false
	}
	run, _ := started(r.ID)
	return rollback.After(run)
}

// Input is what the run was started with. The error is a *exit.Failure.
func (r *Run) Input(ctx context.Context) (json.RawMessage, error) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	events := r.GetWorkflowHistory(call, r.ID, r.RunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return nil, exit.New(exit.Failed, exit.NotFound, "run %s of %s has no history", r.RunID, r.ID)
	}
	event, err := events.Next()
	if err != nil {
		if Missing(err) {
			return nil, exit.New(exit.Failed, exit.NotFound, "run %s of %s is gone", r.RunID, r.ID).Next("name the request with the tests: --file FILE")
		}
		return nil, r.Unreachable(err)
	}
	var raw json.RawMessage
	if err := converter.GetDefaultDataConverter().FromPayloads(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), &raw); err != nil {
		return nil, exit.New(exit.Failed, lifecycle.Internal, "cannot read the request of run %s of %s: %s", r.RunID, r.ID, err).
			Next("name the request with the tests: --file FILE")
	}
	return raw, nil
}
