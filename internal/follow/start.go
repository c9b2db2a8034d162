package follow

import (
	"cmp"
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/workflows"
)

// Cancel asks the run to end. It tells whether there was one; the error is a *exit.Failure.
func (r *Run) Cancel(ctx context.Context) (found bool, err error) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err = r.CancelWorkflow(call, r.ID, r.RunID)
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, r.interrupted(r.Blank())
	case Missing(err):
		return false, nil
	}
	return false, r.Unreachable(err)
}

// Purpose says in Temporal's web UI what a run is for and who asked for it.
type Purpose struct {
	// Summary is what it does, in one line.
	Summary string
	// Command is what of this program asked for it. By is who gave it, the session's user when empty; Reason is why, empty when
	// that is not asked.
	Command, By, Reason string
}

// static are the summary and the details, in Markdown, that the run carries from its start.
func (p Purpose) static(user string) (summary, details string) {
	summary, details = p.Summary+", asked for", "Asked for"
	if who := cmp.Or(p.By, user); who != "" {
		summary, details = summary+" by "+who, details+" by "+visible.Escape(who)
	}
	details += " with " + visible.Code(p.Command)
	if p.Reason != "" {
		summary, details = summary+": "+p.Reason, details+": "+visible.Escape(p.Reason)
	}
	return visible.Summary(summary), details
}

// Start starts a workflow. It returns the API's own error when one of the same ID goes on already, else
// a *exit.Failure.
func (r *Run) Start(ctx context.Context, workflow string, why Purpose, input any) error {
	summary, details := why.static(r.User)
	run, err := r.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:        r.ID,
		TaskQueue: r.TaskQueue,
		// Without it the SDK would silently attach to a run that goes on.
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:                            summary,
		StaticDetails:                            details,
	}, workflow, input)
	if err == nil {
		r.RunID = run.GetRunID()
		return nil
	}
	if _, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); running {
		return err
	}
	look := r.Hint("watch", r.Target())
	if workflow == workflows.TypeSweep {
		look = r.temporal("workflow describe --workflow-id " + r.ID)
	}
	maybe := "the run may have been started all the same: look with: " + look
	if ctx.Err() != nil {
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while starting the run").Next("%s", maybe)
	}
	switch code(err) {
	case codes.InvalidArgument:
		return exit.Refuse(lifecycle.InvalidRequest, "Temporal refuses to start the run: %s", err)
	case codes.DeadlineExceeded, codes.Unavailable:
		why := r.Unreachable(err)
		return why.Next("%s; %s", *why.Cause.Next, maybe)
	}
	return r.Unreachable(err)
}
