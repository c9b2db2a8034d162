package speech

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The service allows 100 requests in 10 seconds for each resource (document
// "speech-services-quotas-and-limits"). A burst of 10 and 8 a second stay at 90 in any 10 seconds.
const (
	fullRate  = 8.0
	fullBurst = 10.0
	fullQuota = fullBurst + 10*fullRate
	maxQueued = 10 * time.Second
)

// limiter hands out the request tokens of a resource, the most urgent call first, and among equals
// the one that asked first.
type limiter struct {
	tokens *rate.Limiter
	mu     sync.Mutex
	queue  []*waiter // in the order in which they will be served
	number uint64
}

type waiter struct {
	priority Priority
	number   uint64
	front    chan struct{} // gets a value when the waiter has come to the front
}

func newLimiter(share float64) *limiter {
	burst := max(1, math.Floor(fullBurst*share))
	// A small share still needs a burst of one; then the rate gives way.
	perSecond := min(fullRate*share, (fullQuota*share-burst)/10)
	return &limiter{tokens: rate.NewLimiter(rate.Limit(perSecond), int(burst))}
}

// empty takes the burst away: who may have used it up was another process.
func (l *limiter) empty() { l.tokens.AllowN(time.Now(), l.tokens.Burst()) }

// acquire waits for a token. It fails with *LimitedError after ten seconds, and when ctx ends.
func (l *limiter) acquire(ctx context.Context, p Priority) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := l.enter(p)
	deadline := time.NewTimer(maxQueued)
	defer deadline.Stop()
	for {
		wait, served := l.try(w)
		if served {
			return nil
		}
		var ready <-chan time.Time
		if wait > 0 {
			ready = time.After(wait)
		}
		select {
		case <-ready:
		case <-w.front:
		case <-ctx.Done():
			l.leave(w)
			return ctx.Err()
		case <-deadline.C:
			return &LimitedError{Wait: l.leave(w)}
		}
	}
}

func (l *limiter) enter(p Priority) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	w := &waiter{priority: p, number: l.number, front: make(chan struct{}, 1)}
	at, _ := slices.BinarySearchFunc(l.queue, w, func(a, b *waiter) int {
		return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.number, b.number))
	})
	l.queue = slices.Insert(l.queue, at, w)
	return w
}

// try takes a token for the waiter if it is at the front; otherwise it says how long the front has
// to wait, zero for all others, who are told when they come to the front.
func (l *limiter) try(w *waiter) (wait time.Duration, served bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queue[0] != w {
		return 0, false
	}
	if l.tokens.Allow() {
		l.drop(w)
		return 0, true
	}
	missing := 1 - l.tokens.Tokens()
	return max(time.Millisecond, time.Duration(missing/float64(l.tokens.Limit())*float64(time.Second))), false
}

// leave takes a waiter out and says how long those that are left will need.
func (l *limiter) leave(w *waiter) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(w)
	seconds := float64(len(l.queue)+1) / float64(l.tokens.Limit())
	return time.Duration(math.Ceil(seconds)) * time.Second
}

// drop takes a waiter out of the queue and tells the one that is now in front.
func (l *limiter) drop(w *waiter) {
	l.queue = slices.DeleteFunc(l.queue, func(x *waiter) bool { return x == w })
	if len(l.queue) > 0 {
		select {
		case l.queue[0].front <- struct{}{}:
		default:
		}
	}
}
