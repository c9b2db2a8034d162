package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/stack"
)

// lone is what one wait asked, by the minute.
type lone struct {
	Minutes []int `json:"requestsByMinute"`
}

// aMinute is how long the row "lone" counts at a time.
const aMinute = time.Minute

// minutes counts the requests of the next two minutes.
func (s *site) minutes(ctx context.Context) (l lone, err error) {
	before, err := s.emulator.Tally(ctx, 0)
	for range 2 {
		if err == nil {
			err = pause(ctx, aMinute)
		}
		if err != nil {
			return l, err
		}
		var t stack.Tally
		t, err = s.emulator.Tally(ctx, before.Last)
		l.Minutes, before = append(l.Minutes, t.Requests), t
	}
	return l, err
}

// measureLone is the row "lone": the product and its peers side by side.
func measureLone(ctx context.Context, h *host) ([]Figure, any, error) {
	var product lone
	peers := make([]lone, len(scripts))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		s, err := h.site(ctx, siteOptions{name: "lone"})
		if err != nil {
			return err
		}
		defer s.close(&err)
		p, err := s.park(ctx, 1, aMinute)
		if err != nil {
			return err
		}
		product, err = s.minutes(ctx)
		return errors.Join(err, p.leave(ctx))
	})
	for i, script := range scripts {
		group.Go(func() (err error) {
			s, err := h.site(ctx, siteOptions{name: "lone-script", idle: true})
			if err != nil {
				return err
			}
			defer s.close(&err)
			ids, err := s.trainings(ctx, 1)
			if err != nil {
				return err
			}
			waiting, cancel := context.WithCancel(ctx)
			var loop sync.WaitGroup
			loop.Go(func() { _ = script.await(waiting, s, s.emulator.Address("models/"+ids[0])) })
			peers[i], err = s.minutes(ctx)
			cancel()
			loop.Wait()
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, product, err
	}
	raw := map[string]lone{"product": product}
	var first, second []Peer
	for i, p := range scripts {
		raw[p.name] = peers[i]
		first = append(first, number(p.name, float64(peers[i].Minutes[0])))
		second = append(second, number(p.name, float64(peers[i].Minutes[1])))
	}
	return []Figure{
		figure("requests of a lone wait in its first minute", float64(product.Minutes[0]), "").was("57").beside(first...),
		figure("requests of a lone wait in its second minute", float64(product.Minutes[1]), "").atMost(6).was("57").beside(second...),
	}, raw, nil
}

func number(name string, value float64) Peer { return Peer{Name: name, Value: &value} }

// many is what many waits asked and how late they heard.
type many struct {
	Waits    int         `json:"waits"`
	Begun    look        `json:"begun"`
	Asked    stack.Tally `json:"askedWhileNothingEnds"`
	Finished int         `json:"finished"`
	Notices  []float64   `json:"notices"`
	Load     float64     `json:"load"`
}

// What the row "waits" measures: so many waits, which all end at once.
const (
	manyWaits    = 1000
	quietFor     = 30 * time.Second
	noticeLimit  = 2 * time.Minute
	parkingLimit = 2 * time.Minute
)

// waits measures the product.
func (h *host) waits(ctx context.Context) (m many, err error) {
	s, err := h.site(ctx, siteOptions{name: "waits"})
	if err != nil {
		return m, err
	}
	defer s.close(&err)
	p, err := s.park(ctx, manyWaits, parkingLimit)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, p.leave(ctx)) }()
	m.Waits = manyWaits
	if m.Begun, err = p.look(ctx); err != nil {
		return m, err
	}
	if err := m.count(ctx, s); err != nil {
		return m, err
	}
	finished, err := p.finish(ctx)
	if err != nil {
		return m, err
	}
	m.Finished = len(finished)
	m.Notices, err = p.notices(ctx, finished, noticeLimit)
	m.Load = load()
	return m, err
}

// count counts what is asked while nothing ends. What came with the beginning is over by then.
func (m *many) count(ctx context.Context, s *site) error {
	if err := pause(ctx, quietFor); err != nil {
		return err
	}
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return err
	}
	if err := pause(ctx, quietFor); err != nil {
		return err
	}
	m.Asked, err = s.emulator.Tally(ctx, before.Last)
	return err
}

// polls does the same with a script.
func (h *host) polls(ctx context.Context, p script) (m many, err error) {
	s, err := h.site(ctx, siteOptions{name: "polls", idle: true})
	if err != nil {
		return m, err
	}
	defer s.close(&err)
	ids, err := s.trainings(ctx, manyWaits)
	if err != nil {
		return m, err
	}
	waiting, cancel := context.WithCancel(ctx)
	var loops sync.WaitGroup
	defer func() { cancel(); loops.Wait() }()
	knew := make(chan string, manyWaits)
	for _, id := range ids {
		loops.Go(func() {
			if p.await(waiting, s, s.emulator.Address("models/"+id)) == nil {
				knew <- id
			}
		})
	}
	m.Waits = manyWaits
	if err := m.count(ctx, s); err != nil {
		return m, err
	}
	heard := map[string]time.Time{}
	var hearing sync.WaitGroup
	over, stop := context.WithTimeout(ctx, noticeLimit)
	defer stop()
	hearing.Go(func() {
		for len(heard) < manyWaits {
			select {
			case id := <-knew:
				heard[id] = time.Now()
			case <-over.Done():
				return
			}
		}
	})
	ending := &parked{site: s, models: ids}
	finished, err := ending.finish(ctx)
	if err != nil {
		stop()
	}
	hearing.Wait()
	m.Finished = len(finished)
	for id, at := range heard {
		m.Notices = append(m.Notices, max(0, at.Sub(finished[id]).Seconds()))
	}
	m.Load = load()
	return m, err
}

// measureWaits is the row "waits": the product, then the peers, since they would take its processor.
func measureWaits(ctx context.Context, h *host) ([]Figure, any, error) {
	raw := map[string]many{}
	m, err := h.waits(ctx)
	raw["product"] = m
	if err != nil {
		return nil, raw, err
	}
	var asked, late []Peer
	peers := make([]many, len(scripts))
	if err := sideBySide(ctx, func(ctx context.Context, i int, p script) (err error) {
		peers[i], err = h.polls(ctx, p)
		return err
	}); err != nil {
		return nil, raw, err
	}
	for i, p := range scripts {
		l := peers[i]
		raw[p.name] = l
		asked = append(asked, number(p.name, float64(l.Asked.Busiest)))
		notice, note := l.notice()
		late = append(late, Peer{Name: p.name, Value: notice, Note: note})
	}
	figures := []Figure{figure(fmt.Sprintf("requests of %d waits in any 10 s", m.Waits), float64(m.Asked.Busiest), "").atMost(20).was("80").beside(asked...)}
	value, note := m.notice()
	figures = append(figures, Figure{Name: fmt.Sprintf("notice, p95 of %d waits", m.Waits), Value: value, Unit: "s", Note: note}.
		atMost(15).was("123").beside(late...))
	return figures, raw, nil
}

// notice is how late 95 of 100 ends are known at most, in seconds; nil with a note when too few became known.
func (m many) notice() (*float64, string) {
	if len(m.Notices)*100 < m.Finished*95 {
		return nil, fmt.Sprintf("%d of %d known %.0f s after the last", len(m.Notices), m.Finished, noticeLimit.Seconds())
	}
	late := percentile(m.Notices, 95)
	return &late, ""
}
