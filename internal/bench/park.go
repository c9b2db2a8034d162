package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/activities"
	"speech-retrainer/internal/stack"
)

const (
	// parkQueue is the queue of the workflow that parks waits on the product's worker; only it runs here.
	parkQueue = "bench-park"
	// parkedByOne is how many waits one of them parks, lotSize how many are parked at once: ten thousand beginnings at
	// once are not what is measured.
	parkedByOne = 50
	lotSize     = 1000
	// waitHeartbeat is the heartbeat time-out of a wait, as a retrain sets it (workflows/options.go).
	waitHeartbeat = 60 * time.Second
)

// parkInput says which trainings are waited for, on whose queue.
type parkInput struct {
	Queue  string
	Models []string
}

// park waits for trainings as a retrain does, with the product's own activity, and with nothing else.
func park(ctx workflow.Context, in parkInput) error {
	var a *activities.Activities
	var waits []workflow.Future
	for _, id := range in.Models {
		ctx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			ActivityID: id, TaskQueue: in.Queue, StartToCloseTimeout: 24 * time.Hour, HeartbeatTimeout: waitHeartbeat,
			RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		})
		waits = append(waits, workflow.ExecuteActivity(ctx, a.AwaitVersion, activities.AwaitVersionInput{
			VersionInput: activities.VersionInput{Scope: activities.Scope{Model: "bench", Locale: locale, Run: "bench/bench"}, DisplayName: id}, ID: id,
		}))
	}
	for _, w := range waits {
		if err := w.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// parked are waits that go on.
type parked struct {
	*site
	models []string
	runs   []client.WorkflowRun
	worker worker.Worker
	// most is how many the worker had at once when they were parked.
	most int
}

// park seeds n trainings that go on until they are finished, and parks a wait for each on the resource's worker. It
// returns when all have begun, or when the time is over.
func (s *site) park(ctx context.Context, n int, limit time.Duration) (*parked, error) {
	p := &parked{site: s}
	var err error
	if p.models, err = s.trainings(ctx, n); err != nil {
		return nil, err
	}
	p.worker = worker.New(s.client, parkQueue, worker.Options{})
	p.worker.RegisterWorkflow(park)
	if err := p.worker.Start(); err != nil {
		return nil, err
	}
	over := time.Now().Add(limit)
	for lot := range slices.Chunk(p.models, lotSize) {
		for some := range slices.Chunk(lot, parkedByOne) {
			run, err := patiently(func() (client.WorkflowRun, error) {
				return s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: parkQueue}, park, parkInput{Queue: s.queue, Models: some})
			})
			if err != nil {
				return p, errors.Join(err, p.leave(ctx))
			}
			p.runs = append(p.runs, run)
		}
		if err := every(ctx, time.Second, time.Until(over), func() (bool, error) {
			now, err := p.look(ctx)
			p.most = max(p.most, now.Begun)
			return now.Begun >= len(p.runs)*parkedByOne || now.Begun == n, err
		}); err != nil {
			return p, errors.Join(err, p.leave(ctx))
		}
		if time.Now().After(over) {
			break
		}
	}
	return p, nil
}

// trainings seeds versions in training.
func (s *site) trainings(ctx context.Context, n int) ([]string, error) {
	seeds := make([]stack.Seed, n)
	for i := range seeds {
		seeds[i] = stack.Seed{DisplayName: fmt.Sprintf("parked %d", i), Locale: locale, Training: true}
	}
	return s.emulator.SeedModels(ctx, seeds)
}

// look is what Temporal knows of the waits.
type look struct {
	Pending int `json:"pending"`
	// Begun are those that a worker has.
	Begun int `json:"begun"`
	// Again counts attempts beyond the first, Missed those of them that a missed heartbeat has ended.
	Again  int `json:"attemptsBeyondTheFirst"`
	Missed int `json:"missedHeartbeats"`
}

func (p *parked) look(ctx context.Context) (look, error) {
	var lock sync.Mutex
	var now look
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startedAtOnce)
	for _, run := range p.runs {
		group.Go(func() error {
			d, err := patiently(func() (*client.WorkflowExecutionDescription, error) {
				return p.client.DescribeWorkflow(ctx, run.GetID(), run.GetRunID())
			})
			if err != nil {
				return err
			}
			lock.Lock()
			defer lock.Unlock()
			for _, a := range d.RawResponse.GetPendingActivities() {
				now.add(a)
			}
			return nil
		})
	}
	return now, group.Wait()
}

func (l *look) add(a *workflowpb.PendingActivityInfo) {
	l.Pending++
	if a.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED {
		l.Begun++
	}
	l.Again += int(a.GetAttempt()) - 1
	if a.GetLastFailure().GetTimeoutFailureInfo().GetTimeoutType() == enumspb.TIMEOUT_TYPE_HEARTBEAT {
		l.Missed += int(a.GetAttempt()) - 1
	}
}

// patiently asks Temporal again when it does not answer in time: a server with ten thousand waits may have much to do.
func patiently[T any](ask func() (T, error)) (answer T, err error) {
	for range 5 {
		var late *serviceerror.DeadlineExceeded
		if answer, err = ask(); !errors.As(err, &late) && !errors.Is(err, context.DeadlineExceeded) {
			return answer, err
		}
	}
	return answer, err
}

// finish ends all trainings at once, and returns when.
func (p *parked) finish(ctx context.Context) (map[string]time.Time, error) {
	var lock sync.Mutex
	at := map[string]time.Time{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startedAtOnce)
	for _, id := range p.models {
		group.Go(func() error {
			if err := p.emulator.Finish(ctx, id); err != nil {
				return err
			}
			lock.Lock()
			defer lock.Unlock()
			at[id] = time.Now()
			return nil
		})
	}
	return at, group.Wait()
}

// notices waits until Temporal knows of the ends, or the time is over, and returns how late each became known, in
// seconds; those that did not are left out.
func (p *parked) notices(ctx context.Context, finished map[string]time.Time, limit time.Duration) ([]float64, error) {
	if err := every(ctx, time.Second, limit, func() (bool, error) {
		now, err := p.look(ctx)
		return now.Pending == 0, err
	}); err != nil {
		return nil, err
	}
	var late []float64
	for _, run := range p.runs {
		e, err := p.history(ctx, run.GetID(), run.GetRunID())
		if err != nil {
			return late, err
		}
		for id, at := range finished {
			if knew := e.completed(id); !knew.IsZero() {
				late = append(late, max(0, knew.Sub(at).Seconds()))
			}
		}
	}
	return late, nil
}

// leave ends the waits.
func (p *parked) leave(ctx context.Context) error {
	defer p.worker.Stop()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startedAtOnce)
	for _, run := range p.runs {
		group.Go(func() error {
			_, err := patiently(func() (struct{}, error) {
				return struct{}{}, p.client.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "measured")
			})
			if _, over := errors.AsType[*serviceerror.NotFound](err); over {
				return nil // it has ended by itself
			}
			return err
		})
	}
	return group.Wait()
}
