package campaign

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// repeat loses the answer to what an activity creates, and resets it before its next attempt: its attempts count from one
// again; its heartbeat details stay, as they do with "temporal activity reset". It must find what it has made all the same.
func (c *chaos) repeat(ctx context.Context, s Step) (string, error) {
	return c.lagging(ctx, s, func() (string, error) { return c.play(ctx, c.asks(), c.losing(s)) })
}

func (c *chaos) losing(s Step) func(context.Context, client.WorkflowRun) (string, error) {
	return func(ctx context.Context, run client.WorkflowRun) (string, error) {
		lost, err := c.loses(ctx, run, creates[s.At])
		if err != nil || !lost {
			return "", err
		}
		_, err = c.Client.WorkflowService().ResetActivity(ctx, &workflowservice.ResetActivityRequest{
			Namespace: c.namespace(), Execution: execution(run.GetID(), run.GetRunID()), Identity: "the campaign",
			Activity: &workflowservice.ResetActivityRequest_Id{Id: strings.TrimPrefix(s.At, "Retrain/")},
		})
		if missing(err) {
			return "", nil // it has ended meanwhile
		}
		return "", err
	}
}

// lagging does something while lists are as far behind as they may be. No version or evaluation may be created twice.
func (c *chaos) lagging(ctx context.Context, s Step, do func() (string, error)) (string, error) {
	if err := c.emulator.Set(ctx, object{"listLag": (ListLag - time.Second).String()}); err != nil {
		return "", err
	}
	word, err := do()
	if err = errors.Join(err, c.emulator.Set(ctx, object{"listLag": c.plan.Lag.String()})); c.plan.createsLate() {
		return word, err
	}
	w, readErr := c.world(ctx, c.foreign)
	if made := w.remade(stack.Models, stack.Evaluations); len(made) > 0 {
		err = errors.Join(err, fmt.Errorf("after %s: %s", s, strings.Join(made, "; ")))
	}
	return word, errors.Join(err, readErr)
}

// loses lets the answer to the next create of a kind be lost, and waits until it is; false when the run ends without.
func (c *chaos) loses(ctx context.Context, run client.WorkflowRun, operation string) (bool, error) {
	hits := func(ctx context.Context) (n int, err error) {
		faults, err := c.emulator.Faults(ctx)
		for _, f := range faults {
			if f.Kind == "dropAfter" && f.Operation == operation {
				n += f.Hits
			}
		}
		return n, err
	}
	before, err := hits(ctx)
	if err == nil {
		err = c.emulator.Inject(ctx, stack.Fault{Kind: "dropAfter", Operation: operation})
	}
	if err != nil {
		return false, err
	}
	ended := c.whenEnded(ctx, run)
	lost := false
	err = stack.Await(ctx, "a lost answer to "+operation, func(ctx context.Context) error {
		over := isClosed(ended)
		n, err := hits(ctx)
		if lost = n > before; err != nil || lost || over {
			return err
		}
		return errors.New("not lost yet")
	})
	return lost, err
}

// createsLate tells that a create of the plan takes effect when its run has stopped to wait for it, and may have looked for
// it twice.
func (p Plan) createsLate() bool {
	for _, f := range p.Faults {
		if f.Kind == "delay" && strings.HasSuffix(f.Operation, "_Create") {
			return true
		}
	}
	return false
}
