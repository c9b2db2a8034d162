package workflows

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
)

// examineLimit bounds a look at a worker's set-up: whoever asks waits for it.
const examineLimit = 4 * time.Minute

// Doctor looks at the set-up of the worker that takes it: its access to the service, what stands there, and for the
// requests of the input, if any, whether their locales can be trained, their data be reached, and their web hooks be told.
// It changes and sends nothing.
func (w *Workflows) Doctor(ctx workflow.Context, input json.RawMessage) (lifecycle.Examined, error) {
	requests, problems := decode.Doctor(input)
	if len(problems) > 0 {
		return lifecycle.Examined{}, ended(ctx, invalidRequest(problems))
	}
	ctx = workflow.WithActivityOptions(ctx, short(examineLimit, "examine", "Look at the worker's own set-up"))
	wanted := activities.ExamineInput{Scope: activities.Scope{Run: runOf(ctx), Began: beganAt(ctx)}, Requests: requests}
	var seen lifecycle.Examined
	if err := workflow.ExecuteActivity(ctx, a.Examine, wanted).Get(ctx, &seen); err != nil {
		err = stepError(ctx, err, "Look at the worker's own set-up", activities.Budget{Limit: lifecycle.Duration(examineLimit)})
		return lifecycle.Examined{}, ended(ctx, err)
	}
	seen.Findings = lifecycle.Examine(seen)
	workflow.SetCurrentDetails(ctx, doctorDetails(seen))
	return seen, nil
}

// doctorDetails is the page of a look at a set-up in Temporal's web UI: what is amiss comes first.
func doctorDetails(e lifecycle.Examined) string {
	var b, fine strings.Builder
	fmt.Fprintf(&b, "### Worker of %s · %s\n\n", visible.Escape(e.Resource), visible.Escape(string(lifecycle.Worst(e.Findings))))
	for _, f := range e.Findings {
		if f.Status == lifecycle.FindingOK {
			fmt.Fprintf(&fine, "- %s %s: %s\n", visible.Escape(f.Area), visible.Escape(f.Check), visible.Escape(f.Message))
			continue
		}
		fmt.Fprintf(&b, "- **%s** %s %s: %s\n", visible.Escape(string(f.Status)), visible.Escape(f.Area), visible.Escape(f.Check), visible.Escape(f.Message))
		if f.Next != nil {
			fmt.Fprintf(&b, "  - %s\n", visible.Escape(*f.Next))
		}
	}
	return b.String() + fine.String()
}
