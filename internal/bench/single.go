package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/stack"
)

// alone is one retrain with the whole machine to itself, in seconds.
type alone struct {
	Wall    float64 `json:"wall"`
	Service float64 `json:"service"`
	// Pauses are the stretches of 5 s and more in which the service had no work and got no request.
	Pauses float64 `json:"pauses"`
	Events int     `json:"events"`
	// Activities is how many it had.
	Activities int         `json:"activities"`
	Asked      stack.Tally `json:"asked"`
}

// aPause is the least that counts as one: looks at what the service works on are less apart, for jobs of some seconds.
const aPause = 5 * time.Second

// alone runs a request to its end.
func (s *site) alone(ctx context.Context, request object) (a alone, err error) {
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return a, err
	}
	run, err := s.start(ctx, request)
	if err != nil {
		return a, err
	}
	e, err := s.end(ctx, run)
	if err != nil {
		return a, err
	}
	jobs, err := s.jobs(ctx, e.frame)
	if err != nil {
		return a, err
	}
	log, err := s.emulator.Requests(ctx, before.Last)
	if err != nil {
		return a, err
	}
	a.Wall = e.frame.to.Sub(e.frame.from).Seconds()
	a.Service = a.Wall - gaps(jobs, e.frame, 0).Seconds()
	for _, asked := range log {
		jobs = append(jobs, span{asked.Arrived, asked.Arrived})
	}
	a.Pauses = gaps(jobs, e.frame, aPause).Seconds()
	a.Events, a.Activities = len(e.events), e.activities()
	a.Asked, err = s.emulator.Tally(ctx, before.Last)
	return a, err
}

// byURL is the least request with data behind a URL.
func (s *site) byURL(name string) object {
	return object{"name": name, "locale": locale, "training": []object{s.link("related text", "Language", "related-text.txt")}}
}

// link is data below training/ of the examples' files.
func (s *site) link(name, kind, file string) object {
	return object{"name": name, "kind": kind, "contentUrl": s.emulator.File("training/" + file)}
}

// full is a request for the whole path: a project, three data sets, two tests against champion and bare base model, and
// an endpoint.
func (s *site) full(name string) object {
	test := func(named string) object {
		return object{
			"name": named, "kind": "Acoustic", "contentUrl": s.emulator.File("testing/audio-and-trans.zip?" + named),
			"maxRegression": 0.05, "maxWordErrorRate": 0.5,
		}
	}
	return object{
		"name": name, "locale": locale, "project": "Wind service desk",
		"training": []object{
			s.link("related text", "Language", "related-text.txt"),
			s.link("pronunciation", "Pronunciation", "pronunciation.txt"),
			s.link("desk recordings", "Acoustic", "audio-and-trans.zip"),
		},
		"tests": []object{test("morning"), test("evening")}, "compare": object{"base": true}, "deploy": object{"endpoint": name},
	}
}

// measureWall is the row "wall": both ways side by side, on a resource each.
func measureWall(ctx context.Context, h *host) ([]Figure, any, error) {
	// A second in the queue and 59 in training.
	options := siteOptions{name: "wall", emulator: []string{"--training-time", "59s"}}
	var reference, address alone
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		s, err := h.site(ctx, options)
		if err != nil {
			return err
		}
		defer s.close(&err)
		dataset, err := s.dataset(ctx)
		if err != nil {
			return err
		}
		reference, err = s.alone(ctx, byReference(s.queue, dataset))
		return err
	})
	group.Go(func() (err error) {
		s, err := h.site(ctx, options)
		if err != nil {
			return err
		}
		defer s.close(&err)
		address, err = s.alone(ctx, s.byURL(s.queue))
		return err
	})
	err := group.Wait()
	return []Figure{
		figure("wall over service time, dataset by reference", reference.Wall/reference.Service, ratio).atMost(1.02).was("1.02"),
		figure("wall over service time, dataset by contentUrl", address.Wall/address.Service, ratio).atMost(1.04).was("1.54"),
	}, map[string]alone{"reference": reference, "contentUrl": address}, err
}

// measureFull is the row "full": a first run, and a second on a new base model with the same data.
func measureFull(ctx context.Context, h *host) (figures []Figure, raw any, err error) {
	s, err := h.site(ctx, siteOptions{name: "full", emulator: []string{"--training-time", "3s"}})
	if err != nil {
		return nil, nil, err
	}
	defer s.close(&err)
	runs := map[string]alone{}
	for _, which := range []string{"first", "next"} {
		if _, err := s.emulator.Release(ctx, stack.BaseModel{Locale: locale, Quality: 0.97}); err != nil {
			return nil, runs, err
		}
		a, err := s.alone(ctx, s.full(s.queue))
		if err != nil {
			return nil, runs, fmt.Errorf("the %s run: %w", which, err)
		}
		runs[which] = a
		// The lists have caught up, and nothing is fresh any more.
		if err := pause(ctx, time.Second); err != nil {
			return nil, runs, err
		}
	}
	return []Figure{
		figure("pauses of a first full run", runs["first"].Pauses, "s").atMost(0).was("58"),
		figure("wall less service time of a first full run", runs["first"].Wall-runs["first"].Service, "s"),
		figure("history events of a first full run", float64(runs["first"].Events), "").atMost(120).was("262, one test"),
		figure("history events of the next full run", float64(runs["next"].Events), "").atMost(120).was("220, one test"),
	}, runs, nil
}
