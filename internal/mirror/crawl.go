package mirror

import (
	"context"
	"sync"
	"time"

	"speech-retrainer/internal/speech"
)

// crawler reads everything once more, again and again and slowly: what moves no date would not be seen otherwise. It
// runs while somebody looks.
type crawler struct {
	mu      sync.Mutex
	running bool
	// used is when somebody last looked.
	used time.Time
	stop context.CancelFunc
	// began is when the round that goes on began, zero between two; took is how long the last one was that is through.
	began time.Time
	took  time.Duration
}

// crawled is a kind that is crawled.
type crawled interface {
	crawlStep(context.Context) (finished bool, err error)
	pagesRead() bool
	size() int
	forget()
}

// keepCurrent makes sure that the crawl goes on.
func (l *Mirror) keepCurrent() {
	if l.options.Round < 0 {
		return
	}
	c := &l.crawler
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used = time.Now()
	if c.running {
		return
	}
	ctx, cancel := context.WithCancel(speech.WithPriority(context.Background(), speech.PriorityCrawl))
	c.running, c.stop = true, cancel
	go l.crawl(ctx)
}

// Close ends what goes on in the background; a later look begins anew.
func (l *Mirror) Close() {
	l.crawler.mu.Lock()
	defer l.crawler.mu.Unlock()
	if l.crawler.running {
		l.crawler.stop()
	}
}

// idleRounds is after how many rounds in which nobody looked the crawl ends.
const idleRounds = 2

// idle ends the crawl when nobody has looked for long. What moves no date is then not known any more.
func (l *Mirror) idle(ctx context.Context) bool {
	c := &l.crawler
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() == nil && time.Since(c.used) < idleRounds*l.options.Round {
		return false
	}
	c.running = false
	c.began, c.took = time.Time{}, 0
	c.stop()
	for _, k := range l.crawled() {
		k.forget()
	}
	return true
}

// crawled are the kinds that are crawled: endpoints and projects are read whole at each look.
func (l *Mirror) crawled() []crawled { return []crawled{l.models, l.evaluations, l.datasets} }

// crawl makes rounds through all kinds. A round takes as long as it may, one request at a time: what fails is tried again
// at the next step.
func (l *Mirror) crawl(ctx context.Context) {
	for {
		began := l.crawler.begin()
		// The steps come at a pace of their own: what a request takes is no part of it.
		last := began
		for _, k := range l.crawled() {
			for finished := false; !finished; {
				if last = l.turnAfter(ctx, last, k); l.idle(ctx) {
					return
				}
				// What went wrong is tried again, and whoever looks hears of it by a request of its own.
				finished, _ = k.crawlStep(ctx)
			}
		}
		l.crawler.end()
		if sleep(ctx, l.options.Round-time.Since(began)); l.idle(ctx) {
			return
		}
	}
}

// begin and end tell that a round begins and is through.
func (c *crawler) begin() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = time.Now()
	return c.began
}

func (c *crawler) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took, c.began = time.Since(c.began), time.Time{}
}

// slow tells that a round takes longer than it should: the last one that is through, or the one that goes on.
func (c *crawler) slow(round time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return round > 0 && (c.took > round || !c.began.IsZero() && time.Since(c.began) > round)
}

// turnAfter waits for the turn of the step of a kind that comes after another.
func (l *Mirror) turnAfter(ctx context.Context, last time.Time, k crawled) time.Time {
	for {
		// How many steps there are may become known meanwhile.
		next, now := last.Add(l.pause(k)), time.Now()
		if !now.Before(next) || ctx.Err() != nil {
			return now
		}
		sleep(ctx, min(next.Sub(now), l.options.Step))
	}
}

// pause is the time before a step of a kind. What its pages did not show is asked for as fast as the crawl may go: nobody
// has reckoned with it, and the round would be late.
func (l *Mirror) pause(k crawled) time.Duration {
	if k.pagesRead() {
		return l.options.Step
	}
	steps := 0
	for _, k := range l.crawled() {
		steps += k.size()
	}
	return max(l.options.Step, l.options.Round/time.Duration(steps+1))
}

// sleep lets time pass, or ctx end.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// size is how many steps a round takes, as far as is known: a request a page, and the one that finds nothing left.
func (s *store[T]) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.pages, 1) + 1
}

// maxCrawled is how many objects one round of the crawl reads by themselves: ten minutes of a kind. With more what is known is as
// old as before the round.
const maxCrawled = 500

// pagesRead tells that the pages of the round that goes on are through.
func (s *store[T]) pagesRead() bool { return s.crawling != nil && s.crawling.reading.Done() }

// crawlStep makes one request of a round: the next page, or one of the objects that the pages did not show.
func (s *store[T]) crawlStep(ctx context.Context) (finished bool, err error) {
	if !s.fresh(time.Time{}) { // nobody has asked for this kind
		return true, nil
	}
	if s.crawling == nil || s.crawling.failed >= maxFailures {
		s.crawling = s.newRound(0)
	}
	r := s.crawling
	if !r.reading.Done() {
		return false, s.step(ctx, r)
	}
	missed := s.missed(r)
	if len(missed) > 0 && r.confirmed < maxCrawled {
		r.confirmed++
		return false, s.confirm(ctx, missed[0], 0)
	}
	s.crawling = nil
	meta := r.reading.Meta()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = r.reading.Pages()
	if !s.looked.began.IsZero() && len(missed) == 0 {
		s.crawled = look{began: r.began, at: meta.ObservedAt, local: meta.LocalClock}
	}
	return true, nil
}
