package workflows

import (
	"encoding/json"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// Observed is what the service remembers: a row a model, and the datasets that nothing refers to.
type Observed = activities.ObservedModels

// Observe reads what the service itself remembers of models, at most lifecycle.MostRows of them in one answer. It changes
// nothing.
func (w *Workflows) Observe(ctx workflow.Context, input json.RawMessage) (Observed, error) {
	in, problems := decode.Observe(input)
	if len(problems) > 0 {
		return Observed{}, ended(ctx, invalidRequest(problems))
	}
	limit := lifecycle.DefaultRequest().Limits.Unavailable
	ctx = workflow.WithActivityOptions(ctx, short(limit.Std(), "observe", "Read what the service remembers"))
	seen := Observed{Rows: []lifecycle.Row{}, Datasets: []lifecycle.UnusedDataset{}}
	wanted := activities.ObserveInput{
		Scope: activities.Scope{Run: runOf(ctx), Began: beganAt(ctx)}, Names: in.Names, Datasets: in.Datasets, Scheduled: in.Scheduled,
	}
	if after, ok := lifecycle.ReadRowKey(in.After); ok {
		wanted.After = &after
	}
	err := patience{free: askedFree}.execute(ctx, a.ObserveModels, wanted).Get(ctx, &seen)
	err = stepError(ctx, err, "Read what the service remembers", activities.Budget{Limit: limit})
	if err == nil {
		workflow.SetCurrentDetails(ctx, "What the service remembers: "+words.Count(len(seen.Rows), "model")+". Nothing was changed.")
	}
	return seen, ended(ctx, err)
}
