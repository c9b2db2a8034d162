package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
)

// Bounds of the waits that a step is asked for.
const (
	// askedFree is how much of them, in all, does not count against the limit of a step.
	askedFree = time.Hour
	// lastTry is the least time for an activity after a wait that it has kept: it was not kept for nothing.
	lastTry = time.Minute
)

// patience is how an activity keeps the waits that it is asked for. Those that fit into its time Temporal keeps; the
// others the workflow sleeps through, and then runs the activity once more with what is left of its time.
type patience struct {
	// free is how much of these waits does not count against the limit.
	free time.Duration
	// hurry ends a wait early; nil when nothing does.
	hurry func() bool
	// show shows a wait, and returns what takes it off the screen; nil when there is no screen.
	show func(ctx workflow.Context, wait time.Duration) (over func())
}

// patience is that of a step of the run. A check has none: it must end in time to tell.
func (r *run) patience() patience {
	p := patience{free: askedFree, hurry: r.deploying.canceled}
	if !r.until.IsZero() {
		p.free = 0
	}
	p.show = func(ctx workflow.Context, wait time.Duration) func() {
		before := r.report.WaitingFor
		r.await(ctx, lifecycle.WaitsForService, r.scope.Resource, lifecycle.Duration(wait))
		mine := r.report.WaitingFor
		return func() {
			if r.report.WaitingFor == mine {
				r.report.WaitingFor = before
				r.stages.show(ctx)
			}
		}
	}
	return p
}

// execute runs an activity with the options of ctx, as workflow.ExecuteActivity does. Only a wait that was asked for
// and does not fit leaves more history than that.
func (p patience) execute(ctx workflow.Context, activity, input any) workflow.Future {
	running := workflow.ExecuteActivity(ctx, activity, input)
	whole, finish := workflow.NewFuture(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		options := workflow.GetActivityOptions(ctx)
		rest, id := options.ScheduleToCloseTimeout, options.ActivityID
		var waited time.Duration
		for n := 1; ; n++ {
			began := workflow.Now(ctx)
			err := running.Get(ctx, nil)
			rest -= workflow.Now(ctx).Sub(began)
			asked, ok := activities.AskedOf(err)
			left := p.left(rest, waited+asked.Wait.Std())
			if !ok || left <= 0 || !p.wait(ctx, asked) {
				if err != nil && waited > 0 {
					err = &outwaited{error: err, waited: min(waited, p.free)}
				}
				if err != nil {
					finish.SetError(err)
				} else {
					finish.Chain(running)
				}
				return
			}
			waited += asked.Wait.Std()
			options.ActivityID = activities.AgainID(id, n)
			options.ScheduleToCloseTimeout = left
			options.StartToCloseTimeout = min(options.StartToCloseTimeout, left)
			running = workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), activity, input)
		}
	})
	return whole
}

// left is what an activity still has of its time after waits of asked in all: beyond what is free they count.
func (p patience) left(rest, asked time.Duration) time.Duration {
	if asked <= p.free {
		return max(rest, lastTry)
	}
	return rest - (asked - p.free)
}

func (p patience) hurried() bool { return p.hurry != nil && p.hurry() }

// wait keeps what was asked for; false when it was broken off.
func (p patience) wait(ctx workflow.Context, asked activities.Asked) bool {
	workflow.GetLogger(ctx).Warn("a step waits because it was asked to", "wait", asked.Wait.String(), "said", asked.Text)
	if p.show != nil {
		defer p.show(ctx, asked.Wait.Std())()
	}
	timer := workflow.AwaitOptions{Timeout: asked.Wait.Std(), TimerOptions: workflow.TimerOptions{Summary: visible.Escape(asked.Text)}}
	hurried, err := workflow.AwaitWithOptions(ctx, timer, p.hurried)
	return !hurried && err == nil
}
