package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// effect is an activity: the compiler holds its input and its result to it.
type effect[In, Out any] func(context.Context, In) (Out, error)

// pending is an activity that has begun.
type pending[Out any] struct {
	future workflow.Future
	// of is what it is called in a failure, and budget how long it may take.
	of     string
	budget activities.Budget
}

// get is how the activity ended. The error is a *failed, or a cancellation.
func (p pending[Out]) get(ctx workflow.Context) (Out, error) {
	var result Out
	err := p.future.Get(ctx, &result)
	return result, stepError(ctx, err, p.of, p.budget)
}

// do runs one short activity of a run. The error is a *failed, or a cancellation.
func do[In, Out any](ctx workflow.Context, r *run, id, summary string, activity effect[In, Out], input In) (Out, error) {
	return begin(ctx, r, id, summary, activity, input).get(ctx)
}

// act runs one short activity of a run that gives nothing back.
func act[In any](ctx workflow.Context, r *run, id, summary string, activity func(context.Context, In) error, input In) error {
	p := r.begin(ctx, id, summary, activity, input)
	return stepError(ctx, p.future.Get(ctx, nil), p.of, p.budget)
}

// begin begins a short activity of a run.
func begin[In, Out any](ctx workflow.Context, r *run, id, summary string, activity effect[In, Out], input In) pending[Out] {
	return pending[Out](r.begin(ctx, id, summary, activity, input))
}

// begin gives a short activity the time that this run has for it. id is what operators type to pause or reset it.
func (r *run) begin(ctx workflow.Context, id, summary string, activity, input any) pending[any] {
	limit := r.request.Limits.Unavailable
	if r.deploying.canceled != nil && r.deploying.canceled() {
		limit = min(limit, r.deployLimit(ctx))
	}
	if !r.until.IsZero() {
		// At least a second, in which Temporal can say that nothing came of it.
		limit = lifecycle.Duration(max(r.until.Sub(workflow.Now(ctx)), time.Second))
	}
	ctx = workflow.WithActivityOptions(ctx, short(limit.Std(), id+r.suffix, summary))
	return pending[any]{future: r.patience().execute(ctx, activity, input), of: summary, budget: r.trying()}
}

// trying is the budget of a step that is not a wait.
func (r *run) trying() activities.Budget {
	limit := r.request.Limits.Unavailable
	if !r.until.IsZero() && limit > checkLimit {
		return activities.Budget{Limit: checkLimit, Field: "the time of a check"}
	}
	return activities.Budget{Limit: limit, Field: "limits.unavailable"}
}

// waiting is a long wait for one object.
type waiting struct {
	// id is what operators type to pause or reset it, summary what they see of it.
	id, summary string
	// of is what is waited for, as a failure names it: "the training of ...".
	of string
	// limit is how long, field the one of the request that says so.
	limit lifecycle.Duration
	field string
}

// wait begins a long wait for what an activity gives.
func wait[In, Out any](ctx workflow.Context, r *run, w waiting, activity effect[In, Out], input In) pending[Out] {
	ctx = workflow.WithActivityOptions(ctx, long(w.limit.Std(), w.id, w.summary))
	budget := activities.Budget{Limit: w.limit, Field: w.field, Wait: true}
	return pending[Out]{future: r.patience().execute(ctx, activity, input), of: w.of, budget: budget}
}

// deployLimit is how long one wait of the deployment may last.
func (r *run) deployLimit(ctx workflow.Context) lifecycle.Duration {
	if !r.deploying.canceled() {
		return r.request.Limits.Deploy
	}
	return lifecycle.Duration(max(r.deploying.deadline.Sub(workflow.Now(ctx)), time.Second))
}
