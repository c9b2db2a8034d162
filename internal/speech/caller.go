package speech

import (
	"context"
	"fmt"
	"time"
)

// Caller is who sends the requests that are made under a context: one attempt of an activity.
type Caller struct {
	// Began is when the run began that it works for. The oldest goes first; the zero time is older than any.
	Began time.Time
	// Key names the activity, the same in each of its attempts. Empty: no place is kept for a next attempt.
	Key string
	// Patience is how long a create waits for its turn before it ends with a *HeldError; zero: as long as ctx lasts.
	Patience time.Duration
	// MayCreate is asked when a create has its turn, right before it is sent. With an error nothing is sent, and
	// that is the create's error. Nil: it may.
	MayCreate func(context.Context) error
}

// HeldError says that a create has waited for its turn as long as it may. Nothing was sent, and the caller's place in
// the queue is kept for a while (placeKept).
type HeldError struct {
	// Waited is how long.
	Waited time.Duration
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("the request limit of the Speech resource had no room for it within %s, nothing was sent", e.Waited)
}

// caller is a Caller with its place in the queue.
type caller struct {
	Caller
	place *place
}

// place is where the requests of a caller stand in the queue. The limiter's mutex guards it.
type place struct {
	// begun tells that the caller has had a turn before: who has begun goes on.
	begun bool
	// number is when its first request came; zero before that.
	number uint64
}

type callerKey struct{}

// From returns a context whose requests are a caller's.
func From(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller{Caller: c, place: &place{}})
}

func callerOf(ctx context.Context) caller {
	if c, ok := ctx.Value(callerKey{}).(caller); ok {
		return c
	}
	return caller{place: &place{}}
}

// patience is how long a call waits for its turn; zero: as long as ctx lasts.
func (c caller) patience(q call) time.Duration {
	if !q.creates {
		return 0
	}
	return c.Patience
}

func (c caller) mayCreate(ctx context.Context) error {
	if c.MayCreate == nil {
		return nil
	}
	return c.MayCreate(ctx)
}
