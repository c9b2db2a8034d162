package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// models is how many a large resource has: a thousand models of ten versions.
const models = 10_000

// fill puts the versions of another thousand models there, as an installation with our owner would have left them.
func (s *site) fill(ctx context.Context) error {
	seeds := make([]stack.Seed, models)
	for i := range seeds {
		state := lifecycle.StateRetired
		if i%10 == 9 {
			state = lifecycle.StateChampion
		}
		name := fmt.Sprintf("model-%04d", i/10)
		seeds[i] = stack.Seed{DisplayName: fmt.Sprintf("%s version %d", name, i%10), Locale: locale, CustomProperties: map[string]string{
			lifecycle.MarkOwner: owner, lifecycle.MarkModel: name, lifecycle.MarkRun: fmt.Sprintf("elsewhere/%d", i), lifecycle.MarkStep: lifecycle.StepTrain,
			lifecycle.MarkState: string(state), lifecycle.MarkInput: fmt.Sprintf("%016x", i),
		}}
	}
	_, err := s.emulator.SeedModels(ctx, seeds)
	return err
}

// onLarge is what two retrains, one after the other, ask on a large resource.
type onLarge struct {
	PageSize int `json:"pageSize"`
	// First and Second tell how each ended, with its requests; Second is the one that counts.
	First  large `json:"first"`
	Second large `json:"second"`
	// Quiet is what the worker asks in a second by itself between the two.
	Quiet float64 `json:"quietRequestsPerSecond"`
}

// large is one retrain on a large resource.
type large struct {
	Ended   bool        `json:"ended"`
	Seconds float64     `json:"seconds"`
	Asked   stack.Tally `json:"asked"`
}

const (
	largeLimit = 5 * time.Minute
	// listenFor is how long the quiet worker is listened to.
	listenFor = 30 * time.Second
	// settled is how long the resource is left alone when it is full: longer than a list of changes reaches back (2 minutes).
	// Ten thousand models of this very minute are no resource that anybody has.
	settled = 150 * time.Second
)

// onLargeResource measures one page size.
func (h *host) onLargeResource(ctx context.Context, pageSize int) (l onLarge, err error) {
	size := strconv.Itoa(pageSize)
	s, err := h.site(ctx, siteOptions{name: "large-" + size, emulator: []string{"--page-size", size, "--max-top", size}})
	if err != nil {
		return l, err
	}
	defer s.close(&err)
	l.PageSize = pageSize
	dataset, err := s.dataset(ctx)
	if err != nil {
		return l, err
	}
	if err := s.fill(ctx); err != nil {
		return l, err
	}
	if err := pause(ctx, settled); err != nil {
		return l, err
	}
	if l.First, err = s.large(ctx, s.queue+"-first", dataset); err != nil || !l.First.Ended {
		return l, err
	}
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return l, err
	}
	if err := pause(ctx, listenFor); err != nil {
		return l, err
	}
	quiet, err := s.emulator.Tally(ctx, before.Last)
	if err != nil {
		return l, err
	}
	l.Quiet = float64(quiet.Requests) / listenFor.Seconds()
	l.Second, err = s.large(ctx, s.queue+"-second", dataset)
	return l, err
}

// large runs one retrain, for a time.
func (s *site) large(ctx context.Context, name, dataset string) (l large, err error) {
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return l, err
	}
	run, err := s.start(ctx, byReference(name, dataset))
	if err != nil {
		return l, err
	}
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, largeLimit)
	defer cancel()
	_, err = s.end(within, run)
	if l.Ended = err == nil; !l.Ended && within.Err() != nil && ctx.Err() == nil {
		err = s.client.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "it took too long to be measured")
	}
	l.Seconds = time.Since(began).Seconds()
	var asking error
	l.Asked, asking = s.emulator.Tally(ctx, before.Last)
	return l, errors.Join(err, asking)
}

// own is the requests of the second retrain, without what the worker asks anyhow.
func (l onLarge) own() float64 {
	return max(0, float64(l.Second.Asked.Requests)-l.Quiet*l.Second.Seconds)
}

// measureLarge is the row "large": both page sizes side by side, on a resource each.
func measureLarge(ctx context.Context, h *host) ([]Figure, any, error) {
	sizes := []int{100, 10}
	was := []string{"427", "never ends"}
	raw := make([]onLarge, len(sizes))
	group, ctx := errgroup.WithContext(ctx)
	for i, size := range sizes {
		group.Go(func() (err error) {
			raw[i], err = h.onLargeResource(ctx, size)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, raw, err
	}
	var figures []Figure
	for i, l := range raw {
		name := fmt.Sprintf("requests of a retrain among %d models, page %d", models, l.PageSize)
		f := figure(name, l.own(), "")
		if !l.Second.Ended {
			f = missed(name, "", "not ended in %.0f s, %d requests", max(l.First.Seconds, l.Second.Seconds), max(l.First.Asked.Requests, l.Second.Asked.Requests))
		}
		figures = append(figures, f.atMost(10).was(was[i]))
	}
	return figures, raw, nil
}

// crawl is a round of the listing over a quiet worker.
type crawl struct {
	// Pages is how many of the resource's pages of models were asked for, Of how many there are.
	Pages   int         `json:"pages"`
	Of      int         `json:"of"`
	Seconds float64     `json:"seconds"`
	Asked   stack.Tally `json:"asked"`
}

const (
	crawlLimit = 16 * time.Minute
	// crawlSign is how long the worker may be silent before it counts as one that does not crawl.
	crawlSign = 3 * time.Minute
	// quota is how many requests the service allows in a second.
	quota = 10.0
)

// measureCrawl is the row "crawl".
func measureCrawl(ctx context.Context, h *host) (figures []Figure, raw any, err error) {
	s, err := h.site(ctx, siteOptions{name: "crawl"})
	if err != nil {
		return nil, nil, err
	}
	defer s.close(&err)
	dataset, err := s.dataset(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := s.fill(ctx); err != nil {
		return nil, nil, err
	}
	run, err := s.start(ctx, byReference(s.queue, dataset))
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.end(ctx, run); err != nil {
		return nil, nil, err
	}
	c := crawl{Of: models / 100}
	err = c.watch(ctx, s)
	const round, share = "a full round over 10,000 models, page 100", "the crawl's share of the quota"
	if err == nil && c.Pages < c.Of {
		note := fmt.Sprintf("%d of %d pages in %.0f s", c.Pages, c.Of, c.Seconds)
		if c.Pages == 0 {
			note = "no crawl"
		}
		figures = append(figures, missed(round, "min", "%s", note).atMost(15).was("no crawl"))
	} else {
		figures = append(figures, figure(round, c.Seconds/60, "min").atMost(15).was("no crawl"))
	}
	return append(figures, figure(share, 100*float64(c.Asked.Requests)/c.Seconds/quota, "%").atMost(10)), c, err
}

// watch looks at the log until every page was asked for.
func (c *crawl) watch(ctx context.Context, s *site) error {
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return err
	}
	began := time.Now()
	pages := map[string]bool{}
	after := before.Last
	err = every(ctx, 5*time.Second, crawlLimit, func() (bool, error) {
		log, err := s.emulator.Requests(ctx, after)
		for _, e := range log {
			after = e.Number
			// A look by name is no page.
			if query, _ := url.ParseQuery(e.Query); e.Operation == "Models_ListCustomModels" && query.Get("filter") == "" {
				pages[query.Get("skip")] = true
			}
		}
		c.Pages, c.Seconds = len(pages), time.Since(began).Seconds()
		silent := c.Pages == 0 && time.Since(began) > crawlSign
		return c.Pages >= c.Of || silent, err
	})
	if err != nil {
		return err
	}
	c.Asked, err = s.emulator.Tally(ctx, before.Last)
	return err
}
