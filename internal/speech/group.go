package speech

import (
	"context"
	"time"
)

const (
	// gather is the part of the shortest pace in which new members gather before the next look.
	gather = 4
	// maxSuspects is how many objects are read by themselves before the next list: the members that are
	// well must hear of it.
	maxSuspects = 16
)

// group is the waits on one kind that share a list. Its fields are guarded by the watcher's mutex,
// except those that only its own goroutine uses.
type group struct {
	watcher *Watcher
	how     watched
	members map[*member]struct{}
	joined  chan struct{}
	cancel  context.CancelFunc

	newest time.Time // the latest change seen; its goroutine's own
	swept  time.Time // when everything in flight was last listed; its goroutine's own
}

// member is one wait in a group. All but id and findings belongs to the group's goroutine.
type member struct {
	id       string
	findings chan finding

	known   observation
	seen    bool // known is set
	suspect bool // to be read by itself: the lists do not tell
	over    bool // it has been told the end
}

// finding is an observation or the failure that ends a wait.
type finding struct {
	observation
	err error
}

// tell gives a member the finding; what it has not taken yet is replaced. Only the group's goroutine
// tells, so after the drain there is room.
func (m *member) tell(n finding) {
	select {
	case <-m.findings:
	default:
	}
	m.findings <- n
}

// observe records what was seen of a member and tells it.
func (m *member) observe(o observation) {
	o.polls = m.known.polls + 1
	m.known, m.seen, m.suspect, m.over = o, true, false, o.status.Terminal()
	m.tell(finding{observation: o})
}

// unchanged tells a member that it is as it was.
func (m *member) unchanged(meta Meta) {
	m.known.polls++
	m.known.meta = meta
	m.tell(finding{observation: m.known})
}

// run looks until nobody waits or a request fails.
func (g *group) run(ctx context.Context) {
	pace := g.watcher.pace()
	for {
		if !g.pause(ctx, g.watcher.options.MinPace/gather) {
			return
		}
		for {
			wait, err := g.look(ctx, pace)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				g.fail(err)
				return
			}
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
				continue
			case <-g.joined:
				pace.reset()
			case <-ctx.Done():
			}
			timer.Stop()
			break
		}
	}
}

// pause waits, and reports whether the group still exists.
func (g *group) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	select {
	case <-g.joined: // they are in the next look
	default:
	}
	return true
}

// present is the members that still wait.
func (g *group) present() []*member {
	g.watcher.mu.Lock()
	defer g.watcher.mu.Unlock()
	var all []*member
	for m := range g.members {
		if !m.over {
			all = append(all, m)
		}
	}
	return all
}

// fail ends the group and tells all its members why. Who waits again starts another.
func (g *group) fail(err error) {
	w := g.watcher
	w.mu.Lock()
	defer w.mu.Unlock()
	g.cancel()
	for kind, other := range w.groups {
		if other == g {
			delete(w.groups, kind)
		}
	}
	for m := range g.members {
		if !m.over {
			m.tell(finding{err: err})
		}
	}
}

// look asks once what became of the members, and says how long to wait before the next look. It lists
// everything in flight when that is due or there are many new members, else only what changed.
func (g *group) look(ctx context.Context, pace *pace) (time.Duration, error) {
	members := g.present()
	if len(members) == 0 {
		return g.watcher.options.MaxPace, nil // all have been told, and are about to leave
	}
	var meta Meta
	var err error
	o, fresh := g.watcher.options, 0
	for _, m := range members {
		if !m.seen && !m.suspect {
			fresh++
		}
	}
	sweep := g.newest.IsZero() || fresh > o.Singles || time.Since(g.swept) >= o.Sweep
	found := map[string]observation{}
	if sweep {
		meta, err = g.list(ctx, Filter{Statuses: []Status{StatusNotStarted, StatusRunning}}, found)
		if err != nil {
			return 0, err
		}
		g.swept = time.Now()
	}
	// After the list of what is in flight, so that what ended meanwhile is in one of the two.
	if !g.newest.IsZero() {
		meta, err = g.list(ctx, Filter{ChangedAfter: g.newest.Add(-o.Overlap)}, found)
		if err != nil {
			return 0, err
		}
	}
	for _, m := range members {
		switch seen, ok := found[canonicalID(m.id)]; {
		case ok:
			m.observe(seen)
		case sweep || !m.seen:
			m.suspect = true
		case !m.suspect:
			m.unchanged(meta)
		}
	}
	more, err := g.question(ctx, members)
	if more {
		return 0, err
	}
	return pace.next(meta), err
}

// list adds to what was found.
func (g *group) list(ctx context.Context, f Filter, found map[string]observation) (Meta, error) {
	page, meta, err := g.how.list(ctx, g.watcher.client, f)
	for id, o := range page {
		found[id] = o
		if o.since.After(g.newest) {
			g.newest = o.since
		}
	}
	return meta, err
}

// question reads the objects of suspects by themselves: they are gone, or ended long ago, or have a
// status of which this client knows nothing. More is true when there are some left.
func (g *group) question(ctx context.Context, members []*member) (more bool, err error) {
	ctx = WithPriority(ctx, priorityCall) // one object each: worth no more than what others ask
	asked := 0
	for _, m := range members {
		if !m.suspect {
			continue
		}
		if asked == maxSuspects {
			return true, nil
		}
		asked++
		o, err := g.how.get(ctx, g.watcher.client, m.id)
		switch {
		case err == nil:
			m.observe(o)
			if o.since.After(g.newest) {
				g.newest = o.since
			}
		case IsNotFound(err):
			m.suspect, m.over = false, true
			m.tell(finding{err: err})
		default:
			return false, err
		}
	}
	return false, nil
}
