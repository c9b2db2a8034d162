package bench

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/activities"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// idleQueue is the queue of the workflow that does nothing.
const idleQueue = "bench-idle"

// idle runs so many activities that do nothing, one after the other: what Temporal costs on this machine.
func idle(ctx workflow.Context, activities int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, HeartbeatTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	for range activities {
		if err := workflow.ExecuteActivity(ctx, nothing).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func nothing(context.Context) error { return nil }

// rates are both sides of the row "rate", in workflows a second.
type rates struct {
	Runs       int     `json:"runs"`
	Activities int     `json:"activitiesOfARetrain"`
	Retrains   float64 `json:"retrainsPerSecond"`
	Idle       float64 `json:"idlePerSecond"`
}

// How many of each are run: in rounds that take turns, so that what else the machine does meets both, and with as many at once
// that the processor is what both wait for: a retrain looks at its training two seconds after it was made, whatever it takes.
const (
	rateRounds = 2
	rateRuns   = 240
	rateLanes  = 120
)

// measureRate is the row "rate". Here alone the product's worker is one of this process: the built one keeps the
// quota, which is what would be measured. The service takes no time, and has no quota.
func measureRate(ctx context.Context, h *host) (figures []Figure, raw any, err error) {
	s, err := h.site(ctx, siteOptions{name: "rate", idle: true, emulator: []string{"--queue-time", "0s", "--training-time", "0s", "--rate-limit", "0"}})
	if err != nil {
		return nil, nil, err
	}
	defer s.close(&err)
	service, err := speech.New(speech.Config{Access: resource.Access{Endpoint: s.emulator.URL, Key: s.emulator.Key}, NoQuota: true})
	if err != nil {
		return nil, nil, err
	}
	w := worker.New(h.client, s.queue, worker.Options{})
	workflows.Register(w, workflows.Options{SearchAttributes: func() bool { return true }})
	activities.Register(w, activities.New(activities.Options{
		Speech: service, Owner: owner, Home: "bench", ListLag: listLag, Runs: activities.TemporalRuns(h.client),
		Getenv: func(string) string { return "" },
	}))
	none := worker.New(h.client, idleQueue, worker.Options{})
	none.RegisterWorkflow(idle)
	none.RegisterActivity(nothing)
	for _, starting := range []worker.Worker{w, none} {
		if err := starting.Start(); err != nil {
			return nil, nil, err
		}
		defer starting.Stop()
	}
	dataset, err := s.dataset(ctx)
	if err != nil {
		return nil, nil, err
	}
	first, err := s.start(ctx, byReference(s.queue, dataset))
	if err != nil {
		return nil, nil, err
	}
	one, err := s.end(ctx, first)
	if err != nil {
		return nil, nil, err
	}
	found := rates{Runs: rateRounds * rateRuns, Activities: one.activities()}
	var retrains, idling time.Duration
	for round := range rateRounds {
		took, err := timeOf(ctx, func(ctx context.Context, i int) (client.WorkflowRun, error) {
			return s.start(ctx, byReference(fmt.Sprintf("%s-%d-%d", s.queue, round, i), dataset))
		})
		if retrains += took; err != nil {
			return nil, found, err
		}
		took, err = timeOf(ctx, func(ctx context.Context, _ int) (client.WorkflowRun, error) {
			return h.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: idleQueue}, idle, found.Activities)
		})
		if idling += took; err != nil {
			return nil, found, err
		}
	}
	found.Retrains, found.Idle = float64(found.Runs)/retrains.Seconds(), float64(found.Runs)/idling.Seconds()
	return []Figure{
		figure("retrains a second over no-op workflows of as many activities", found.Retrains/found.Idle, ratio).atLeast(0.85).was("0.75"),
		figure("retrains a second", found.Retrains, "/s"),
	}, found, nil
}

// timeOf runs the workflows of one round, some at once, and tells how long they took.
func timeOf(ctx context.Context, start func(context.Context, int) (client.WorkflowRun, error)) (time.Duration, error) {
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(rateLanes)
	for i := range rateRuns {
		group.Go(func() error {
			run, err := start(ctx, i)
			if err != nil {
				return err
			}
			return run.Get(ctx, nil)
		})
	}
	err := group.Wait()
	return time.Since(began), err
}
