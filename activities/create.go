package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// shelf is where objects of one kind with one exact name and our marks are found or put. The service
// has no idempotent create, so every create is "look, adopt or create, look again".
type shelf[T any] struct {
	// look lists what counts as the wanted object, always fresh: by its display name, or among all (whole) when an
	// earlier attempt may have made it and somebody renamed it since.
	look func(ctx context.Context, whole bool) ([]T, error)
	// put creates it.
	put func(context.Context) (T, error)
	// object gives the common part.
	object func(T) speech.Object
	// shared tells that other runs may create the same at this moment: whoever creates it waits until the lists show
	// what the others did, so that all of them use the earliest.
	shared bool
}

// found is the answer of adoptOrCreate: the object, whether this call created it, and the twins that
// lost against it.
type found[T any] struct {
	item    T
	created bool
	losers  []T
}

// adoptOrCreate returns the one object of a shelf. An attempt that may follow a lost answer looks
// twice, a list lag apart, before it creates; a create without an answer ends the attempt, and Temporal
// begins the next.
func adoptOrCreate[T any](ctx context.Context, s shelf[T], again bool, lag time.Duration) (found[T], error) {
	items, err := s.look(ctx, again)
	if err != nil {
		return found[T]{}, err
	}
	if len(items) == 0 && again && lag > 0 {
		if err := pause(ctx, lag); err != nil {
			return found[T]{}, err
		}
		if items, err = s.look(ctx, again); err != nil {
			return found[T]{}, err
		}
	}
	if len(items) > 0 {
		return pickFound(s, items, ""), nil
	}
	made, err := s.put(ctx)
	if err != nil {
		return found[T]{}, givenBack(ctx, err, again)
	}
	if s.shared && lag > 0 {
		if err := pause(ctx, lag); err != nil {
			return found[T]{}, err
		}
	}
	// A look that fails now must not lose the created object: the look at the end of the stage follows.
	if items, err = s.look(ctx, false); err != nil {
		items = nil
	}
	return pickFound(s, append(items, made), s.object(made).ID()), nil
}

// pickFound orders twins by the rule of lifecycle and keeps each object once.
func pickFound[T any](s shelf[T], items []T, madeID string) found[T] {
	byID := map[string]T{}
	twins := make([]lifecycle.Twin, 0, len(items))
	for _, item := range items {
		o := s.object(item)
		byID[o.ID()] = item
		twins = append(twins, lifecycle.Twin{ID: o.ID(), CreatedAt: o.CreatedDateTime})
	}
	winner, losers, _ := lifecycle.PickTwin(twins)
	f := found[T]{item: byID[winner.ID], created: winner.ID == madeID}
	for _, l := range losers {
		f.losers = append(f.losers, byID[l.ID])
	}
	return f
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
			pulse(ctx)
		case <-activity.GetWorkerStopChannel(ctx):
			return handOver("the worker stops")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
