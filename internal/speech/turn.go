package speech

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// turn is the leave to send one request. It counts from when the request has gone out.
type turn struct {
	limiter *limiter
	over    bool // the limiter's mutex guards it
}

// end says that the request has gone out, or that none will. Only the first time counts.
func (t *turn) end(out bool) {
	t.limiter.mu.Lock()
	defer t.limiter.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	t.limiter.quota.went(time.Now(), out)
	t.limiter.tell()
}

// spent tells that the turn is over.
func (t *turn) spent() bool {
	t.limiter.mu.Lock()
	defer t.limiter.mu.Unlock()
	return t.over
}

// turn waits for the turn of a call, and asks whoever makes it whether it may be sent now. authorize is what is left to
// do between: the wait may be longer than a token is good for.
func (c *Client) turn(ctx context.Context, q call, patience time.Duration, authorize func() error) (*turn, error) {
	asked := time.Now()
	t, err := c.limiter.acquire(ctx, patience)
	c.observer.Waited(time.Since(asked))
	if err != nil {
		return nil, err
	}
	if err = authorize(); err == nil && q.creates {
		err = callerOf(ctx).mayCreate(ctx)
	}
	if err != nil {
		t.end(false)
		return nil, err
	}
	return t, nil
}

// sending is a request on its way: when it goes out, and when the transport sends it once more by itself, as it does when
// a connection that it had kept turns out to be closed.
type sending struct {
	turn atomic.Pointer[turn]
	// again waits for another turn.
	again func(context.Context) (*turn, error)
	// cancel ends the request.
	cancel context.CancelCauseFunc
}

// trace returns a context under which the transport tells what becomes of the request.
func (s *sending) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			if !s.turn.Load().spent() {
				return
			}
			next, err := s.again(ctx)
			if err != nil {
				s.cancel(err)
				return
			}
			s.turn.Store(next)
		},
		WroteRequest: func(httptrace.WroteRequestInfo) { s.turn.Load().end(true) },
	})
}
