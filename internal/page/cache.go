package page

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps something that is costly to read, for all viewers: those who ask while it is young, or while somebody reads
// it, cost nothing. What could not be read leaves what was there.
type cache[T any] struct {
	read func(context.Context) (T, error)
	// least is how long a value is young.
	least time.Duration
	// limit is how long one reading may take.
	limit time.Duration
	now   func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	kept   kept[T]
}

// kept is what a cache holds.
type kept[T any] struct {
	// value is what was read last without an error; before that, what came with the error.
	value T
	// known tells that it was read without one, and at when that began.
	known bool
	at    time.Time
	// err is why the last reading failed, nil when it did not; tried is when that began, took how long it took.
	err   error
	tried time.Time
	took  time.Duration
}

// share is which part of the time may be spent on reading: what takes long is read more seldom.
const share = 20

// young tells that nothing is to be read yet.
func (c *cache[T]) young(k kept[T]) bool {
	return !k.tried.IsZero() && c.now().Sub(k.tried) < max(c.least, share*k.took)
}

// unseen is the age from which on what is known is not worth showing while it can be read anew.
const unseen = time.Minute

// look is get with the patience that suits: after hours without a viewer what is known is of then, and the first one waits
// for what is.
func (c *cache[T]) look(ctx context.Context) kept[T] {
	wait := patience
	if k := c.peek(); k.known && c.now().Sub(k.at) > unseen {
		wait = firstPatience
	}
	return c.get(ctx, wait)
}

// get is what is known. When that is not young it is read anew; who asks waits for it at most patience when there is
// something to show meanwhile, else as long as ctx lets him.
func (c *cache[T]) get(ctx context.Context, patience time.Duration) kept[T] {
	k := c.peek()
	if c.young(k) {
		return k
	}
	// The reading is everybody's: it goes on when the viewer who began it has gone.
	done := c.flight.DoChan("", func() (any, error) {
		if k := c.peek(); c.young(k) {
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.limit)
		defer cancel()
		began := c.now()
		value, err := c.read(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.kept.tried, c.kept.took, c.kept.err = began, c.now().Sub(began), err
		if err == nil || !c.kept.known {
			c.kept.value, c.kept.known, c.kept.at = value, err == nil, began
		}
		return nil, nil
	})
	var over <-chan time.Time
	if k.known {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-done:
	case <-over:
	case <-ctx.Done():
	}
	return c.peek()
}

// peek is what is known, without reading anything.
func (c *cache[T]) peek() kept[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept
}
