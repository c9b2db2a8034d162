package speech

import (
	"context"
	"time"
)

// Observer hears what becomes of the requests of a client. Its methods return at once.
type Observer interface {
	// Waited tells how long a request waited for its turn, also when it got none.
	Waited(took time.Duration)
	// Sending tells that a request of an operation is sent. It is sent under the context that is returned; answered is
	// called with the status of the answer, zero when there was none.
	Sending(ctx context.Context, operation string) (sent context.Context, answered func(status int))
}

// unobserved hears nothing.
type unobserved struct{}

func (unobserved) Waited(time.Duration) {}

func (unobserved) Sending(ctx context.Context, _ string) (context.Context, func(int)) {
	return ctx, func(int) {}
}

// Quota is what a client may send, and who waits for it.
type Quota struct {
	// Share is the part of the resource's requests that it may use, InForce the one that it uses now.
	Share, InForce float64
	// Throttled tells that the service has answered 429 within the last minute: the share is halved.
	Throttled bool
	// Waiting is how many requests wait for their turn.
	Waiting int
}

// Quota tells how things stand. It sends nothing.
func (c *Client) Quota() Quota { return c.limiter.state(time.Now()) }

func (l *limiter) state(now time.Time) Quota {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := Quota{Share: l.quota.share, InForce: l.quota.share, Waiting: len(l.queue)}
	// The share comes back with the next turn: nobody has taken one since its minute was over.
	if q.Throttled = now.Before(l.quota.slowUntil); q.Throttled {
		q.InForce = l.quota.halved()
	}
	return q
}
