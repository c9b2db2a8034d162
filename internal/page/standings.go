package page

import (
	"context"
	"slices"
	"sync"
	"time"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/schedules"
)

// Schedules are described one by one, by a query to each: those of a large fleet are read by and by.
const (
	// standingAge is how old the description of a schedule may be, and describedAtOnce how many are read again in one reading of the
	// fleet; those that are not known yet are all read.
	standingAge     = time.Minute
	describedAtOnce = 50
)

// standings remembers the schedules of models.
type standings struct {
	session follow.Session
	now     func() time.Time

	mu   sync.Mutex
	kept map[string]described
}

// described is a schedule as it was at a moment; absent when there was none.
type described struct {
	of     fleet.Standing
	absent bool
	at     time.Time
}

func newStandings(s follow.Session, now func() time.Time) *standings {
	return &standings{session: s, now: now, kept: map[string]described{}}
}

// of are the schedules of models. The error is a *exit.Failure.
func (s *standings) of(ctx context.Context, names []string) (map[string]fleet.Standing, error) {
	at := s.now()
	ask := s.stale(names, at)
	found, err := schedules.Standings(ctx, s.session, ask)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range ask {
		of, there := found[name]
		s.kept[name] = described{of: of, absent: !there, at: at}
	}
	all := map[string]fleet.Standing{}
	still := map[string]described{}
	for _, name := range names {
		d := s.kept[name]
		still[name] = d
		if !d.absent {
			all[name] = d.of
		}
	}
	s.kept = still // what has no schedule any more is forgotten
	return all, nil
}

// stale are the models whose schedules are to be read: all that are not known, and of the old ones the oldest.
func (s *standings) stale(names []string, now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ask, old []string
	for _, name := range names {
		switch d, known := s.kept[name]; {
		case !known:
			ask = append(ask, name)
		case now.Sub(d.at) >= standingAge:
			old = append(old, name)
		}
	}
	s.oldestFirst(old)
	return append(ask, old[:min(len(old), describedAtOnce)]...)
}

func (s *standings) oldestFirst(names []string) {
	slices.SortStableFunc(names, func(a, b string) int { return s.kept[a].at.Compare(s.kept[b].at) })
}

// oldest is when the oldest description was read; zero when there is none.
func (s *standings) oldest() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	var oldest time.Time
	for _, d := range s.kept {
		if oldest.IsZero() || d.at.Before(oldest) {
			oldest = d.at
		}
	}
	return oldest
}
