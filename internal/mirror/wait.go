package mirror

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"speech-retrainer/internal/speech"
)

// Progress is one look of those who wait. That an object is not among what changed is a look at it too: it is as it was.
type Progress struct {
	Status speech.Status
	// Since is when the status was entered, zero when the service does not say.
	Since time.Time
}

// WaitModel waits until a custom model is Succeeded or Failed.
func (l *Mirror) WaitModel(ctx context.Context, id string, saw func(Progress)) (speech.CustomModel, time.Time, error) {
	return l.models.wait(ctx, id, saw)
}

// WaitEvaluation waits until an evaluation is Succeeded or Failed.
func (l *Mirror) WaitEvaluation(ctx context.Context, id string, saw func(Progress)) (speech.Evaluation, time.Time, error) {
	return l.evaluations.wait(ctx, id, saw)
}

// WaitDataset waits until a dataset is Succeeded or Failed.
func (l *Mirror) WaitDataset(ctx context.Context, id string, saw func(Progress)) (speech.Dataset, time.Time, error) {
	return l.datasets.wait(ctx, id, saw)
}

const (
	// prompt is how many of the shortest paces a look keeps that pace after the last who came: what takes a minute is noticed
	// within two seconds. After that it is a part of the time that has passed.
	prompt = 31
	share  = 6
	// manyPace is the longest time between two looks for many: they share its cost.
	manyPace = 10 * time.Second
	// longestWait is the longest time between two looks even if the service asks for a longer one, or very much has changed, so that
	// heartbeats go on.
	longestWait = 2 * time.Minute
	// pageTime is how long a page of what changed keeps the next look away: looks must leave room for what they wait for.
	pageTime = 1200 * time.Millisecond
	// maxAsked is how many unknown objects are read by themselves before the next look: those who are well must hear of it.
	maxAsked = 16
)

// group is all who wait for objects of one kind. It is guarded by the store's mutex.
type group[T speech.Item] struct {
	members map[*member[T]]struct{}
	// since is when the last one came.
	since time.Time
	// joined holds a value when somebody has come.
	joined chan struct{}
	cancel context.CancelFunc
}

// member is one who waits.
type member[T speech.Item] struct {
	id    string
	since time.Time
	// told holds a value when a look has shown the object, or an error when there will be none.
	told chan news
	// alive is called when the next look goes on: an answer came, or it waits for its turn.
	alive func()
}

// news is what a member is told; err is nil when there is something to see.
type news struct{ err error }

// tell replaces what was not taken yet. The store's mutex is held: of two at once the second would wait for a reader.
func (m *member[T]) tell(err error) {
	select {
	case <-m.told:
	default:
	}
	m.told <- news{err}
}

// wait waits until an object is terminal and returns it as it was listed, and the service's now. saw is called at each look, the last one
// included. It ends early with the error of ctx, or of a request: not found when the object is gone. It does not try
// again; waiting again goes on where the object is.
func (s *store[T]) wait(ctx context.Context, id string, saw func(Progress)) (T, time.Time, error) {
	m := &member[T]{id: speech.CanonicalID(id), since: time.Now(), told: make(chan news, 1), alive: func() { speech.Alive(ctx) }}
	s.join(m)
	defer s.part(m)
	return s.follow(ctx, m, saw)
}

// follow is the wait of one who has joined.
func (s *store[T]) follow(ctx context.Context, m *member[T], saw func(Progress)) (T, time.Time, error) {
	var zero T
	for {
		select {
		case n := <-m.told:
			if n.err != nil {
				return zero, time.Time{}, n.err
			}
			e, at, ok := s.lastSeen(m.id)
			if !ok {
				s.join(m) // it was deleted since: the next look asks for it, also when it had ended before
				continue
			}
			saw(e.progress)
			if e.progress.Status.Terminal() {
				return e.value, later(at, e.progress.Since), nil
			}
		case <-ctx.Done():
			return zero, time.Time{}, ctx.Err()
		}
	}
}

// lastSeen is an object as it was last seen, and the service's now at the last look; ok is false when it is gone.
func (s *store[T]) lastSeen(id string) (e entry[T], at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok = s.entries[id]
	return e, s.looked.at, ok && !e.gone
}

// join adds one who waits. What is known of its object already it is told at once.
func (s *store[T]) join(m *member[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.entries[m.id]; ok && !e.gone {
		m.tell(nil)
		if e.progress.Status.Terminal() {
			return
		}
	}
	if s.group == nil {
		g := &group[T]{members: map[*member[T]]struct{}{}, joined: make(chan struct{}, 1)}
		alive := func() { s.alive(g) }
		var ctx context.Context
		ctx, g.cancel = context.WithCancel(speech.WithPriority(context.Background(), speech.PriorityWatch))
		s.group = g
		go s.watch(speech.OnAnswer(speech.WhileQueued(ctx, alive), alive), g)
	}
	s.group.members[m], s.group.since = struct{}{}, time.Now()
	select {
	case s.group.joined <- struct{}{}:
	default:
	}
}

// alive says that the next look of a group goes on, however long it takes.
func (s *store[T]) alive(g *group[T]) {
	s.mu.Lock()
	members := slices.Collect(maps.Keys(g.members))
	s.mu.Unlock()
	for _, m := range members {
		m.alive()
	}
}

// part takes one out who waits no longer; the last one ends the group, a request under way included.
func (s *store[T]) part(m *member[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.group == nil {
		return
	}
	if delete(s.group.members, m); len(s.group.members) == 0 {
		s.group.cancel()
		s.group = nil
	}
}

// watch looks until nobody waits or a request fails.
func (s *store[T]) watch(ctx context.Context, g *group[T]) {
	pace := s.least()
	for {
		if !s.pause(ctx, g, time.Now(), &pace) {
			return
		}
		err := s.refresh(ctx, time.Now())
		if err == nil {
			err = s.lookFor(ctx, g)
		}
		var asked int
		if err == nil {
			asked, err = s.report(ctx, g)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.fail(g, err)
			return
		case asked >= maxAsked:
			pace = 0 // there are more
		default:
			pace = s.next(g)
		}
	}
}

// pause waits for the time of the next look. Whoever comes meanwhile makes that the shortest.
func (s *store[T]) pause(ctx context.Context, g *group[T], began time.Time, pace *time.Duration) bool {
	for {
		timer := time.NewTimer(time.Until(began.Add(*pace)))
		select {
		case <-timer.C:
			return true
		case <-g.joined:
			timer.Stop()
			*pace = min(*pace, s.least())
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// next is the time until the next look: longer the longer nobody has come, shorter when it is for many, and no shorter
// than the service asks for. Jitter only shortens our own pace and only lengthens the service's.
func (s *store[T]) next(g *group[T]) time.Duration {
	s.mu.Lock()
	many, passed := len(g.members), time.Since(g.since)
	s.mu.Unlock()
	pace := s.options.MinPace
	if passed > prompt*pace {
		pace = passed / share
	}
	pace = min(pace, max(min(s.options.MaxPace, manyPace), s.options.MaxPace/time.Duration(max(many, 1))))
	return max(pace-rand.N(pace/10+1), s.least())
}

// least is the shortest time until the next look.
func (s *store[T]) least() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := min(s.retryAfter+rand.N(s.retryAfter/10+1), longestWait)
	return max(s.options.MinPace, asked, min(time.Duration(s.changedPages-1)*pageTime, longestWait))
}

// lookFor asks by name for those that nothing has shown for longer than lists of changes reach back: one that came into the
// lists too late for them, or was deleted. A request carries as many as fit, one request a look.
func (s *store[T]) lookFor(ctx context.Context, g *group[T]) error {
	names := s.unshown(g, time.Now())
	if len(names) == 0 {
		return nil
	}
	_, _, err := s.named(ctx, names)
	return err
}

// unshown are the names whose turn it is to be asked for: the longer one waits, the less often.
func (s *store[T]) unshown(g *group[T], now time.Time) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for m := range g.members {
		e, ok := s.entries[m.id]
		if !ok || e.gone || now.Sub(e.shown) <= max(s.options.Overlap, now.Sub(m.since)/share) {
			continue
		}
		more := append(names, speech.Common(e.value).DisplayName)
		if len(more) > maxNames || size(more) > maxNameBytes {
			break
		}
		names = more
	}
	return names
}

// report tells everybody what is known of its object, and asks for those that no list has shown.
func (s *store[T]) report(ctx context.Context, g *group[T]) (asked int, err error) {
	s.mu.Lock()
	var unknown []*member[T]
	for m := range g.members {
		if e, ok := s.entries[m.id]; ok && !e.gone {
			m.tell(nil)
		} else {
			unknown = append(unknown, m)
		}
	}
	s.mu.Unlock()
	for _, m := range unknown[:min(len(unknown), maxAsked)] {
		asked++
		sent := time.Now()
		v, _, err := s.get(ctx, m.id)
		switch {
		case err == nil:
			s.put(sent, v)
			s.tell(m, nil)
		case speech.IsNotFound(err):
			s.tell(m, err)
		default:
			return asked, err
		}
	}
	return asked, nil
}

func (s *store[T]) tell(m *member[T], err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.tell(err)
}

// fail ends the group and tells everybody why. Who waits again begins another.
func (s *store[T]) fail(g *group[T], err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.cancel()
	if s.group == g {
		s.group = nil
	}
	for m := range g.members {
		m.tell(err)
	}
}
