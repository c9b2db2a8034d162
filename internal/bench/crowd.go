package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// crowd is what became of many retrains at once. Times are in seconds since just before the first start.
type crowd struct {
	Runs int `json:"runs"`
	// Ended is how many have completed, UnderWay how many trainings were accepted by the service.
	Ended    int     `json:"ended"`
	UnderWay int     `json:"underWay"`
	Last     float64 `json:"lastUnderWay"`
	Seconds  float64 `json:"seconds"`
	// Asked is what the service has logged until all had ended.
	Asked stack.Tally `json:"asked"`
	// Notices are the seconds from the end of each training to the moment when its run knew.
	Notices []float64 `json:"notices,omitempty"`
	// Load is the machine's while it ran.
	Load float64 `json:"load"`
}

// perRun is the requests of each.
func (c crowd) perRun() float64 { return float64(c.Asked.Requests) / float64(c.Runs) }

// whole tells that all have ended.
func (c crowd) whole() bool { return c.Ended == c.Runs }

// underWay is the moment when the last training began, if it did.
func (c crowd) underWay() (float64, bool) { return c.Last, c.UnderWay == c.Runs }

// retrains starts n retrains of as many models at once, on a dataset that is there, and looks until all have ended or the
// time is over.
func (h *host) retrains(ctx context.Context, n int, limit time.Duration) (c crowd, err error) {
	s, err := h.site(ctx, siteOptions{name: fmt.Sprintf("crowd-%d", n)})
	if err != nil {
		return c, err
	}
	defer s.close(&err)
	dataset, err := s.dataset(ctx)
	if err != nil {
		return c, err
	}
	requests := make([]object, n)
	for i := range requests {
		requests[i] = byReference(fmt.Sprintf("%s-%04d", s.queue, i), dataset)
	}
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return c, err
	}
	began := time.Now()
	if err := s.startAll(ctx, requests); err != nil {
		return c, err
	}
	c.Runs = n
	if err := every(ctx, time.Second, limit, func() (bool, error) {
		c.Ended, err = s.count(ctx, "Completed")
		if err != nil {
			return false, err
		}
		failed, err := s.count(ctx, "Failed")
		if failed > 0 {
			return false, fmt.Errorf("%d of %d retrains failed", failed, n)
		}
		return c.whole(), err
	}); err != nil {
		return c, err
	}
	c.Seconds, c.Load = time.Since(began).Seconds(), load()
	if err := c.asked(ctx, s, before.Last, began); err != nil {
		return c, err
	}
	if c.whole() {
		c.Notices, err = s.notices(ctx, requests)
	}
	h.Tell("%d at once: %d under way, the last after %.0f s; %d ended after %.0f s, with %d requests", n, c.UnderWay, c.Last, c.Ended, c.Seconds, c.Asked.Requests)
	return c, err
}

// asked reads the log: what was asked, and when the trainings began.
func (c *crowd) asked(ctx context.Context, s *site, after int, began time.Time) (err error) {
	if c.Asked, err = s.emulator.Tally(ctx, after); err != nil {
		return err
	}
	log, err := s.emulator.Requests(ctx, after)
	for _, e := range log {
		if e.Operation == "Models_Create" && e.Status == 201 {
			c.UnderWay++
			c.Last = max(c.Last, e.Arrived.Sub(began).Seconds())
		}
	}
	return err
}

// awaitTraining is the ID of the activity that waits for a training; operators type it.
const awaitTraining = "await-training"

// notices reads how long after the end of each training its run knew of it.
func (s *site) notices(ctx context.Context, requests []object) ([]float64, error) {
	models, err := s.emulator.Objects(ctx, stack.Models)
	if err != nil {
		return nil, err
	}
	over := map[string]time.Time{}
	for _, m := range models {
		over[m.CustomProperties[lifecycle.MarkModel]] = m.LastAction
	}
	late := make([]float64, len(requests))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startedAtOnce)
	for i, request := range requests {
		name := request["name"].(string)
		group.Go(func() error {
			run, err := s.history(ctx, lifecycle.RetrainID(name), "")
			if err != nil {
				return err
			}
			knew := run.completed(awaitTraining)
			if knew.IsZero() {
				return fmt.Errorf("the history of %s has no %s", name, awaitTraining)
			}
			late[i] = max(0, knew.Sub(over[name]).Seconds())
			return nil
		})
	}
	return late, group.Wait()
}

// loops does the same with a script, on a resource of its own.
func (h *host) loops(ctx context.Context, p script, n int, limit time.Duration) (c crowd, err error) {
	s, err := h.site(ctx, siteOptions{name: fmt.Sprintf("loops-%d", n), idle: true})
	if err != nil {
		return c, err
	}
	defer s.close(&err)
	dataset, err := s.dataset(ctx)
	if err != nil {
		return c, err
	}
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return c, err
	}
	began := time.Now()
	c.Runs = n
	c.Ended = all(ctx, n, limit, func(ctx context.Context, i int) error {
		return p.train(ctx, s, fmt.Sprintf("loop-%d", i), dataset)
	})
	c.Seconds, c.Load = time.Since(began).Seconds(), load()
	return c, c.asked(ctx, s, before.Last, began)
}

// crowds are the measurements of one row, for its raw data.
type crowds struct {
	Product []crowd            `json:"product"`
	Peers   map[string][]crowd `json:"peers"`
}

// Limits of a crowd: a run of the product that needs longer than this has missed its goal anyway.
const (
	hundredLimit  = 2 * time.Minute
	crowdLimit    = 4 * time.Minute
	thousandLimit = 8 * time.Minute
)

// measureCrowd is the row "crowd".
func measureCrowd(ctx context.Context, h *host) ([]Figure, any, error) {
	raw := crowds{Peers: map[string][]crowd{}}
	var figures []Figure
	for _, size := range []struct {
		n     int
		limit time.Duration
		goal  float64
		was   string
	}{{1, hundredLimit, 8, "27"}, {100, hundredLimit, 4, "27.5"}, {300, crowdLimit, 3, "34.7"}} {
		c, err := h.retrains(ctx, size.n, size.limit)
		if err != nil {
			return nil, raw, err
		}
		raw.Product = append(raw.Product, c)
		peers := make([]crowd, len(scripts))
		if err := sideBySide(ctx, func(ctx context.Context, i int, p script) (err error) {
			peers[i], err = h.loops(ctx, p, size.n, hundredLimit)
			return err
		}); err != nil {
			return nil, raw, err
		}
		var asked, late []Peer
		for i, p := range scripts {
			l := peers[i]
			raw.Peers[p.name] = append(raw.Peers[p.name], l)
			asked = append(asked, l.peer(p.name, l.perRun(), l.whole()))
			at, begun := l.underWay()
			late = append(late, l.peer(p.name, at/ideal(size.n), begun))
		}
		figures = append(figures, c.requests().atMost(size.goal).was(size.was).beside(asked...))
		if size.n == 300 {
			figures = append(figures, c.fairness().atMost(3).was("26").beside(late...), c.notice().atMost(15).was("451"))
		}
	}
	return figures, raw, nil
}

// ideal is how long one POST each takes with the whole quota.
func ideal(n int) float64 { return float64(n) / perSecond }

func (c crowd) peer(name string, value float64, reached bool) Peer {
	if !reached {
		return Peer{Name: name, Note: fmt.Sprintf("%d of %d in %.0f s", c.Ended, c.Runs, c.Seconds)}
	}
	return Peer{Name: name, Value: &value}
}

// requests is the figure of requests a run.
func (c crowd) requests() Figure {
	name := fmt.Sprintf("requests of each of %d retrains at once", c.Runs)
	if c.Runs == 1 {
		name = "requests of one retrain alone"
	}
	if !c.whole() {
		return missed(name, "", "%d of %d ended in %.0f s, %d requests", c.Ended, c.Runs, c.Seconds, c.Asked.Requests)
	}
	return figure(name, c.perRun(), "")
}

// fairness is how late the last of many was under way.
func (c crowd) fairness() Figure {
	name := fmt.Sprintf("until the last of %d is under way, over 1 POST each", c.Runs)
	at, begun := c.underWay()
	if !begun {
		return missed(name, ratio, "%d of %d under way after %.0f s", c.UnderWay, c.Runs, c.Seconds)
	}
	return figure(name, at/ideal(c.Runs), ratio)
}

func (c crowd) notice() Figure {
	name := fmt.Sprintf("notice, p95 of %d retrains", c.Runs)
	if !c.whole() {
		return missed(name, "s", "%d of %d ended in %.0f s", c.Ended, c.Runs, c.Seconds)
	}
	return figure(name, percentile(c.Notices, 95), "s")
}

// measureThousand is the row "thousand".
func measureThousand(ctx context.Context, h *host) ([]Figure, any, error) {
	c, err := h.retrains(ctx, 1000, thousandLimit)
	if err != nil {
		return nil, c, err
	}
	return []Figure{
		c.requests().atMost(3).was("not reached"),
		c.fairness().was("777 of 1,000 in 3,450 s"),
	}, c, nil
}
