package follow

import (
	"context"
	"encoding/json"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// mostBytes is how large the requests of one question may be together: a worker reads no larger input.
const mostBytes = 400 << 10

// PlanAsked is a model whose plan is asked for: its name, and its request as a workflow takes it.
type PlanAsked struct {
	Name string
	Raw  []byte
}

// PlansTold are the plans that one question was answered with, or why it was not. At are the places of its models among those
// that were asked for.
type PlansTold struct {
	At    []int
	Plans []lifecycle.Plan
	// Err is a *exit.Failure; nil when Plans has one for each. A plan that could not be made has the failure in itself.
	Err error
}

// AskPlans asks the workers of a queue for the plans of models, many in one question.
func (s Session) AskPlans(ctx context.Context, queue string, asked []PlanAsked) []PlansTold {
	raw := make([][]byte, len(asked))
	for i, a := range asked {
		raw[i] = a.Raw
	}
	batches := Batches(raw)
	told := make([]PlansTold, len(batches))
	var group errgroup.Group
	group.SetLimit(QuestionsAtOnce)
	for i, some := range batches {
		group.Go(func() error {
			told[i] = PlansTold{At: some}
			told[i].Plans, told[i].Err = s.askPlans(ctx, queue, asked, some)
			return nil
		})
	}
	_ = group.Wait() // what failed is told
	return told
}

// Batches are the places of requests that go into one question together: a worker takes so many, and so much, at once.
func Batches(requests [][]byte) (all [][]int) {
	var some []int
	size := 0
	for i, raw := range requests {
		if len(some) == decode.MostPlans || len(some) > 0 && size+len(raw) > mostBytes {
			all, some, size = append(all, some), nil, 0
		}
		some, size = append(some, i), size+len(raw)
	}
	if len(some) > 0 {
		all = append(all, some)
	}
	return all
}

// askPlans asks one question: for one plan as the Temporal CLI does, else for several.
func (s Session) askPlans(ctx context.Context, queue string, asked []PlanAsked, some []int) ([]lifecycle.Plan, error) {
	q := Question{ID: "plan", TaskQueue: queue, Workflow: workflows.TypePlan, About: "plan " + words.Count(len(some), "model")}
	if len(some) == 1 {
		one := asked[some[0]]
		q.ID, q.Input, q.About = "plan/"+one.Name, json.RawMessage(one.Raw), "plan "+one.Name
		var plan lifecycle.Plan
		if err := s.Ask(ctx, q, &plan); err != nil {
			return nil, err
		}
		return []lifecycle.Plan{plan}, nil
	}
	var input decode.PlansInput
	for _, i := range some {
		input.Requests = append(input.Requests, asked[i].Raw)
	}
	var plans []lifecycle.Plan
	q.Input = input
	if err := s.Ask(ctx, q, &plans); err != nil {
		return nil, err
	}
	if len(plans) != len(some) {
		return nil, exit.New(exit.Failed, lifecycle.Internal, "plan %s: %s", words.Count(len(some), "model"), "the worker has answered for another number of them").
			Next("run workers of this release on task queue %s", queue)
	}
	return plans, nil
}
