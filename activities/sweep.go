package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// postLands is how long a create may still be on its way after its run was canceled: the wait for the
// limiter and the time-out of the request.
const postLands = 40 * time.Second

// SweepPass tidies up after a model: it puts marks right that a run could no longer write, finds the abandoned versions,
// marks them, and deletes those that are terminal, what was created twice by a lost answer, and datasets that nothing
// has used for a week. It never touches what the running retrain made, what another home has not finished, nor what
// does not carry our owner.
func (a *Activities) SweepPass(ctx context.Context, in SweepInput) (SweepResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return SweepResult{}, err
	}
	return a.sweepPass(ctx, in)
}

func (a *Activities) sweepPass(ctx context.Context, in SweepInput) (SweepResult, error) {
	about := subject{class: lifecycle.InvalidRequest, object: "abandoned versions of " + in.Model, next: "run the sweep again"}
	if in.Home == a.home {
		message := fmt.Sprintf("%s is this installation's own home, which is not lost", in.Home)
		return SweepResult{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("home " + in.Home),
			Next:     lifecycle.Ptr("name the home of an installation that is gone: it is what sr.run of its versions begins with"),
			Problems: []lifecycle.Problem{{Path: "home", Message: message}},
		})
	}
	result := SweepResult{
		Deleted: []lifecycle.Disposed{}, Waiting: []lifecycle.Disposed{}, Refused: []lifecycle.Disposed{}, LookAgain: postLands + a.listLag,
	}
	if len(in.Unused) > 0 {
		result.LookAgain = 0
		l, err := a.lookNow(ctx, everything...)
		if err == nil {
			err = a.deleteUnused(ctx, in, l, &result)
		}
		return result, classify(err, about)
	}
	l, err := a.lookOnly(ctx, speech.KindModel, speech.KindDataset)
	if err != nil {
		return SweepResult{}, classify(err, about)
	}
	if text := lifecycle.QuotaNote("datasets", len(l.datasets), a.datasetQuota); text != "" {
		result.Notes = append(result.Notes, text)
	}
	if len(l.modelsOf(in.Scope)) == 0 && !l.byRunIn(in.Locale) {
		return result, nil // no run has left anything: what else there is does not matter
	}
	if l, err = a.look(ctx); err != nil {
		return SweepResult{}, classify(err, about)
	}
	for _, step := range []func(context.Context, SweepInput, *listing, *SweepResult) error{
		a.heal, a.disposeAbandoned, a.dropSecondCopies, a.tidyDatasets,
	} {
		if err := step(ctx, in, l, &result); err != nil {
			return SweepResult{}, classify(err, about)
		}
	}
	return result, nil
}

// disposeAbandoned marks and deletes what nobody will finish.
func (a *Activities) disposeAbandoned(ctx context.Context, in SweepInput, l *listing, result *SweepResult) error {
	abandoned, err := a.abandoned(ctx, in, l)
	if err != nil || len(abandoned) == 0 {
		return err
	}
	// An endpoint that was made a moment ago may serve one of them and not be in the lists yet, and the twin of another may be
	// gone since: once the lists have caught up they are found once more, afresh.
	if err := pause(ctx, a.listLag); err != nil {
		return err
	}
	if l, err = a.lookAfresh(ctx, in.Scope, speech.KindEndpoint); err != nil {
		return err
	}
	if abandoned, err = a.abandoned(ctx, in, l); err != nil {
		return err
	}
	for _, found := range abandoned {
		m, still, err := a.stillAbandoned(ctx, found, in)
		if err != nil {
			return err
		}
		if !still {
			continue
		}
		if err := a.dispose(ctx, m, l.measured(m), found.Reason, result); err != nil {
			return err
		}
	}
	return nil
}

// abandoned are the versions that nobody will finish, as far as was listed.
func (a *Activities) abandoned(ctx context.Context, in SweepInput, l *listing) ([]lifecycle.Abandoned, error) {
	undecided, err := a.undecided(ctx, l.versionsOf(in.Scope))
	return lifecycle.FindAbandoned(undecided, in.Home, l.observedAt), err
}

// stillAbandoned reads the version and its run once more: meanwhile the run may have been reset and go on, or another
// part of the program may have marked the version.
func (a *Activities) stillAbandoned(ctx context.Context, found lifecycle.Abandoned, in SweepInput) (speech.CustomModel, bool, error) {
	m, meta, err := a.speech.GetModel(ctx, found.Version.ID)
	if speech.IsNotFound(err) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	again, err := a.undecided(ctx, []lifecycle.Version{versionOf(m, a.home)})
	if err != nil {
		return m, false, err
	}
	if len(again) != 1 || again[0].State != found.Version.State || !lifecycle.Ours(m.CustomProperties, a.owner) {
		return m, false, nil
	}
	// A twin is abandoned because of the other one: alone it would not be.
	same := again[0].Known.State == found.Version.Known.State
	return m, same || len(lifecycle.FindAbandoned(again, in.Home, meta.ObservedAt)) == 1, nil
}

// dispose marks one abandoned version, deletes its evaluations, and then the version itself, each when it
// is terminal.
func (a *Activities) dispose(ctx context.Context, m speech.CustomModel, evaluations []speech.Evaluation, reason string, result *SweepResult) error {
	entry := lifecycle.Disposed{Kind: lifecycle.ObjectModel, ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), Reason: reason}
	if _, err := a.mark(ctx, m, map[string]string{lifecycle.MarkState: string(lifecycle.StateAbandoned)}); err != nil {
		if speech.IsNotFound(err) {
			return nil
		}
		return err
	}
	idle := m.Status.Terminal()
	if !idle {
		result.Waiting = append(result.Waiting, entry)
	}
	for _, e := range evaluations {
		d := lifecycle.Disposed{Kind: lifecycle.ObjectEvaluation, ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Reason: "it tested " + entry.DisplayName}
		if !e.Status.Terminal() {
			idle = false
			result.Waiting = append(result.Waiting, d)
			continue
		}
		if err := a.drop(d, result, func() error { return a.deleteEvaluation(ctx, e) }); err != nil {
			return err
		}
	}
	if !idle {
		return nil
	}
	return a.drop(entry, result, func() error { _, err := a.speech.DeleteModel(ctx, m.ID()); return err })
}

// AwaitEndInput names what is waited for: an abandoned version, or an evaluation of one.
type AwaitEndInput struct {
	AwaitInput
	// Kind is model or evaluation.
	Kind lifecycle.ObjectKind `json:"kind"`
}

// AwaitEnd waits until what is abandoned is terminal, however it ends.
func (a *Activities) AwaitEnd(ctx context.Context, in AwaitEndInput) error {
	ctx, beat, err := a.beginWait(ctx, in.Scope)
	if err != nil {
		return err
	}
	if in.Kind == lifecycle.ObjectEvaluation {
		_, _, err = wait(ctx, a, beat, in.ID, a.speech.WaitEvaluation)
	} else {
		_, _, err = wait(ctx, a, beat, in.ID, a.speech.WaitModel)
	}
	if speech.IsNotFound(err) {
		return nil
	}
	return classify(err, subject{class: lifecycle.TrainingFailed, object: fmt.Sprintf("abandoned %s %q", in.Kind, in.Label), next: "run the sweep again"})
}
