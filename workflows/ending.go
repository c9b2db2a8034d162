package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// failed is the failure of a step on its way to the end of the workflow.
type failed struct{ failure lifecycle.Failure }

func (f *failed) Error() string { return f.failure.Message }

// stepError gives what an activity returned its failure class; a cancellation stays one.
func stepError(ctx workflow.Context, err error, step string, budget activities.Budget) error {
	if err == nil || canceled(ctx, err) {
		return err
	}
	if o, ok := errors.AsType[*outwaited](err); ok {
		budget.Waited = lifecycle.Duration(o.waited)
	}
	return &failed{failure: activities.FailureOf(err, step, budget)}
}

// asFailure is an error as the failure that a report tells.
func asFailure(err error) lifecycle.Failure {
	if f, ok := errors.AsType[*failed](err); ok {
		return f.failure
	}
	return activities.FailureOf(err, "the run", activities.Budget{})
}

// canceled tells that a workflow ends because it was canceled: that is no failure.
func canceled(ctx workflow.Context, err error) bool {
	return ctx.Err() != nil || temporal.IsCanceledError(err)
}

// failure is how every workflow fails: the class is the error's type, and the details are what the contract says of it.
func failure(f lifecycle.Failure, details ...any) error {
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Type), temporal.ApplicationErrorOptions{NonRetryable: true, Details: details})
}

// ended is the end of a workflow that tells nothing but its failure.
func ended(ctx workflow.Context, err error) error {
	if err == nil || canceled(ctx, err) {
		return err
	}
	f := asFailure(err)
	return failure(f, f)
}

func isNotFound(f lifecycle.Failure) bool { return f.Code != nil && *f.Code == "NotFound" }

// outwaited is the end of an activity that has kept waits beyond its limit.
type outwaited struct {
	error

	waited time.Duration
}

func (o *outwaited) Unwrap() error { return o.error }
