package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// Retrain makes one new version of a model: it chooses the base model, trains it on the request's data,
// and reports the version with its expiry. Input is a request as raw JSON, so that all that is wrong
// with it is said at once; result is a lifecycle.Report. A failed run carries the report as first detail
// of its error, a canceled one as detail of its CanceledError.
func (w *Workflows) Retrain(ctx workflow.Context, input json.RawMessage) (lifecycle.Report, error) {
	r, err := newRun(ctx, w.options)
	if err != nil {
		return lifecycle.Report{}, err
	}
	return r.end(ctx, r.retrain(ctx, input))
}

func newRun(ctx workflow.Context, o Options) (*run, error) {
	s, err := newStages(ctx, o)
	if err != nil {
		return nil, err
	}
	r := &run{stages: s}
	return r, r.handleAnswers(ctx)
}

func (r *run) retrain(ctx workflow.Context, input json.RawMessage) error {
	for _, step := range []struct {
		stage lifecycle.Stage
		do    func(workflow.Context) error
	}{
		{lifecycle.StageValidate, func(ctx workflow.Context) error { return r.validate(ctx, input) }},
		{lifecycle.StageProject, r.ensureProject},
		{lifecycle.StageBase, r.chooseBase},
		{lifecycle.StageData, r.prepareData},
		{lifecycle.StageTrain, r.train},
	} {
		r.enter(ctx, step.stage)
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	decision, err := r.judge(ctx)
	if err != nil {
		return err
	}
	if decision == lifecycle.DecideReject {
		return r.reject(ctx)
	}
	return r.promote(ctx)
}

// end turns the way a run ended into its report and Temporal's own ending.
func (r *run) end(ctx workflow.Context, err error) (lifecycle.Report, error) {
	switch {
	case err == nil && r.rejected:
		r.tell(ctx, lifecycle.Rejected)
		r.finish(ctx, lifecycle.Rejected)
		return *r.report, nil
	case err == nil:
		r.tell(ctx, lifecycle.Succeeded)
		r.finish(ctx, lifecycle.Succeeded)
		return *r.report, nil
	case canceled(ctx, err):
		return r.cancel(ctx, err)
	default:
		return r.fail(ctx, err)
	}
}

// cancel ends a canceled run at once; what a create on its way leaves behind is the sweep's.
func (r *run) cancel(ctx workflow.Context, err error) (lifecycle.Report, error) {
	after, _ := workflow.NewDisconnectedContext(ctx)
	if r.entered(lifecycle.StageTrain) {
		if err := r.startSweep(after); err != nil {
			r.note("the sweep that removes what this run leaves behind could not be started (%v): start it with: %s", err, r.sweepCommand())
		} else {
			r.note("what this run leaves behind is removed by workflow %s", SweepID(r.request.Name))
		}
	}
	return r.cancelWith(after, err)
}

// cancelWith closes the report of a canceled run. What failed on the way, such as a deployment that could
// not be undone, is not lost.
func (r *run) cancelWith(ctx workflow.Context, err error) (lifecycle.Report, error) {
	if f, ok := errors.AsType[*failed](err); ok {
		r.note("%s", f.failure.Message)
	}
	r.finish(ctx, lifecycle.Canceled)
	return *r.report, temporal.NewCanceledError(*r.report)
}

// endAside ends a run beside the retrains, which has no version of its own to tidy up.
func (r *run) endAside(ctx workflow.Context, err error) (lifecycle.Report, error) {
	switch {
	case err == nil:
		r.finish(ctx, lifecycle.Succeeded)
		return *r.report, nil
	case canceled(ctx, err):
		after, _ := workflow.NewDisconnectedContext(ctx)
		return r.cancelWith(after, err)
	default:
		return r.failWith(ctx, asFailure(err))
	}
}

// fail ends a failed run: its version, if any, is marked failed and kept until the next success.
func (r *run) fail(ctx workflow.Context, err error) (lifecycle.Report, error) {
	f := asFailure(err)
	if activities.Repairable(f) {
		f.Next = lifecycle.Ptr(activities.Repaired(f,
			"temporal workflow reset --workflow-id "+RetrainID(r.request.Name)+" --type FirstWorkflowTask --reason repaired"))
	}
	if v := r.report.Version; v != nil && f.Type == lifecycle.TrainingFailed && f.Ended {
		v.Status, v.ExpiresAt = lifecycle.StatusFailed, nil
	}
	switch v := r.report.Version; {
	case v == nil || isNotFound(f) && !f.Ended || r.serves(v.ID):
	case r.taken != nil && v.State == r.taken.Version.State:
		if n := r.failures(f); n > 0 {
			if marked := r.markFailures(ctx, v, "", n); marked != nil {
				r.note("that it has failed could not be marked on version %s: %v", v.ID, marked)
			}
		}
	case r.unknownServes():
		r.note("version %s stays marked %s: the next check finds out whether endpoint %s serves it", v.ID, v.State, r.report.Endpoint.ID)
	default:
		if marked := r.markFailures(ctx, v, lifecycle.StateFailed, r.failures(f)); marked != nil {
			r.note("version %s could not be marked failed: %v", v.ID, marked)
		}
	}
	f.Ended = false
	r.report.Error = &f
	r.tell(ctx, lifecycle.Failed)
	return r.failWith(ctx, f)
}

// failWith closes the report with a failure, and carries it in the error that Temporal keeps.
func (r *run) failWith(ctx workflow.Context, f lifecycle.Failure) (lifecycle.Report, error) {
	f.Ended = false
	r.report.Error = &f
	if len(f.Refused) > 0 {
		r.report.BaseModelsRefused = f.Refused
		r.report.Error.Refused = nil
	}
	r.finish(ctx, lifecycle.Failed)
	return *r.report, failure(f, *r.report)
}

// unknownServes tells that the run has begun to change the endpoint, and does not know what it serves now.
func (r *run) unknownServes() bool {
	e := r.report.Endpoint
	return r.report.Version.State == lifecycle.StateDeploying && e != nil && e.VersionID == nil && !r.neverServed
}

// failures counts the evaluations and deployments of the version that have failed in a row, when the run has failed by
// one; zero when it has failed otherwise.
func (r *run) failures(f lifecycle.Failure) int {
	if f.Type == lifecycle.EvaluationFailed || f.Type == lifecycle.DeployFailed {
		return r.failedBefore() + 1
	}
	return 0
}

// markFailures marks the version with a state, if not empty, and with how often an evaluation or deployment of it has failed.
func (r *run) markFailures(ctx workflow.Context, v *lifecycle.VersionReport, state lifecycle.State, failures int) error {
	limit := min(cleanupLimit, r.request.Limits.Unavailable.Std())
	ctx = workflow.WithActivityOptions(ctx, short(limit, "mark-failed", "Mark the version failed"))
	input := activities.MarkInput{Scope: r.scope, ID: v.ID, State: state, Failures: failures}
	err := workflow.ExecuteActivity(ctx, a.MarkVersion, input).Get(ctx, nil)
	if err == nil && state != "" {
		v.State = state
	}
	return err
}

// startSweep starts the sweep of this model; one that runs already does the same work.
func (r *run) startSweep(ctx workflow.Context) error {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: SweepID(r.request.Name), ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary: "Remove what a canceled run of " + r.request.Name + " left behind",
	})
	child := workflow.ExecuteChildWorkflow(ctx, TypeSweep, SweepInput{Name: r.request.Name, Locale: r.request.Locale})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}

func (r *run) sweepCommand() string {
	return fmt.Sprintf(`temporal workflow start --type %s --task-queue %s --workflow-id %s --input '{"name":%q,"locale":%q}'`,
		TypeSweep, r.taskQueue, SweepID(r.request.Name), r.request.Name, r.request.Locale)
}

// cleanupLimit bounds what a run still tries to tidy up after it has failed, also when it may wait longer for the
// service elsewhere.
const cleanupLimit = 2 * time.Minute
