package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

const (
	// createPatience is how long a create waits for its turn at the service before it goes back to Temporal.
	createPatience = 45 * time.Second
	// aliveTimeout is how long Temporal has to answer the heartbeat that goes before a create.
	aliveTimeout = 10 * time.Second
	// quiet is how long an activity goes on before its first heartbeat that tells nothing but that: most have ended by
	// then, and each heartbeat is a write of Temporal's. With a request (30 s) it fits into the shortest heartbeat
	// time-out (45 s).
	quiet = 5 * time.Second
)

// pulse is the heartbeat of an activity that is not a wait.
func pulse(ctx context.Context) { activity.RecordHeartbeat(ctx, pulseOf(ctx)) }

// quietly is pulse, but not in an activity's first seconds.
func quietly(ctx context.Context) func() {
	began := time.Now()
	return func() {
		if time.Since(began) >= quiet {
			pulse(ctx)
		}
	}
}

func pulseOf(ctx context.Context) lifecycle.Pulse {
	p := lifecycle.Pulse{Attempt: attemptNumber(ctx)}
	if m, ok := ctx.Value(madeKey{}).(*made); ok {
		p.Made = m.all()
	}
	return p
}

type madeKey struct{}

// made is what an activity that creates several objects has created, in all its attempts; its heartbeats carry it.
type made struct {
	mu  sync.Mutex
	ids []string
}

// keepingMade begins with what the attempt before had.
func keepingMade(ctx context.Context) (context.Context, *made) {
	m := &made{}
	var left lifecycle.Pulse
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &left) == nil {
		m.ids = left.Made
	}
	return context.WithValue(ctx, madeKey{}, m), m
}

func (m *made) add(ctx context.Context, id string) {
	m.mu.Lock()
	m.ids = append(m.ids, id)
	m.mu.Unlock()
	pulse(ctx)
}

func (m *made) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.ids)
}

func (m *made) has(id string) bool { return slices.Contains(m.all(), id) }

func (m *made) any() bool { return len(m.all()) > 0 }

func attemptNumber(ctx context.Context) int { return int(activity.GetInfo(ctx).Attempt) }

// callingFor is a context under which the requests of an activity take their turn as its run's, and under which it
// heartbeats with every answer and while it waits for its turn.
func (a *Activities) callingFor(ctx context.Context, s Scope) context.Context {
	info := activity.GetInfo(ctx)
	beat := quietly(ctx)
	return speech.From(speech.WhileQueued(speech.OnAnswer(ctx, beat), beat), speech.Caller{
		Began:     s.Began,
		Key:       info.WorkflowExecution.ID + "\n" + info.WorkflowExecution.RunID + "\n" + info.ActivityID,
		Patience:  createPatience,
		MayCreate: func(context.Context) error { return a.mayCreate(ctx) },
	})
}

// mayCreate asks Temporal, right before a POST, whether it still waits for this attempt: it may have begun the next
// one elsewhere when heartbeats did not arrive. The answer also puts off that next attempt for longer than the request
// can take, and has replaced what an attempt that went back had left.
func (a *Activities) mayCreate(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	err := a.runs.Alive(asking, activity.GetInfo(ctx).TaskToken, pulseOf(ctx))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case temporal.IsCanceledError(err):
		return err
	case errors.Is(err, activity.ErrActivityPaused):
		return handOver("an operator has paused this step")
	case errors.Is(err, activity.ErrActivityReset):
		return handOver("an operator has reset this step")
	}
	return later(lifecycle.Failure{
		Type: lifecycle.Unavailable, Object: lifecycle.Ptr("Temporal"),
		Message: fmt.Sprintf("Temporal does not confirm that it waits for this attempt, so nothing was created: %v", err),
		Next:    lifecycle.Ptr("check that the worker reaches Temporal"),
	}, 0, false)
}

// givenBack is the error of a create: one that has waited for its turn too long goes back to Temporal, and tells its next
// attempt that nothing was sent, unless an attempt before this one may have sent something (again).
func givenBack(ctx context.Context, err error, again bool) error {
	if held, is := errors.AsType[*speech.HeldError](err); is {
		p := pulseOf(ctx)
		p.WentBack = !again
		activity.RecordHeartbeat(ctx, p)
		return handOver(held.Error() + "; it goes on in the next attempt")
	}
	return err
}

// laterAttempt tells whether an earlier attempt at the same step may have left something behind (lifecycle.Attempt).
func laterAttempt(ctx context.Context, s Scope) bool {
	info := activity.GetInfo(ctx)
	_, run := lifecycle.SplitRun(s.Run)
	this := lifecycle.Attempt{
		Number: attemptNumber(ctx), Repeated: ranBefore(ctx), Reset: (run != "" && info.WorkflowExecution.RunID != run),
		Delay: info.StartedTime.Sub(info.ScheduledTime),
	}
	if activity.HasHeartbeatDetails(ctx) {
		this.Left = &lifecycle.Pulse{}
		if err := activity.GetHeartbeatDetails(ctx, this.Left); err != nil {
			this.Left = &lifecycle.Pulse{} // what it was, it is not one of an attempt that went back
		}
	}
	why := this.Later()
	if why != "" {
		activity.GetLogger(ctx).Debug("an earlier attempt may have left something behind: this one looks for it first", "why", why)
	}
	return why != ""
}
