package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
)

// SweepReport is what a sweep removed, and what it gave up on.
type SweepReport struct {
	Deleted []lifecycle.Disposed `json:"deleted"`
	Waiting []lifecycle.Disposed `json:"waiting"`
}

// Sweep removes what canceled and terminated runs of a model left behind: it marks it, deletes what is
// terminal, waits for the rest, and ends when nothing is left. It looks a second time after the longest
// time that a canceled create can be on its way.
func (w *Workflows) Sweep(ctx workflow.Context, input json.RawMessage) (SweepReport, error) {
	report := SweepReport{Deleted: []lifecycle.Disposed{}, Waiting: []lifecycle.Disposed{}}
	in, problems := decode.Sweep(input)
	if len(problems) > 0 {
		return report, ended(ctx, invalidRequest(problems))
	}
	s := sweep{
		scope: activities.Scope{Model: in.Name, Locale: in.Locale, Run: runOf(ctx), Began: beganAt(ctx)},
		input: activities.SweepInput{Home: in.Home, Unused: in.Unused},
	}
	s.input.Scope = s.scope
	err := s.run(ctx, &report)
	if err != nil && !canceled(ctx, err) {
		f := asFailure(err)
		return report, failure(f, f, report)
	}
	return report, err
}

type sweep struct {
	scope activities.Scope
	input activities.SweepInput
	// awaited names what was waited for already.
	awaited []string
}

func (s *sweep) run(ctx workflow.Context, report *SweepReport) error {
	limit := lifecycle.DefaultRequest().Limits.Training
	deadline := workflow.Now(ctx).Add(limit.Std())
	lookedAgain, rest := false, time.Duration(0)
	for pass := 0; ; pass++ {
		var found activities.SweepResult
		options := short(limit.Std(), fmt.Sprintf("sweep-%d", pass), "Remove abandoned versions")
		err := patience{free: askedFree}.execute(workflow.WithActivityOptions(ctx, options), a.SweepPass, s.input).Get(ctx, &found)
		if err = stepError(ctx, err, "the sweep", activities.Budget{Limit: limit}); err != nil {
			return err
		}
		report.Deleted = append(report.Deleted, found.Deleted...)
		report.Waiting = slices.Concat(found.Waiting, found.Refused)
		fresh := slices.DeleteFunc(slices.Clone(found.Waiting), func(d lifecycle.Disposed) bool { return slices.Contains(s.awaited, d.ID) })
		left := deadline.Sub(workflow.Now(ctx))
		switch {
		case left <= 0:
			return nil
		case len(fresh) > 0:
			if err := s.awaitEnds(ctx, fresh, lifecycle.Duration(left)); err != nil {
				return err
			}
		case len(found.Waiting) == 0 && (lookedAgain || len(s.input.Unused) > 0):
			return nil
		default:
			// Either the last look, or the lists still show what has ended as running.
			lookedAgain = true
			if err := workflow.Sleep(ctx, max(found.LookAgain, rest)); err != nil {
				return err
			}
			rest = min(2*max(found.LookAgain, rest), longestRest)
		}
	}
}

// longestRest bounds the pauses between passes over what has ended and still cannot be deleted: a sweep of
// days stays a short history.
const longestRest = time.Hour

// awaitEnds waits for every abandoned training and evaluation; one that does not end in time is given up.
func (s *sweep) awaitEnds(ctx workflow.Context, waiting []lifecycle.Disposed, limit lifecycle.Duration) error {
	futures := make([]workflow.Future, 0, len(waiting))
	for _, d := range waiting {
		options := workflow.WithActivityOptions(ctx, long(limit.Std(), "await-end-"+d.ID, "Await the end of "+d.DisplayName))
		futures = append(futures, workflow.ExecuteActivity(options, a.AwaitEnd, activities.AwaitEndInput{
			AwaitInput: activities.AwaitInput{Scope: s.scope, ID: d.ID, Label: d.DisplayName}, Kind: d.Kind,
		}))
		s.awaited = append(s.awaited, d.ID)
	}
	for i, future := range futures {
		err := stepError(ctx, future.Get(ctx, nil), "the end of "+waiting[i].DisplayName, activities.Budget{Limit: limit, Wait: true})
		if failure, ok := errors.AsType[*failed](err); ok && failure.failure.Type == lifecycle.TimedOut {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}
