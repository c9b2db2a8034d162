package workflows

import (
	"encoding/json"
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// ObserveInput names the models to read; none = every model that carries our marks.
type ObserveInput struct {
	Names []string `json:"names"`
	// Datasets asks for the datasets of ours that nothing refers to, too.
	Datasets bool `json:"datasets,omitempty"`
}

// Observed is what the service remembers: a row a model, and the datasets that nothing refers to.
type Observed = activities.ObservedModels

// Observe reads what the service itself remembers of models. It changes nothing.
func (w *Workflows) Observe(ctx workflow.Context, input json.RawMessage) (Observed, error) {
	in, problems := decodeObserve(input)
	if len(problems) > 0 {
		return Observed{}, observeError(asFailure(invalidRequest(problems)))
	}
	limit := lifecycle.DefaultRequest().Limits.Unavailable
	ctx = workflow.WithActivityOptions(ctx, short(limit.Std(), "observe", "Read what the service remembers"))
	seen := Observed{Rows: []lifecycle.Row{}, Datasets: []lifecycle.UnusedDataset{}}
	err := patience{free: askedFree}.execute(ctx, a.ObserveModels, activities.ObserveInput{Scope: activities.Scope{Run: runOf(ctx)}, Names: in.Names, Datasets: in.Datasets}).Get(ctx, &seen)
	err = stepError(ctx, err, "Read what the service remembers", activities.Budget{Limit: limit})
	if f, ok := errors.AsType[*failed](err); ok {
		return Observed{}, observeError(f.failure)
	}
	return seen, err
}

func observeError(f lifecycle.Failure) error {
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Type), temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{f}})
}

func decodeObserve(raw []byte) (ObserveInput, []lifecycle.Problem) {
	in := ObserveInput{Names: []string{}}
	root, problems := parseTree(raw)
	c := &checker{problems: problems}
	if root.kind == "" {
		return in, c.problems
	}
	if o, ok := c.asObject(root, ""); ok {
		in.Names = append(in.Names, o.texts("names")...)
		for i, n := range in.Names {
			if !nameForm.MatchString(n) {
				o.problem(index(o.at("names"), i), "must be 1 to 40 of a-z, 0-9 and -")
			}
		}
		o.flag("datasets", &in.Datasets)
		o.done()
	}
	return in, c.problems
}
