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
}

// crawled is a kind that is crawled.
type crawled interface {
	crawlStep(context.Context) (finished bool, err error)
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
		began := time.Now()
		for _, k := range l.crawled() {
			for finished := false; !finished; {
				if sleep(ctx, l.pause()); l.idle(ctx) {
					return
				}
				// What went wrong is tried again, and whoever looks hears of it by a request of its own.
				finished, _ = k.crawlStep(ctx)
			}
		}
		if sleep(ctx, l.options.Round-time.Since(began)); l.idle(ctx) {
			return
		}
	}
}

// pause is the time between two steps.
func (l *Mirror) pause() time.Duration {
	pages := 0
	for _, k := range l.crawled() {
		pages += k.size()
	}
	return max(l.options.Step, l.options.Round/time.Duration(pages+1))
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

// size is how many requests a round takes, as far as is known.
func (s *store[T]) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.pages, 1)
}

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
	if missed := s.missed(r); len(missed) > 0 && r.confirmed < maxConfirmed {
		r.confirmed++
		return false, s.confirm(ctx, missed[0])
	}
	s.crawling = nil
	meta := r.reading.Meta()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = r.reading.Pages()
	if !s.looked.began.IsZero() {
		s.crawled = look{began: r.began, at: meta.ObservedAt, local: meta.LocalClock}
	}
	return true, nil
}
