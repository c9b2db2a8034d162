package mirror

import (
	"context"
	"errors"
	"slices"
	"time"

	"speech-retrainer/internal/speech"
)

// turn is held by one at a time.
type turn chan struct{}

// pulse is how often one who waits for its turn says that it is alive: each request of the one before has a time-out of
// its own, so the wait is bounded.
const pulse = 5 * time.Second

func newTurn() turn {
	t := make(turn, 1)
	t <- struct{}{}
	return t
}

func (t turn) take(ctx context.Context) error {
	select {
	case <-t:
		return nil
	default:
	}
	alive := time.NewTicker(pulse)
	defer alive.Stop()
	for {
		select {
		case <-t:
			return nil
		case <-alive.C:
			speech.Alive(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t turn) give() { t <- struct{}{} }

// fresh tells that the last complete look is young enough.
func (s *store[T]) fresh(notBefore time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.looked.began.IsZero() && !s.looked.began.Before(notBefore)
}

// refresh looks at what has happened, unless somebody has since notBefore. Whoever comes first looks, the others wait
// for it.
func (s *store[T]) refresh(ctx context.Context, notBefore time.Time) error {
	s.inUse()
	if s.fresh(notBefore) {
		return nil
	}
	if err := s.turn.take(ctx); err != nil {
		return err
	}
	defer s.turn.give()
	if s.fresh(notBefore) {
		return nil
	}
	ctx = speech.WithPriority(ctx, speech.PriorityWatch)
	// A first reading may have begun long ago, by another: what happened meanwhile is then still to be seen.
	for range maxFailures {
		var err error
		if since, known := s.since(); known {
			err = s.readChanges(ctx, since)
		} else {
			err = s.readAll(ctx)
		}
		if err != nil || s.fresh(notBefore) {
			return err
		}
	}
	return nil
}

// since is the service's moment after which a list of changes has to begin; known is false when only a list of
// everything will do.
func (s *store[T]) since() (at time.Time, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at = s.looked.at
	if s.looked.local {
		// This machine's clock says nothing about the service's dates.
		at = s.newest
	}
	stale := s.options.Undated > 0 && time.Since(s.crawled.began) > s.options.Undated
	return at.Add(-s.options.Overlap), !s.whole && !stale && !s.looked.began.IsZero() && !at.IsZero()
}

// round is one reading of everything, page by page.
type round[T speech.Item] struct {
	reading *speech.Reading[T]
	// began and last are when it began and when its last page came, by this process's clock.
	began, last time.Time
	seen        map[string]bool
	// failed counts the errors since the last page, moved the readings before this one whose pages moved.
	failed, moved int
	// confirmed counts the objects that were read by themselves.
	confirmed int
	// disputed are the objects that were known otherwise than they were shown.
	disputed []string
}

// maxFailures is after how many errors in a row a reading begins anew, in case that the way to its next page is spoilt.
const maxFailures = 3

// maxMoved is how often a reading begins anew because its pages moved. After that an object may be missed until the crawl
// shows it.
const maxMoved = 5

func (s *store[T]) newRound(moved int) *round[T] {
	now := time.Now()
	r := &round[T]{reading: speech.Read[T](s.client, s.kind, speech.Filter{}), began: now, last: now, seen: map[string]bool{}, moved: moved}
	if moved < maxMoved {
		r.reading.Steady()
	}
	return r
}

// step reads one page of a round, which begins anew when its pages have moved.
func (s *store[T]) step(ctx context.Context, r *round[T]) error {
	asOf := time.Now().Add(-s.options.Lag)
	if r.reading.Pages() == 0 {
		r.began = time.Now() // a first page that was asked for in vain is no beginning
	}
	values, err := r.reading.Next(ctx)
	if errors.Is(err, speech.ErrMoved) {
		*r = *s.newRound(r.moved + 1)
		return nil
	}
	if err != nil {
		r.failed++
		return err
	}
	r.failed, r.last = 0, time.Now()
	s.put(asOf, values...)
	r.disputed = append(r.disputed, s.disputed(values)...)
	for _, v := range values {
		r.seen[speech.Common(v).ID()] = true
	}
	return nil
}

// maxConfirmed is how many objects a look reads by themselves; the others are known until the crawl asks for them.
const maxConfirmed = 50

// missed are the objects that a round should have shown and did not: gone, or on a page that moved while it was read.
func (s *store[T]) missed(r *round[T]) []string {
	// Lists have to catch up with what was seen since.
	return s.unseen(r.began.Add(-s.options.Lag), r.seen, func(T) bool { return true })
}

// unseen are the known objects that were seen before a moment, and not by a list.
func (s *store[T]) unseen(before time.Time, seen map[string]bool, of func(T) bool) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id, e := range s.entries {
		if !e.gone && !seen[id] && of(e.value) && e.asOf.Before(before) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids[:min(len(ids), maxConfirmed)]
}

// readAll reads everything, going on where the last try failed. The caller has the turn.
func (s *store[T]) readAll(ctx context.Context) error {
	if s.first == nil || s.first.failed >= maxFailures || s.left() {
		s.first = s.newRound(0)
	}
	r := s.first
	for !r.reading.Done() {
		if err := s.step(ctx, r); err != nil {
			return err
		}
	}
	for _, id := range slices.Concat(s.missed(r), r.disputed) {
		if err := s.confirm(ctx, id, 0); err != nil {
			return err
		}
	}
	s.first = nil
	meta := r.reading.Meta()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = look{began: r.began, at: meta.ObservedAt, local: meta.LocalClock}
	s.crawled, s.pages, s.changedPages, s.retryAfter = s.looked, r.reading.Pages(), 1, meta.RetryAfter
	s.bury(r.began)
	return nil
}

// confirm reads one object that a list has missed: it is gone, or was on a page that moved. What was seen within the lag is
// not gone for one 404: it may just have been made.
func (s *store[T]) confirm(ctx context.Context, id string, lag time.Duration) error {
	asOf := time.Now()
	v, _, err := s.get(ctx, id)
	switch {
	case speech.IsNotFound(err):
		if lag == 0 || !s.seenSince(asOf.Add(-lag), id) {
			s.drop(asOf, id)
		}
		return nil
	case err != nil:
		return err
	}
	s.put(asOf, v)
	return nil
}

func (s *store[T]) seenSince(when time.Time, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[id].asOf.After(when)
}

// readChanges reads what has changed since a moment of the service. The caller has the turn.
func (s *store[T]) readChanges(ctx context.Context, since time.Time) error {
	began := time.Now()
	reading, err := s.read(ctx, speech.Filter{ChangedAfter: since}, func([]T) {})
	if err != nil {
		return err
	}
	meta := reading.Meta()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = look{began: began, at: meta.ObservedAt, local: meta.LocalClock}
	s.changedPages, s.retryAfter = reading.Pages(), meta.RetryAfter
	if meta.ObservedAt.Before(since) {
		// The service's clock was set back: what happens from now on carries dates that were looked at already.
		s.looked = look{}
	}
	s.bury(began)
	return nil
}

// read reads a list that it begins at this moment to its end; what it shows is known from then on, and taken page by page, some
// of it more than once.
func (s *store[T]) read(ctx context.Context, f speech.Filter, take func([]T)) (*speech.Reading[T], error) {
	for moved := 0; ; moved++ {
		reading := speech.Read[T](s.client, s.kind, f)
		if moved < maxMoved {
			reading.Steady()
		}
		var err error
		for err == nil && !reading.Done() {
			asOf := time.Now().Add(-s.options.Lag)
			var values []T
			if values, err = reading.Next(ctx); err == nil {
				s.put(asOf, values...)
				take(values)
			}
		}
		if !errors.Is(err, speech.ErrMoved) {
			return reading, err
		}
	}
}
