package mirror

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"speech-retrainer/internal/speech"
)

// look is one complete look at a list.
type look struct {
	// began is when, by this process's clock; at is the service's now then.
	began, at time.Time
	// local tells that the service sent no date, so that at is this machine's.
	local bool
	// version counts what has changed since the process began; a view's own.
	version uint64
}

// store holds the objects of one kind.
type store[T speech.Item] struct {
	client  *speech.Client
	options Options
	kind    speech.Kind
	get     func(context.Context, string) (T, speech.Meta, error)
	// whole tells that each look reads everything: there are few, and what matters of them carries no date.
	whole bool
	// inUse is told when somebody looks.
	inUse func()

	// turn is held by whoever reads a list.
	turn turn
	// first is the reading of everything that has not come to its end; its reader has the turn.
	first *round[T]
	// crawling is the round of the crawl; the crawler's own.
	crawling *round[T]

	mu      sync.Mutex
	entries map[string]entry[T]
	// looked is the last complete look, zero before the first; crawled the last at everything.
	looked, crawled look
	// before is the last look when nobody has looked for so long that it is forgotten: what it showed is old, but known. forgot
	// is when that was, by this process's clock.
	before look
	forgot time.Time
	// newest is the latest date of a status that was seen.
	newest time.Time
	// pages is how many pages the last look at everything had, changedPages the last at what changed.
	pages, changedPages int
	// retryAfter is what the service asked for at the last look.
	retryAfter time.Duration
	// sorted is what is known now; nil when it has to be made anew. version counts how often that was.
	sorted  []T
	version uint64

	asks  asks[T]
	group *group[T] // those who wait for an object, nil when nobody does; guarded by mu
}

// entry is an object as it was last seen.
type entry[T speech.Item] struct {
	value T
	// created and progress are of value, at hand without a copy of it.
	created  time.Time
	progress Progress
	// asOf is the moment, by this process's clock, before which nothing happened to it that value does not show.
	asOf time.Time
	// shown is when the service last showed it, by this process's clock.
	shown time.Time
	gone  bool
}

func newStore[T speech.Item](
	c *speech.Client, o Options, kind speech.Kind, get func(context.Context, string) (T, speech.Meta, error),
) *store[T] {
	return &store[T]{client: c, options: o, kind: kind, get: get, turn: newTurn(), entries: map[string]entry[T]{}, inUse: func() {}}
}

// put takes in objects as they were at a moment. An older look at an object that is known already changes nothing,
// unless its status is a later one.
func (s *store[T]) put(asOf time.Time, values ...T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		o := speech.Common(v)
		id := o.ID()
		known, ok := s.entries[id]
		if ok && asOf.Before(known.asOf) && (known.gone || !s.follows(o, speech.Common(known.value))) {
			known.shown = time.Now()
			s.entries[id] = known
			continue
		}
		// A later status came after what is known, and so did the rest of what was listed with it.
		s.entries[id] = entry[T]{
			value: v, created: o.CreatedDateTime, progress: Progress{Status: o.Status, Since: o.LastActionDateTime},
			asOf: later(asOf, known.asOf), shown: time.Now(),
		}
		s.sorted = nil
		if o.LastActionDateTime.After(s.newest) {
			s.newest = o.LastActionDateTime
		}
	}
}

// follows tells that a status came after the one that is known. Dates have seconds: of two of the same moment the terminal one
// is the later. Only an endpoint goes on after its end, and is listed whole.
func (s *store[T]) follows(listed, known speech.Object) bool {
	if order := listed.LastActionDateTime.Compare(known.LastActionDateTime); order != 0 || s.whole {
		return order > 0
	}
	return listed.Status.Terminal() && !known.Status.Terminal()
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// drop takes note that an object does not exist.
func (s *store[T]) drop(asOf time.Time, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.entries[id]; ok && asOf.Before(known.asOf) {
		return
	}
	s.entries[id] = entry[T]{asOf: asOf, gone: true}
	s.sorted = nil
}

// view is what is known, looked at no earlier than notBefore.
func (s *store[T]) view(ctx context.Context, notBefore time.Time) (all []T, looked, crawled look, err error) {
	if err := s.refresh(ctx, notBefore); err != nil {
		return nil, look{}, look{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all, looked = s.current()
	return all, looked, s.crawled, nil
}

// current is what is known without a request, and the last look that showed it. The mutex is held.
func (s *store[T]) current() (all []T, looked look) {
	if s.sorted == nil {
		s.version++
		s.sorted = s.inOrder()
	}
	looked = s.looked
	if looked.began.IsZero() {
		looked = s.before
	}
	looked.version = s.version
	return s.sorted, looked
}

// inOrder are the objects by creation, then ID. What is sorted is small: there may be thousands, after each change.
func (s *store[T]) inOrder() []T {
	type place struct {
		created time.Time
		id      string
		value   int
	}
	values, places := make([]T, 0, len(s.entries)), make([]place, 0, len(s.entries))
	for id, e := range s.entries {
		if !e.gone {
			places = append(places, place{e.created, id, len(values)})
			values = append(values, e.value)
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id, b.id)) })
	sorted := make([]T, len(values))
	for i, p := range places {
		sorted[i] = values[p.value]
	}
	return sorted
}

// remembered is current, for whoever only wants to know how things were.
func (s *store[T]) remembered() ([]T, look) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current()
}

// forget makes the next look read everything: what carries no date may have changed unseen, also on the pages of a round that is not
// through. What is known stays until then, so that an older list does not bring back what this process has changed. It is
// the crawler's.
func (s *store[T]) forget() {
	s.crawling = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.looked.began.IsZero() {
		s.before = s.looked
	}
	s.looked, s.crawled, s.forgot = look{}, look{}, time.Now()
}

// left tells that nobody went on with the first reading until it was forgotten.
func (s *store[T]) left() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first.last.Before(s.forgot)
}

// bury drops the memory of objects that are gone for so long that no list can bring them back.
func (s *store[T]) bury(now time.Time) {
	maps.DeleteFunc(s.entries, func(_ string, e entry[T]) bool { return e.gone && now.Sub(e.asOf) > 2*s.options.Overlap })
}
