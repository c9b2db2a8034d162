package speech

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

const (
	// queuedEvery is how often a request that waits for its turn says so (WhileQueued).
	queuedEvery = 5 * time.Second
	// placeKept is how long the place of a create that went back is kept for the next attempt.
	placeKept = time.Minute
)

// limiter hands out the turns of a resource's requests. The lists that many wait for come first, then who has begun,
// then the oldest run, then who asked first; the crawl comes when nobody else does. A request waits as long as its
// context lasts.
type limiter struct {
	mu     sync.Mutex
	quota  *quota
	queue  []*waiter // in the order in which they will be served
	kept   map[string]keptPlace
	number uint64
	logger *zap.Logger
}

type waiter struct {
	caller
	priority Priority
	number   uint64
	front    chan struct{} // gets a value when the waiter is in front, and may have become free to go
}

// keptPlace is the place of a caller that went back.
type keptPlace struct {
	place
	until time.Time
}

func newLimiter(share float64, logger *zap.Logger) *limiter {
	return &limiter{quota: newQuota(share), kept: map[string]keptPlace{}, logger: logger}
}

// empty takes the burst away: who may have used it up was another process.
func (l *limiter) empty() { l.quota.pace.AllowN(time.Now(), l.quota.pace.Burst()) }

// acquire waits for a turn. It fails when ctx ends, and with a *HeldError when patience, unless zero, is over.
func (l *limiter) acquire(ctx context.Context, patience time.Duration) (*turn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := l.enter(callerOf(ctx), priorityOf(ctx))
	var over <-chan time.Time
	if patience > 0 {
		over = time.After(patience)
	}
	beat := time.NewTicker(queuedEvery)
	defer beat.Stop()
	for {
		wait, t := l.try(w)
		if t != nil {
			return t, nil
		}
		var ready <-chan time.Time
		if wait > 0 {
			ready = time.After(wait)
		}
		select {
		case <-ready:
		case <-w.front:
		case <-beat.C:
			queued(ctx)
		case <-ctx.Done():
			l.leave(w, false)
			return nil, ctx.Err()
		case <-over:
			l.leave(w, true)
			return nil, &HeldError{Waited: patience}
		}
	}
}

func (l *limiter) enter(c caller, p Priority) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	if c.place.number == 0 {
		c.place.number = l.number
		if kept, ok := l.kept[c.Key]; ok && time.Now().Before(kept.until) {
			*c.place = kept.place
		}
		delete(l.kept, c.Key)
	}
	w := &waiter{caller: c, priority: p, number: l.number, front: make(chan struct{}, 1)}
	at, _ := slices.BinarySearchFunc(l.queue, w, before)
	l.queue = slices.Insert(l.queue, at, w)
	return w
}

// before is the order of the queue.
func before(a, b *waiter) int {
	begun := 0
	if a.place.begun != b.place.begun {
		begun = 1
		if a.place.begun {
			begun = -1
		}
	}
	return cmp.Or(
		cmp.Compare(a.priority, b.priority), begun, a.Began.Compare(b.Began),
		cmp.Compare(a.place.number, b.place.number), cmp.Compare(a.number, b.number),
	)
}

// try gives the waiter its turn if it is in front and there is one; otherwise it says how long the front has to wait,
// zero when it will be told, as all others are when they come to the front.
func (l *limiter) try(w *waiter) (wait time.Duration, t *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queue[0] != w {
		return 0, nil
	}
	now := time.Now()
	if l.quota.recover(now) {
		l.logger.Info("the service has not said for a minute that it gets too many requests: this worker uses its whole share of the quota again",
			zap.Float64("share", l.quota.share))
	}
	wait, ok := l.quota.take(now)
	if !ok {
		return wait, nil
	}
	l.queue = l.queue[1:]
	if !w.place.begun {
		w.place.begun = true
		slices.SortFunc(l.queue, before) // its other requests move up
	}
	l.tell()
	return 0, &turn{limiter: l}
}

// leave takes a waiter out, and keeps its place if it goes back.
func (l *limiter) leave(w *waiter, goesBack bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = slices.DeleteFunc(l.queue, func(x *waiter) bool { return x == w })
	l.tell()
	if !goesBack || w.Key == "" {
		return
	}
	now := time.Now()
	for key, kept := range l.kept {
		if !now.Before(kept.until) {
			delete(l.kept, key)
		}
	}
	l.kept[w.Key] = keptPlace{place: *w.place, until: now.Add(placeKept)}
}

// tell wakes the waiter in front.
func (l *limiter) tell() {
	if len(l.queue) > 0 {
		select {
		case l.queue[0].front <- struct{}{}:
		default:
		}
	}
}

// throttled takes note of an answer 429: the share is halved until there was none for a minute.
func (l *limiter) throttled() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if share, tell := l.quota.slow(time.Now()); tell {
		l.logger.Warn("the service says that it gets too many requests (429): this worker halves its share of the quota until there was no such answer for a minute",
			zap.Float64("share", share), zap.Float64("of", l.quota.share))
	}
}
