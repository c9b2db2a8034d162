package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"speech-retrainer/internal/speech"
)

// HandedOver is the type of the error with which an activity leaves its worker without having failed: the worker
// stops, or an operator pauses or resets the activity. It is no trouble of the run.
const HandedOver = "HandedOver"

// handOver makes that error. The next attempt goes on at once, unless the activity is paused.
func handOver(why string) error {
	return temporal.NewApplicationErrorWithOptions(why, HandedOver, temporal.ApplicationErrorOptions{
		Category: temporal.ApplicationErrorCategoryBenign, NextRetryDelay: time.Millisecond,
	})
}

// Interceptor gives an activity that was interrupted for another reason than its run's cancellation the error that
// says so. Without it the run would show "context canceled", and go on only after the pause of a failure.
type Interceptor struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity is called by the SDK for each activity.
func (*Interceptor) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &interruption{interceptor.ActivityInboundInterceptorBase{Next: next}}
}

type interruption struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity runs the activity.
func (i *interruption) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	result, err := i.Next.ExecuteActivity(ctx, in)
	if err == nil || ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return result, err
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, activity.ErrActivityPaused):
		return nil, handOver("an operator has paused this step")
	case errors.Is(cause, activity.ErrActivityReset):
		return nil, handOver("an operator has reset this step")
	case errors.Is(cause, worker.ErrWorkerShutdown):
		return nil, handOver("the worker has stopped")
	}
	return result, err
}

// beatEvery is the pace of heartbeats of a wait, between two looks at an object; the SDK throttles what it sends.
const beatEvery = 5 * time.Second

// beating heartbeats until it is stopped: what goes on meanwhile asks others than the service, whose answers are heartbeats.
func beating(ctx context.Context) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	go func() {
		beat := time.NewTicker(beatEvery)
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				speech.Alive(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	return stop
}

// pause waits inside an activity that has begun: it heartbeats, and ends early when the run is canceled or the worker
// stops.
func pause(ctx context.Context, d time.Duration) error {
	end := time.NewTimer(d)
	defer end.Stop()
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		select {
		case <-end.C:
			return nil
		case <-beat.C:
			speech.Alive(ctx)
		case <-activity.GetWorkerStopChannel(ctx):
			return handOver("the worker stops")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
