package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/lifecycle"
)

// shelf is where objects of one kind with one exact name and our marks are found or put. The service
// has no idempotent create, so every create is "look, adopt or create, look again".
type shelf[T any] struct {
	// look lists what counts as the wanted object: among what was listed, or afresh.
	look func(ctx context.Context, fresh bool) ([]T, error)
	// put creates it.
	put func(context.Context) (T, error)
	// origin tells the ID of an object, and when it was created.
	origin func(T) (id string, created time.Time)
	// shared tells that others may have made it: before it is created the service is asked, also at the first attempt.
	shared bool
}

// found is the answer of adoptOrCreate: the object, whether this call created it, and the twins that
// lost against it.
type found[T any] struct {
	item    T
	created bool
	losers  []T
}

// adoptOrCreate returns the one object of a shelf. The first attempt of a run looks at what was listed already, since the
// names of its own objects cannot exist. An attempt that may follow a lost answer looks afresh, twice, a list lag apart,
// before it creates; a create without an answer ends the attempt, and Temporal begins the next.
func adoptOrCreate[T any](ctx context.Context, a *Activities, s shelf[T], again bool) (found[T], error) {
	items, err := s.look(ctx, false)
	if err == nil && len(items) == 0 && (again || s.shared) {
		items, err = s.look(ctx, true)
	}
	if err == nil && len(items) == 0 && again && a.listLag > 0 {
		if err := pause(ctx, a.listLag); err != nil {
			return found[T]{}, err
		}
		items, err = s.look(ctx, true)
	}
	if err != nil {
		return found[T]{}, err
	}
	if len(items) > 0 {
		return pickFound(s, items, ""), nil
	}
	made, err := s.put(ctx)
	if err != nil {
		return found[T]{}, err
	}
	// Whoever else made the same is found at the end of the stage. What is known by now costs nothing.
	if items, err = s.look(ctx, false); err != nil {
		items = nil
	}
	id, _ := s.origin(made)
	return pickFound(s, append(items, made), id), nil
}

// pickFound orders twins by the rule of lifecycle and keeps each object once.
func pickFound[T any](s shelf[T], items []T, madeID string) found[T] {
	winner, losers, _ := lifecycle.PickTwin(items, s.origin)
	id, _ := s.origin(winner)
	return found[T]{item: winner, created: id == madeID, losers: losers}
}

// pause waits inside an activity: it heartbeats, and ends early when the run is canceled or the worker
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
			activity.RecordHeartbeat(ctx)
		case <-activity.GetWorkerStopChannel(ctx):
			return handOver("the worker stops")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
