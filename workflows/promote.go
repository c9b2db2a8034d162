package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// promote lets the version serve: on its endpoint, if the request names one, and as champion.
func (r *run) promote(ctx workflow.Context) error {
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
	r.settleProject(ctx)
	r.enter(ctx, lifecycle.StageReport)
	if r.report.Version.ExpiresAt == nil {
		r.note("the service gives no expiry date for version %s: look at it in the portal", r.report.Version.ID)
	}
	return nil
}

// reject keeps the version from serving: it is marked, and stays as long as the same could be trained again.
func (r *run) reject(ctx workflow.Context) error {
	r.rejected = true
	r.countBadBase(ctx)
	if r.judgedBefore.Answer == "" {
		if err := r.markRejected(ctx); err != nil {
			return err
		}
	}
	r.enter(ctx, lifecycle.StageRetire)
	if err := r.retire(ctx, "", ""); err != nil {
		return err
	}
	r.settleProject(ctx)
	r.enter(ctx, lifecycle.StageReport)
	return nil
}

// markRejected writes the verdict. A version that was taken keeps its state, unless nobody had decided on it yet: one that
// was champion before can still be gone back to.
func (r *run) markRejected(ctx workflow.Context) error {
	input := activities.MarkInput{
		Scope: r.scope, ID: r.report.Version.ID, State: lifecycle.StateRejected, Verdict: r.verdictMark(), Failures: r.evaluationsFailed(),
	}
	if r.taken != nil && r.taken.Version.State != lifecycle.StateCandidate {
		input.State = ""
	}
	marked, err := do(ctx, r, "mark-rejected", "Mark the version rejected", a.MarkVersion, input)
	if err != nil {
		return err
	}
	r.noteDropped(marked.Dropped)
	if input.State != "" {
		r.report.Version.State = input.State
	}
	return nil
}

// evaluationsFailed counts the runs in a row in which an evaluation of the version has failed that the verdict needed, this
// one included; zero when none has in this one.
func (r *run) evaluationsFailed() int {
	for _, m := range r.measured {
		if m.failed {
			return r.failedBefore() + 1
		}
	}
	return 0
}

// failedBefore counts the evaluations and deployments of a taken version that have failed in a row so far.
func (r *run) failedBefore() int {
	if r.taken == nil {
		return 0
	}
	return lifecycle.ReadRecord(r.taken.Version.Verdict).Failures
}

// retire deletes what is no longer kept. The version serves or is rejected already: what cannot be
// deleted now is left to the next run, with a note.
func (r *run) retire(ctx workflow.Context, champion, previous string) error {
	input := activities.RetireInput{Scope: r.scope, Champion: champion, Previous: previous, Keep: r.request.Keep, Budget: r.request.Renew.Budget != nil}
	if champion != "" {
		input.Request = &r.request
	}
	retired, err := do(ctx, r, "retire", "Delete what is no longer kept", a.RetireVersions, input)
	if f, ok := errors.AsType[*failed](err); ok {
		r.note("what is no longer kept could not be deleted, the next run tries again: %s", f.failure.Message)
		return nil
	}
	if err != nil {
		return err
	}
	if retired.Dates.Known() {
		r.report.Dates = &retired.Dates
	}
	r.report.Kept = append(r.report.Kept, retired.Kept...)
	r.report.Deleted = append(r.report.Deleted, retired.Deleted...)
	r.say("kept %d, deleted %d", len(retired.Kept), len(retired.Deleted))
	return nil
}
