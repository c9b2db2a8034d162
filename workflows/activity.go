package workflows

import (
	"context"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// effect is an activity: the compiler holds its input and its result to it.
type effect[In, Out any] func(context.Context, In) (Out, error)

// do runs one short activity of a run. The error is a *failed, or a cancellation.
func do[In, Out any](ctx workflow.Context, r *retrain, id, summary string, activity effect[In, Out], input In) (Out, error) {
	var result Out
	err := r.call(ctx, id, summary, activity, input, &result)
	return result, err
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

// pending is a wait that has begun.
type pending[Out any] struct {
	workflow.Future

	waiting waiting
}

// wait begins a long wait for what an activity gives.
func wait[In, Out any](ctx workflow.Context, r *retrain, w waiting, activity effect[In, Out], input In) pending[Out] {
	ctx = workflow.WithActivityOptions(ctx, long(w.limit.Std(), w.id, w.summary))
	return pending[Out]{Future: r.patience().execute(ctx, activity, input), waiting: w}
}

// get is how the wait ended. The error is a *failed, or a cancellation.
func (p pending[Out]) get(ctx workflow.Context) (Out, error) {
	var result Out
	err := p.Get(ctx, &result)
	w := p.waiting
	return result, stepError(ctx, err, w.of, activities.Budget{Limit: w.limit, Field: w.field, Wait: true})
}
