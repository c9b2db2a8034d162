package campaign

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// beforeStep lets the neighbours act that do so before a step, and sends those off that wait for a point of it. What it
// returns waits for the latter, once the steps are over.
func (c *chaos) beforeStep(ctx context.Context, n int, over <-chan struct{}) (wait func() error, err error) {
	var waiting []chan error
	for _, a := range c.plan.Neighbours.Acts {
		switch {
		case a.Step != n:
		case a.At == "":
			if err := c.act(ctx, a); err != nil {
				return nil, fmt.Errorf("%s: %w", a, err)
			}
		default:
			if err := c.arm(a.At); err != nil {
				return nil, err
			}
			done := make(chan error, 1)
			waiting = append(waiting, done)
			go func() {
				met, err := c.awaitPoint(ctx, a.At, over)
				if met && err == nil {
					err = errors.Join(c.act(ctx, a), c.release(a.At))
				}
				done <- err
			}()
		}
	}
	return func() error {
		var errs []error
		for _, done := range waiting {
			errs = append(errs, <-done)
		}
		return errors.Join(errs...)
	}, nil
}

// act does one thing, one neighbour after the other.
func (c *chaos) act(ctx context.Context, a Act) error {
	v := &c.village
	v.mu.Lock()
	defer v.mu.Unlock()
	word, err := c.do(ctx, a.Do)
	v.acted = append(v.acted, Acted{Act: a, Word: word})
	return err
}

func (c *chaos) do(ctx context.Context, what string) (string, error) {
	switch what {
	case actCanary:
		return c.makeCanary(ctx)
	case actOlder, actBase, actForeign, actBack:
		return c.changeEndpoint(ctx, what)
	case actFleet:
		// Whether it was refused is its own affair; what is left of the first file is not.
		if err := c.applyFleet(ctx, "new", "team-two"); err != nil {
			_, why, _ := strings.Cut(err.Error(), "exit status ")
			return fmt.Sprintf("refused: exit status %.300s", strings.Join(strings.Fields(why), " ")), nil
		}
		return "applied", nil
	}
	return c.secondDoes(ctx, what)
}

// secondDoes starts something in the second installation. Nothing is waited for here: what it does, it does beside the
// first, of which a worker may be held.
func (c *chaos) secondDoes(ctx context.Context, what string) (string, error) {
	l := c.village.second
	kind, id := workflows.TypeRetrain, workflows.RetrainID(l.name)
	var input any = patient(l.gated())
	switch what {
	case actRenew:
		kind, id = workflows.TypeRenew, "check/"+l.name
	case actSweep:
		kind, id, input = workflows.TypeSweep, workflows.SweepID(l.name), object{"name": l.name, "locale": l.locale}
	}
	run, err := l.start(ctx, kind, id, input)
	if alreadyStarted(err) {
		return "goes on already", nil
	}
	if err != nil {
		return "", err
	}
	c.village.begun = append(c.village.begun, run)
	if what != actTerminate {
		return "started", nil
	}
	ended := false
	err = stack.Await(ctx, "a version of the second installation", func(ctx context.Context) error {
		d, err := describe(ctx, l.Client, id, run.GetRunID())
		if err != nil {
			return err
		}
		if ended = d.GetWorkflowExecutionInfo().GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING; ended {
			return nil
		}
		all, err := l.emulator.Objects(ctx, stack.Models)
		if err != nil {
			return err
		}
		for _, m := range all {
			if _, of := lifecycle.SplitRun(m.CustomProperties[lifecycle.MarkRun]); of == run.GetRunID() {
				return nil
			}
		}
		return errors.New("none yet")
	})
	if err != nil || ended {
		return "ended by itself", err
	}
	return "terminated", l.Client.TerminateWorkflow(ctx, id, run.GetRunID(), "the campaign leaves a version behind")
}

// awaitSecond waits until what the second installation has begun is over. How it ends is checked by what is left.
func (c *chaos) awaitSecond(ctx context.Context) error {
	v := &c.village
	v.mu.Lock()
	begun := v.begun
	v.begun = nil
	v.mu.Unlock()
	for _, run := range begun {
		if err := v.second.over(ctx, run.GetID(), run.GetRunID()); err != nil {
			return fmt.Errorf("%s of the second installation: %w", run.GetID(), err)
		}
		// A check leaves its retrain behind, and a canceled run its sweep.
		for _, id := range []string{workflows.RetrainID(v.second.name), workflows.SweepID(v.second.name)} {
			if err := v.second.over(ctx, id, ""); err != nil {
				return fmt.Errorf("%s of the second installation: %w", id, err)
			}
		}
	}
	return nil
}

// over waits until a run has ended, however; one that there never was has.
func (l *lane) over(ctx context.Context, id, run string) error {
	e := l.end(ctx, id, run)
	if e.Status == enums.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED && !missing(e.Err) {
		return e.Err
	}
	return nil
}

// makeCanary makes an endpoint without marks on a version of the model, preferably one that has proved itself.
func (c *chaos) makeCanary(ctx context.Context) (string, error) {
	version, err := c.ownVersion(ctx, "")
	if version == "" {
		return "no version yet", err
	}
	self, err := c.persons().Create(ctx, "endpoints", object{
		"displayName": "canary", "locale": c.locale, "model": object{"self": c.emulator.Address("models/" + version)},
	})
	if err != nil {
		return "refused", nil // a fault hit it, or the version is being deleted
	}
	endpoints, err := c.emulator.Objects(ctx, stack.Endpoints)
	for _, o := range endpoints {
		if self == c.emulator.Address("endpoints/"+o.ID) {
			c.foreign = append(c.foreign, o)
		}
	}
	return "made on " + version, err
}

// ownVersion finds a usable version of the model that is not the one given: one that has served, if there is any.
func (c *chaos) ownVersion(ctx context.Context, but string) (string, error) {
	all, err := c.emulator.Objects(ctx, stack.Models)
	found := ""
	for _, m := range all {
		p := m.CustomProperties
		if m.ID == but || m.Status != "Succeeded" || m.Locale != c.locale || p[lifecycle.MarkOwner] != owner || p[lifecycle.MarkModel] != c.name {
			continue
		}
		switch lifecycle.State(p[lifecycle.MarkState]) {
		case lifecycle.StateChampion, lifecycle.StateRetired:
			return m.ID, nil
		}
		found = m.ID
	}
	return found, err
}

// changeEndpoint sets the model's endpoint to something, as a person does in the portal.
func (c *chaos) changeEndpoint(ctx context.Context, what string) (string, error) {
	endpoint, serves, err := c.serving(ctx)
	if endpoint == "" {
		return "no endpoint yet", err
	}
	target := ""
	switch what {
	case actBase:
		target = "models/base/" + c.village.base
	case actForeign:
		target = "models/" + c.village.foreign
	case actBack:
		target = c.village.before
	case actOlder:
		version, err := c.ownVersion(ctx, serves)
		if err != nil {
			return "", err
		}
		if version != "" {
			target = "models/" + version
		}
	}
	if target == "" {
		return "nothing to set", nil
	}
	if c.village.before == "" {
		c.village.before = "models/" + serves
	}
	if err := c.persons().Change(ctx, "endpoints/"+endpoint, object{"model": object{"self": c.emulator.Address(target)}}); err != nil {
		return "refused", nil // it is being deployed, or a fault hit it
	}
	return "set to " + target, nil
}

// serving is the model's endpoint and the ID of what it was told to serve; empty without one.
func (c *chaos) serving(ctx context.Context) (endpoint, model string, err error) {
	all, err := c.emulator.Objects(ctx, stack.Endpoints)
	for _, o := range all {
		if o.DisplayName == c.endpoint && o.Locale == c.locale {
			s, err := c.emulator.Serving(ctx, o.ID)
			return o.ID, s.ModelID, err
		}
	}
	return "", "", err
}

// lastChosenBy tells who has chosen what an endpoint serves, as the log names him.
func (c *chaos) lastChosenBy(ctx context.Context, endpoint string) (string, error) {
	log, err := c.emulator.Requests(ctx, 0)
	who, model := "", ""
	for _, e := range log {
		if e.Object == endpoint && e.After != nil && e.After.Model != model {
			who, model = e.Caller, e.After.Model
		}
	}
	return who, err
}
