package campaign

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// repeat resets an activity whose worker has died with the answer to what it created: its attempts count from one again,
// and every second seed takes its heartbeat details away too. It must find what it has made all the same.
func (c *chaos) repeat(ctx context.Context, s Step) (string, error) {
	activity := strings.Split(s.At, "/")[1]
	word, err := c.play(ctx, c.asks(), c.at(s.At, func(ctx context.Context, run client.WorkflowRun) (string, error) {
		_, err := c.Client.WorkflowService().ResetActivity(ctx, &workflowservice.ResetActivityRequest{
			Namespace: c.namespace(), Execution: execution(run.GetID(), run.GetRunID()), Identity: "the campaign",
			Activity: &workflowservice.ResetActivityRequest_Id{Id: activity}, ResetHeartbeat: c.plan.Seed%2 == 0,
		})
		if missing(err) {
			return "", nil // another worker has been faster
		}
		return "", err
	}))
	if err != nil || c.plan.createsLate() {
		return word, err
	}
	w, err := c.world(ctx, c.foreign)
	if err != nil {
		return word, err
	}
	if made := w.remade(stack.Models, stack.Evaluations); len(made) > 0 {
		return word, fmt.Errorf("after the reset of %s: %s", activity, strings.Join(made, "; "))
	}
	return word, nil
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
