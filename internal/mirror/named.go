package mirror

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"speech-retrainer/internal/speech"
)

const (
	// gather is how long those who ask for names wait for others to ask with them.
	gather = 20 * time.Millisecond
	// maxNames and maxNameBytes are how much one request asks for: it has to fit into a URL.
	maxNames     = 40
	maxNameBytes = 2000
)

// asks are those who want to know, afresh, what has a name.
type asks[T speech.Item] struct {
	mu      sync.Mutex
	queue   []*ask[T]
	running bool
}

// ask is one question.
type ask[T speech.Item] struct {
	names  []string
	answer chan named[T]
}

type named[T speech.Item] struct {
	found []T
	meta  speech.Meta
	err   error
}

// named is what has one of these exact names, in a list that was asked for after the call.
func (s *store[T]) named(ctx context.Context, names []string) ([]T, speech.Meta, error) {
	if len(names) == 0 {
		return nil, speech.Meta{}, nil
	}
	if slices.ContainsFunc(names, func(n string) bool { return !speech.Filterable(n) }) || size(names) > maxNameBytes {
		return s.listNamed(ctx, names)
	}
	question := &ask[T]{names: names, answer: make(chan named[T], 1)}
	s.asks.mu.Lock()
	s.asks.queue = append(s.asks.queue, question)
	if !s.asks.running {
		s.asks.running = true
		go s.answer()
	}
	s.asks.mu.Unlock()
	alive := time.NewTicker(pulse)
	defer alive.Stop()
	for {
		select {
		case a := <-question.answer:
			return a.found, a.meta, a.err
		case <-alive.C:
			speech.Alive(ctx)
		case <-ctx.Done():
			return nil, speech.Meta{}, ctx.Err()
		}
	}
}

// answer asks until nobody wants to know more. One request carries as many questions as fit.
func (s *store[T]) answer() {
	ctx := speech.WithPriority(context.Background(), speech.PriorityWatch)
	time.Sleep(gather)
	for {
		batch, names := s.asks.next()
		if len(batch) == 0 {
			return
		}
		found, meta, err := s.listNamed(ctx, names)
		for _, q := range batch {
			own := slices.DeleteFunc(slices.Clone(found), func(v T) bool { return !slices.Contains(q.names, speech.Common(v).DisplayName) })
			q.answer <- named[T]{found: own, meta: meta, err: err}
		}
	}
}

// next takes the questions of the next request, and all their names; none when there are none, and then who asks
// begins again.
func (a *asks[T]) next() (batch []*ask[T], names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, q := range a.queue {
		all := slices.Concat(names, q.names)
		slices.Sort(all)
		if all = slices.Compact(all); len(batch) > 0 && (len(all) > maxNames || size(all) > maxNameBytes) {
			break
		}
		batch, names = append(batch, q), all
	}
	a.queue = a.queue[len(batch):]
	a.running = len(batch) > 0
	return batch, names
}

func size(names []string) int {
	n := 0
	for _, name := range names {
		n += len(name)
	}
	return n
}

// listNamed is what has these names now, by a list and by what is known. What is known by one of them and not shown is read by
// itself: it is gone, has another name now, or the list is behind. So is what is shown otherwise than it was seen.
func (s *store[T]) listNamed(ctx context.Context, names []string) ([]T, speech.Meta, error) {
	began := time.Now()
	found, meta, err := s.list(ctx, speech.Filter{AnyName: names})
	if err != nil {
		return nil, meta, err
	}
	seen := map[string]bool{}
	for _, v := range found {
		seen[speech.Common(v).ID()] = true
	}
	named := func(v T) bool { return slices.Contains(names, speech.Common(v).DisplayName) }
	for _, id := range s.unseen(began, seen, named) {
		if err := s.confirm(ctx, id, s.options.Lag); err != nil {
			return nil, meta, err
		}
	}
	for _, id := range s.disputed(found) {
		if err := s.confirm(ctx, id, 0); err != nil {
			return nil, meta, err
		}
	}
	return s.known(named), meta, nil
}

// disputed are the objects that are known otherwise than a list has just shown them.
func (s *store[T]) disputed(found []T) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, v := range found {
		if e, ok := s.entries[speech.Common(v).ID()]; ok && !e.gone && !reflect.DeepEqual(e.value, v) {
			ids = append(ids, speech.Common(v).ID())
		}
	}
	return ids
}

// known are the objects of a kind that are there as far as is known.
func (s *store[T]) known(of func(T) bool) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []T{}
	all, _ := s.current()
	for _, v := range all {
		if of(v) {
			found = append(found, v)
		}
	}
	return found
}

// list is what a list that is asked for at this moment shows, each object once, as it was last seen.
func (s *store[T]) list(ctx context.Context, f speech.Filter) ([]T, speech.Meta, error) {
	all, at := []T{}, map[string]int{}
	reading, err := s.read(ctx, f, func(values []T) {
		for _, v := range values {
			id := speech.Common(v).ID()
			if i, ok := at[id]; ok {
				all[i] = v
				continue
			}
			at[id] = len(all)
			all = append(all, v)
		}
	})
	if err != nil {
		return nil, reading.Meta(), err
	}
	return all, reading.Meta(), nil
}
