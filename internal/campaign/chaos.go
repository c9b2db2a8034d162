package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"speech-retrainer/internal/stack"
)

// Played is what became of one seed.
type Played struct {
	Plan Plan
	// Outcomes are those of the steps, in order, and of the run without faults at the end.
	Outcomes []string
	// Faults counts what was injected, by kind; Kills the workers that died, Cuts those that were cut off from Temporal.
	Faults map[string]int
	Kills  int
	Cuts   int
	// Remade is how many objects a slow request created a second time; they must be gone again.
	Remade int
	// Busiest is the most requests that arrived within 10 s.
	Busiest int
	// Acts are what the neighbours did, and what came of it; Watched what became of checks near the model's end.
	Acts    []Acted
	Watched []string
	Broken  []string
	Took    time.Duration
}

// Acted is what came of an act of a neighbour.
type Acted struct {
	Act  Act
	Word string
}

// chaos is one seed at work.
type chaos struct {
	*lane
	plan Plan
	// foreign are objects of somebody else, among them some that look like ours.
	foreign []stack.Object
	village village
	watches []watch
	hook    *hook
	played  *Played
}

// Play carries a plan out and checks what is left.
func (r *Rig) Play(ctx context.Context, p Plan) (played Played) {
	began := time.Now()
	played = Played{Plan: p, Faults: map[string]int{}}
	defer func() { played.Took = time.Since(began) }()
	fail := func(err error) { played.Broken = append(played.Broken, err.Error()) }
	l, err := r.lane(ctx, laneOptions{name: r.caseName("chaos"), profile: p.Profile, lag: ListLag})
	if err != nil {
		fail(err)
		return played
	}
	defer func() {
		if err := l.close(); err != nil {
			fail(err)
		}
	}()
	c := &chaos{lane: l, plan: p, hook: newHook(), played: &played}
	defer c.hook.server.Close()
	l.relayed = p.cutsOff()
	l.env = []string{hookVariable + "=" + c.hook.server.URL}
	if err := c.run(ctx); err != nil {
		fail(err)
	}
	return played
}

func (c *chaos) run(ctx context.Context) error {
	if err := c.setTheScene(ctx); err != nil {
		return fmt.Errorf("set the scene: %w", err)
	}
	if err := c.moveIn(ctx); err != nil {
		return fmt.Errorf("the neighbours move in: %w", err)
	}
	if c.plan.Neighbours.People() {
		// People act on what is there: a first version, and its endpoint.
		c.work(ctx, 1, nil)
		if err := c.runs(ctx, c.named(c.gated())); err != nil {
			return fmt.Errorf("the run before: %w", err)
		}
		c.rest()
	}
	points := []string{}
	for _, k := range c.plan.Kills {
		points = append(points, k+"=kill")
	}
	for _, s := range c.plan.Steps {
		if s.At != "" && s.Do != doRepeat {
			points = append(points, s.At+"=hold")
		}
	}
	for _, a := range c.plan.Neighbours.Acts {
		if a.At != "" {
			points = append(points, a.At+"=hold")
		}
	}
	for _, f := range c.plan.Faults {
		if err := c.emulator.Inject(ctx, f); err != nil {
			return err
		}
	}
	c.work(ctx, c.plan.Workers, points)
	if second := c.village.second; second != nil {
		second.work(ctx, 1, nil)
		defer second.rest()
	}
	if err := c.steps(ctx); err != nil {
		return err
	}
	if err := c.count(ctx); err != nil {
		return err
	}
	return c.makePeace(ctx)
}

// steps does the steps of the plan, with the neighbours beside them.
func (c *chaos) steps(ctx context.Context) (err error) {
	over := make(chan struct{})
	var acts []func() error
	defer func() {
		close(over)
		for _, wait := range acts {
			err = errors.Join(err, wait())
		}
		err = errors.Join(err, c.awaitSecond(ctx))
		c.played.Acts = c.village.acted
	}()
	for n, s := range c.plan.Steps {
		wait, err := c.beforeStep(ctx, n, over)
		if err != nil {
			return err
		}
		acts = append(acts, wait)
		outcome, err := c.step(ctx, s)
		if err != nil {
			return fmt.Errorf("step %q: %w", s, err)
		}
		c.played.Outcomes = append(c.played.Outcomes, outcome)
	}
	return nil
}

// setTheScene makes what belongs to somebody else, and lets it become ready.
func (c *chaos) setTheScene(ctx context.Context) error {
	if err := c.emulator.Set(ctx, object{"listLag": c.plan.Lag.String()}); err != nil {
		return err
	}
	text := link(c.emulator, "related text", "Language", "related-text.txt")
	dataset, err := c.persons().Create(ctx, "datasets", object{
		"displayName": "related text", "locale": locale, "kind": "Language", "contentUrl": text["contentUrl"],
	})
	if err != nil {
		return err
	}
	// An hour is enough for any import and training of the local service.
	if err := c.emulator.Advance(ctx, time.Hour); err != nil {
		return err
	}
	base, err := c.emulator.Release(ctx, stack.BaseModel{Locale: locale})
	if err != nil {
		return err
	}
	for _, properties := range []object{nil, {
		"sr.owner": "somebody else", "sr.model": c.name, "sr.run": "none", "sr.step": "train", "sr.state": "candidate",
	}} {
		model := object{
			"displayName": c.name + " by hand", "locale": locale, "datasets": []object{{"self": dataset}},
			"baseModel": object{"self": c.emulator.Address("models/base/" + base)},
		}
		if properties != nil {
			model["customProperties"] = properties
		}
		if _, err := c.persons().Create(ctx, "models", model); err != nil {
			return err
		}
	}
	c.village.base = base
	if err := c.emulator.Advance(ctx, time.Hour); err != nil {
		return err
	}
	c.foreign, err = c.emulator.Objects(ctx, "")
	for _, o := range c.foreign {
		if o.Kind == stack.Models && len(o.CustomProperties) == 0 {
			c.village.foreign = o.ID
		}
	}
	return err
}
