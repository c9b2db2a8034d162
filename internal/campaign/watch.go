package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// watchChecks is how long after the first check the second is fired: within the time in which somebody must have heard.
const watchChecks = 24*time.Hour + 30*time.Minute

// watchOver brings the model near its end, lets something be wrong, fires a check, another a day later unless the first was
// heard of, and notes what was heard.
func (c *chaos) watchOver(ctx context.Context) error {
	trouble := c.plan.Neighbours.Watch
	var err error
	switch trouble {
	case watchBase:
		_, err = c.changeEndpoint(ctx, actBase)
	case watchForeign:
		_, err = c.changeEndpoint(ctx, actForeign)
	}
	// What a person set serves, and not a deployment that goes on.
	if err = errors.Join(err, c.emulator.Advance(ctx, time.Minute)); err != nil {
		return err
	}
	endpoint, before, err := c.serving(ctx)
	if err != nil {
		return err
	}
	due, err := c.emulator.Now(ctx)
	if err != nil {
		return err
	}
	if trouble != watchBase {
		if err := c.emulator.Expire(ctx, before, due.Add(10*24*time.Hour)); err != nil {
			return err
		}
	}
	switch trouble {
	case watchKey:
		err = c.emulator.Inject(ctx, stack.Fault{Kind: "status", Status: 401, Count: -1})
	case watchOutage:
		err = c.emulator.Inject(ctx, stack.Fault{Kind: "status", Status: 503, Count: -1})
	case watchTraining:
		err = c.emulator.Plan(ctx, stack.Outcome{Kind: "training", Code: "TrainingFailed", Message: "the campaign wants it", Count: 2})
	}
	if err != nil {
		return err
	}
	request := with(patient(c.whole()), object{
		"renew":  object{"before": "30d"},
		"notify": []object{{"urlFrom": object{"env": hookVariable}, "on": lifecycle.Events}},
	})
	if trouble == watchOutage {
		request["limits"] = object{"unavailable": "5s"}
	}
	s := watch{model: c.name, trouble: trouble, due: due}
	for _, at := range []time.Time{due, due.Add(watchChecks)} {
		now, err := c.emulator.Now(ctx)
		if err != nil {
			return err
		}
		if by := at.Sub(now); by > 0 {
			if err := c.emulator.Advance(ctx, by); err != nil {
				return err
			}
		}
		// For workers that were there no time has passed, and what they have written is newer than what lists show.
		c.rest()
		c.work(ctx, c.plan.Workers, nil)
		heard := c.hook.count()
		word, err := c.renew(ctx, request)
		if err != nil {
			word = "failed: " + err.Error()
		}
		s.ended = append(s.ended, word)
		if c.hook.count() > heard {
			s.told = append(s.told, at)
		}
		serving, err := c.emulator.Serving(ctx, endpoint)
		if err != nil {
			return err
		}
		if s.renewed = serving.ModelID != before && !serving.Base; s.renewed || len(s.told) > 0 {
			break // it need not be heard twice
		}
	}
	c.watches = append(c.watches, s)
	return c.emulator.ClearFaults(ctx)
}

// hearing is how long a model may be due before it is renewed, or somebody told.
const hearing = 25 * time.Hour

// watch is one model that was due, by the service's clock.
type watch struct {
	model, trouble string
	due            time.Time
	// renewed tells that another version serves; told are the checks after which somebody had a message.
	renewed bool
	told    []time.Time
	// ended is what became of the checks.
	ended []string
}

// silent finds models that were due and not renewed, while nobody was told.
func (w world) silent() []string {
	var found []string
watches:
	for _, s := range w.watches {
		if s.renewed {
			continue
		}
		for _, at := range s.told {
			if at.Sub(s.due) <= hearing {
				continue watches
			}
		}
		found = append(found, fmt.Sprintf("model %s (%s) is due, was not renewed, and nobody was told within %s; its checks: %q",
			s.model, s.trouble, hearing, s.ended))
	}
	return found
}
