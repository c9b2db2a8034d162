package speech

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"
)

// WatcherOptions tune a Watcher. Zero values are the defaults.
type WatcherOptions struct {
	// MinPace and MaxPace bound the time between two looks when the service asks for none: 2 s and 60 s.
	MinPace, MaxPace time.Duration
	// MaxRetryAfter is the longest wait between two looks even if the service asks for a longer one, so
	// that heartbeats go on: 2 minutes.
	MaxRetryAfter time.Duration
	// Singles is how many waits on a kind read their object by itself, 3; more share a list.
	Singles int
	// Sweep is how often everything in flight is listed, which finds deletions: 10 minutes.
	Sweep time.Duration
	// Overlap is how far a list of changes reaches back beyond the newest change seen: 2 minutes. It
	// covers the lag of lists and the clocks of a service that runs on many machines.
	Overlap time.Duration
}

// Progress is one observation of an object that is waited for. A list of all changes in which the
// object does not appear is an observation too: it is as it was.
type Progress struct {
	Status Status
	// Since is when the status was entered, zero when the service does not say.
	Since time.Time
	// At is the service's now.
	At time.Time
	// Polls counts the observations of this wait, from 1.
	Polls int
}

// Snapshot is the end of a wait.
type Snapshot struct {
	// Status is terminal.
	Status Status
	// Since is when it was entered, zero when the service does not say.
	Since time.Time
	// Error is why the object Failed; nil when it did not, or the service gives no reason.
	Error *EntityError
	Meta  Meta
	Polls int
}

// Watcher waits for objects of one resource. Many waits on a kind share one list of what changed, so
// that the requests follow the completions and not the waits. It is safe for concurrent use, and has
// no goroutine when nobody waits.
type Watcher struct {
	client  *Client
	options WatcherOptions
	mu      sync.Mutex
	singles map[Kind]int
	groups  map[Kind]*group
}

// NewWatcher makes a watcher on a client. All waits of a process should share one.
func NewWatcher(c *Client, o WatcherOptions) *Watcher {
	o.MinPace = cmp.Or(o.MinPace, 2*time.Second)
	o.MaxPace = max(cmp.Or(o.MaxPace, time.Minute), o.MinPace)
	o.MaxRetryAfter = cmp.Or(o.MaxRetryAfter, 2*time.Minute)
	o.Singles = cmp.Or(o.Singles, 3)
	o.Sweep = cmp.Or(o.Sweep, 10*time.Minute)
	o.Overlap = cmp.Or(o.Overlap, 2*time.Minute)
	return &Watcher{client: c, options: o, singles: map[Kind]int{}, groups: map[Kind]*group{}}
}

// Wait waits until a dataset, model, evaluation or endpoint is Succeeded or Failed, and calls onPoll,
// unless nil, on each observation of it, the last one included. It ends early with the error of ctx,
// and with the first failure of a request: an *Error (NotFound when the object is gone). It does not retry; waiting again goes on where the object is.
func (w *Watcher) Wait(ctx context.Context, kind Kind, id string, onPoll func(Progress)) (Snapshot, error) {
	how, ok := watchedKinds[kind]
	if !ok {
		return Snapshot{}, fmt.Errorf("a %s has no status to wait for", kind.noun())
	}
	if onPoll == nil {
		onPoll = func(Progress) {}
	}
	if w.enter(kind) {
		defer w.leave(kind)
		return w.alone(ctx, how, id, onPoll)
	}
	return w.together(ctx, kind, how, id, onPoll)
}

// enter takes one of the places of waits that read their object by themselves.
func (w *Watcher) enter(kind Kind) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.singles[kind] >= w.options.Singles {
		return false
	}
	w.singles[kind]++
	return true
}

func (w *Watcher) leave(kind Kind) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.singles[kind]--
}

// pace is the pace of one wait or group.
func (w *Watcher) pace() *pace {
	return &pace{min: w.options.MinPace, max: w.options.MaxPace, ceiling: w.options.MaxRetryAfter}
}

// alone waits by reading the object itself.
func (w *Watcher) alone(ctx context.Context, how watched, id string, onPoll func(Progress)) (Snapshot, error) {
	pace := w.pace()
	for polls := 1; ; polls++ {
		o, err := how.get(ctx, w.client, id)
		if err != nil {
			return Snapshot{}, err
		}
		o.polls = polls
		onPoll(o.progress())
		if o.status.Terminal() {
			return o.snapshot(), nil
		}
		timer := time.NewTimer(pace.next(o.meta))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return Snapshot{}, ctx.Err()
		}
	}
}

// together waits with others on one list.
func (w *Watcher) together(ctx context.Context, kind Kind, how watched, id string, onPoll func(Progress)) (Snapshot, error) {
	m := &member{id: id, findings: make(chan finding, 1)}
	w.join(kind, how, m)
	defer w.part(kind, m)
	for {
		select {
		case n := <-m.findings:
			if n.err != nil {
				return Snapshot{}, n.err
			}
			onPoll(n.progress())
			if n.status.Terminal() {
				return n.snapshot(), nil
			}
		case <-ctx.Done():
			return Snapshot{}, ctx.Err()
		}
	}
}

// join adds a member to the group of its kind and starts the group if it is the first.
func (w *Watcher) join(kind Kind, how watched, m *member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.groups[kind]
	if g == nil {
		ctx, cancel := context.WithCancel(WithPriority(context.Background(), PriorityWatch))
		g = &group{watcher: w, how: how, members: map[*member]struct{}{}, joined: make(chan struct{}, 1), cancel: cancel}
		w.groups[kind] = g
		go g.run(ctx)
	}
	g.members[m] = struct{}{}
	select {
	case g.joined <- struct{}{}:
	default:
	}
}

// part takes a member out; the last one ends the group, a request under way included.
func (w *Watcher) part(kind Kind, m *member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.groups[kind]
	if g == nil {
		return
	}
	if _, ok := g.members[m]; !ok {
		return // of a group that was given up
	}
	delete(g.members, m)
	if len(g.members) == 0 {
		g.cancel()
		delete(w.groups, kind)
	}
}
