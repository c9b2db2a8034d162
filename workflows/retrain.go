package workflows

import (
	"encoding/json"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// a names activities for the SDK; its methods are never called here.
var a *activities.Activities

// Retrain makes one new version of a model: it chooses the base model, trains it on the request's data,
// and reports the version with its expiry. Input is a request as raw JSON, so that all that is wrong
// with it is said at once; result is a lifecycle.Report. A failed run carries the report as first detail
// of its error, a canceled one as detail of its CanceledError.
func (w *Workflows) Retrain(ctx workflow.Context, input json.RawMessage) (lifecycle.Report, error) {
	r, err := newRetrain(ctx, w.options)
	if err != nil {
		return lifecycle.Report{}, err
	}
	return r.end(ctx, r.run(ctx, input))
}

// retrain is the state of one run.
type retrain struct {
	*stages
	request lifecycle.Request
	scope   activities.Scope
	// training holds what each training entry of the request turned out to be, in its order.
	training []activities.DataFound
	base     activities.BaseResult
}

func newRetrain(ctx workflow.Context, o Options) (*retrain, error) {
	s, err := newStages(ctx, o)
	if err != nil {
		return nil, err
	}
	return &retrain{stages: s}, nil
}

func (r *retrain) run(ctx workflow.Context, input json.RawMessage) error {
	r.enter(ctx, lifecycle.StageValidate)
	if err := r.validate(ctx, input); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageProject)
	if err := r.ensureProject(ctx); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageBase)
	if err := r.chooseBase(ctx); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageData)
	if err := r.prepareData(ctx); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageTrain)
	if err := r.train(ctx); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageReport)
	return r.promote(ctx)
}

// end turns the way a run ended into its report and Temporal's own ending.
func (r *retrain) end(ctx workflow.Context, err error) (lifecycle.Report, error) {
	switch {
	case err == nil:
		r.finish(ctx, lifecycle.Succeeded)
		return *r.report, nil
	case ctx.Err() != nil || temporal.IsCanceledError(err):
		return r.cancel(ctx)
	default:
		return r.fail(ctx, err)
	}
}

// cancel ends a canceled run at once; what a create on its way leaves behind is the sweep's.
func (r *retrain) cancel(ctx workflow.Context) (lifecycle.Report, error) {
	after, _ := workflow.NewDisconnectedContext(ctx)
	if r.entered(lifecycle.StageTrain) {
		if err := r.startSweep(after); err != nil {
			r.note("the sweep that removes what this run leaves behind could not be started (%v): start it with: %s", err, r.sweepCommand())
		} else {
			r.note("what this run leaves behind is removed by workflow %s", SweepID(r.request.Name))
		}
	}
	r.finish(after, lifecycle.Canceled)
	return *r.report, temporal.NewCanceledError(*r.report)
}

// fail ends a failed run: its version, if any, is marked failed and kept until the next success.
func (r *retrain) fail(ctx workflow.Context, err error) (lifecycle.Report, error) {
	failure := asFailure(err)
	if v := r.report.Version; v != nil && !isNotFound(failure) {
		if marked := r.markFailed(ctx, v); marked != nil {
			r.note("version %s could not be marked failed: %v", v.ID, marked)
		}
	}
	r.report.Error = &failure
	if len(failure.Refused) > 0 {
		r.report.BaseModelsRefused = failure.Refused
		r.report.Error.Refused = nil
	}
	r.finish(ctx, lifecycle.Failed)
	return *r.report, temporal.NewApplicationErrorWithOptions(failure.Message, string(failure.Type), temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{*r.report},
	})
}

func (r *retrain) markFailed(ctx workflow.Context, v *lifecycle.VersionReport) error {
	ctx = workflow.WithActivityOptions(ctx, short(cleanupLimit, "mark-failed", "Mark the version failed"))
	err := workflow.ExecuteActivity(ctx, a.MarkVersion, activities.MarkInput{Scope: r.scope, ID: v.ID, State: lifecycle.StateFailed}).Get(ctx, nil)
	if err == nil {
		v.State = lifecycle.StateFailed
	}
	return err
}

// startSweep starts the sweep of this model; one that runs already does the same work.
func (r *retrain) startSweep(ctx workflow.Context) error {
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

func (r *retrain) sweepCommand() string {
	return fmt.Sprintf(`temporal workflow start --type %s --task-queue %s --workflow-id %s --input '{"name":%q,"locale":%q}'`,
		TypeSweep, r.taskQueue, SweepID(r.request.Name), r.request.Name, r.request.Locale)
}

// cleanupLimit bounds what a run still tries to tidy up after it has failed.
const cleanupLimit = 2 * time.Minute
