package campaign

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// count reads how often each kind of fault was hit, and who died.
func (c *chaos) count(ctx context.Context) error {
	log, err := c.emulator.Requests(ctx, 0)
	if err != nil {
		return err
	}
	for _, e := range log {
		if e.Fault != "" {
			c.played.Faults[e.Fault]++
		}
	}
	met, err := c.met()
	if err != nil {
		return err
	}
	for _, k := range c.plan.Kills {
		for _, m := range met {
			if m == markerOf(k) {
				c.played.Kills++
			}
		}
	}
	return nil
}

// makePeace takes the faults away. Then a run must succeed by itself, and nothing may be left that should not be.
func (c *chaos) makePeace(ctx context.Context) error {
	if err := c.emulator.ClearFaults(ctx); err != nil {
		return err
	}
	if _, err := c.emulator.Release(ctx, stack.BaseModel{Locale: locale, Quality: 0.99}); err != nil {
		return err
	}
	// What was created last must be in the lists before the next run looks.
	if err := c.emulator.Advance(ctx, time.Minute); err != nil {
		return err
	}
	report, err := c.report(ctx, c.whole())
	if err == nil {
		err = c.made(ctx, report, *report.RunID)
	}
	if err != nil {
		return fmt.Errorf("the run without faults: %w", err)
	}
	c.played.Outcomes = append(c.played.Outcomes, string(report.Outcome))
	if report.Outcome != lifecycle.Succeeded {
		c.played.Broken = append(c.played.Broken, fmt.Sprintf("the run without faults ended as %s: %+v %s",
			report.Outcome, report.Error, strings.Join(report.Notes, "; ")))
	}
	if c.plan.Neighbours.Watch != "" {
		if err := c.watchOver(ctx); err != nil {
			return fmt.Errorf("the checks near the end (%s): %w", c.plan.Neighbours.Watch, err)
		}
	}
	// Second copies of what runs share are removed after a day.
	if err := c.emulator.Advance(ctx, 25*time.Hour); err != nil {
		return err
	}
	return c.judge(ctx)
}

// judge sweeps, and holds what is left and what happened against the rules.
func (c *chaos) judge(ctx context.Context) error {
	var others []*lane
	if second := c.village.second; second != nil {
		others = append(others, second)
	}
	sweeps, sweeping := errgroup.WithContext(ctx)
	for _, l := range append(others, c.lane) {
		sweeps.Go(func() error { return l.sweep(sweeping) })
	}
	if err := sweeps.Wait(); err != nil {
		return err
	}
	w, err := c.world(ctx, c.foreign, others...)
	if err != nil {
		return err
	}
	if w.schedules, err = c.left(ctx); err != nil {
		return err
	}
	w.watches = c.watches
	for _, s := range c.watches {
		c.played.Watched = append(c.played.Watched, fmt.Sprintf("%s: renewed %t, told %d", s.trouble, s.renewed, len(s.told)))
	}
	c.played.Busiest, c.played.Remade = w.busiest(), len(w.remade())
	c.played.Broken = append(c.played.Broken, w.violations()...)
	return nil
}

// stated checks that a run ended in an outcome of the contract, and with the report that belongs to it.
func (c *chaos) stated(e ending) (string, error) {
	if e.Err != nil {
		return "", e.Err
	}
	if e.Report == nil {
		return "", fmt.Errorf("it ended as %s, without a report", e.outcome())
	}
	switch e.Report.Outcome {
	case lifecycle.Failed:
		if e.Report.Error == nil || e.Report.Error.Type == "" || e.Report.Error.Type == lifecycle.Internal {
			return "", fmt.Errorf("it failed without a class of its own: %+v", e.Report.Error)
		}
		return "failed: " + string(e.Report.Error.Type), nil
	case lifecycle.Succeeded, lifecycle.Rejected, lifecycle.Canceled:
		return string(e.Report.Outcome), nil
	}
	return "", errors.New("it ended with outcome " + string(e.Report.Outcome))
}
