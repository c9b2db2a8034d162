package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// promote lets the version serve: on its endpoint, if the request names one, and as champion.
func (r *retrain) promote(ctx workflow.Context) error {
	if r.request.Deploy != nil {
		done, err := r.deploy(ctx)
		if err != nil {
			return err
		}
		if !done {
			return r.reject(ctx)
		}
	} else if err := r.markChampion(ctx); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageRetire)
	previous := ""
	if r.report.Champion != nil {
		previous = r.report.Champion.ID
	}
	if err := r.retire(ctx, r.report.Version.ID, previous); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageReport)
	if r.report.Version.ExpiresAt == nil {
		r.note("the service gives no expiry date for version %s: look at it in the portal", r.report.Version.ID)
	}
	return nil
}

// markChampion marks the version champion, and the champion before it retired.
func (r *retrain) markChampion(ctx workflow.Context) error {
	input := activities.PromoteInput{Scope: r.scope, ID: r.report.Version.ID, Verdict: r.verdictMark(), Former: lifecycle.StateRetired, TakesOver: r.takesOver}
	promoted, err := do(ctx, r, "promote", "Mark the version champion", a.PromoteVersion, input)
	if err != nil {
		return err
	}
	if r.request.Deploy == nil { // else they were written, and noted, before the endpoint was changed
		r.noteDropped(promoted.Dropped)
	}
	if r.takesOver != "" {
		r.note("the endpoint was taken over from the model %s: its champion is retired, and its schedule %s goes on until somebody deletes it", r.takesOver, ScheduleID(r.takesOver))
	}
	r.report.Version.State = lifecycle.StateChampion
	return nil
}

// reject keeps the version from serving: it is marked, and stays until the next success.
func (r *retrain) reject(ctx workflow.Context) error {
	r.rejected = true
	input := activities.MarkInput{Scope: r.scope, ID: r.report.Version.ID, State: lifecycle.StateRejected, Verdict: r.verdictMark()}
	marked, err := do(ctx, r, "mark-rejected", "Mark the version rejected", a.MarkVersion, input)
	if err != nil {
		return err
	}
	r.noteDropped(marked.Dropped)
	r.report.Version.State = lifecycle.StateRejected
	r.enter(ctx, lifecycle.StageRetire)
	if err := r.retire(ctx, "", ""); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageReport)
	return nil
}

// retire deletes what is no longer kept. The version serves or is rejected already: what cannot be
// deleted now is left to the next run, with a note.
func (r *retrain) retire(ctx workflow.Context, champion, previous string) error {
	input := activities.RetireInput{Scope: r.scope, Champion: champion, Previous: previous, Keep: r.request.Keep}
	retired, err := do(ctx, r, "retire", "Delete what is no longer kept", a.RetireVersions, input)
	if f, ok := errors.AsType[*failed](err); ok {
		r.note("what is no longer kept could not be deleted, the next run tries again: %s", f.failure.Message)
		return nil
	}
	if err != nil {
		return err
	}
	r.report.Kept = append(r.report.Kept, retired.Kept...)
	r.report.Deleted = append(r.report.Deleted, retired.Deleted...)
	r.say("kept %d, deleted %d", len(retired.Kept), len(retired.Deleted))
	return nil
}

func (r *retrain) noteDropped(marks []string) {
	for _, mark := range marks {
		r.note("mark %s found no room beside other properties of the version", mark)
	}
}

// verdictMark is what outlives the run: the verdict, its numbers, and who decided why.
func (r *retrain) verdictMark() string {
	var rate, compared *float64
	if len(r.report.Tests) > 0 {
		t := r.report.Tests[0]
		rate, compared = t.WordErrorRate, t.Champion
		if compared == nil {
			compared = t.Base
		}
	}
	return lifecycle.VerdictMark(r.report.Verdict, rate, compared, r.report.Approval)
}

// reconsider makes the verdict inconclusive when the endpoint no longer serves what the version was
// measured against, and decides anew.
func (r *retrain) reconsider(ctx workflow.Context, measured, serving string) (lifecycle.Decision, error) {
	reason := fmt.Sprintf("the endpoint's model was changed during the run, from %s to %s: the version was not measured against what serves", orNothing(measured), orNothing(serving))
	r.note("%s", reason)
	if r.report.Verdict == nil {
		return lifecycle.DecidePromote, nil
	}
	r.reconsidered = true
	r.report.Verdict = &lifecycle.Verdict{Result: lifecycle.Inconclusive, Reason: reason}
	return r.decide(ctx)
}

func orNothing(id string) string {
	if id == "" {
		return "nothing"
	}
	return id
}
