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

// SweepInput names the model to tidy up after.
type SweepInput struct {
	Scope
	// Heal puts marks right that a run could no longer write; nil when the request of the model is not at hand.
	Heal *HealInput `json:"heal,omitempty"`
	// Request is the request at hand, which Temporal may not list yet: the datasets that it names stay; nil when there is
	// none.
	Request *lifecycle.LiveRequest `json:"request,omitempty"`
	// Home is another home that a person says is lost: its unfinished work is removed, too.
	Home string `json:"home,omitempty"`
	// Unused are datasets that a person wants deleted, if nothing uses them. With any the pass does only that.
	Unused []string `json:"unused,omitempty"`
}

// SweepResult is what one pass did.
type SweepResult struct {
	Deleted []lifecycle.Disposed `json:"deleted"`
	// Waiting names what is abandoned but cannot be deleted yet, because it is not terminal.
	Waiting []lifecycle.Disposed `json:"waiting"`
	// Refused names what the service would not delete.
	Refused []lifecycle.Disposed `json:"refused"`
	// Healed are the marks that were put right.
	Healed []lifecycle.Mending `json:"healed,omitempty"`
	// Notes are what an operator should know of the resource.
	Notes []string `json:"notes,omitempty"`
	// LookAgain is when what a canceled create left behind is in the lists at the latest.
	LookAgain time.Duration `json:"lookAgain"`
}

// SweepPass tidies up after a model: it puts marks right that a run could no longer write, finds the abandoned versions,
// marks them, and deletes those that are terminal, what was created twice by a lost answer, and datasets that nothing
// has used for a week. It never touches what the running retrain made, what another home has not finished, nor what
// does not carry our owner.
func (a *Activities) SweepPass(ctx context.Context, in SweepInput) (SweepResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return SweepResult{}, err
	}
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
	l, err := a.look(ctx)
	if err == nil && len(in.Unused) > 0 {
		l, err = a.lookNow(ctx, everything...)
	}
	if err != nil {
		return SweepResult{}, classify(err, about)
	}
	if len(in.Unused) > 0 {
		result.LookAgain = 0
		return result, classify(a.deleteUnused(ctx, in, l, &result), about)
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
	undecided, err := a.undecided(ctx, l.versionsOf(in.Scope))
	if err != nil {
		return err
	}
	abandoned := lifecycle.FindAbandoned(undecided, in.Home, l.observedAt)
	if len(abandoned) == 0 {
		return nil
	}
	// An endpoint that was made a moment ago may serve one of them and not be in the lists yet.
	if abandoned, err = a.stillUnused(ctx, abandoned); err != nil {
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

// stillUnused leaves out the versions that an endpoint turns out to serve once the lists have caught up.
func (a *Activities) stillUnused(ctx context.Context, abandoned []lifecycle.Abandoned) ([]lifecycle.Abandoned, error) {
	if err := pause(ctx, a.listLag); err != nil {
		return nil, err
	}
	l, err := a.lookNow(ctx, speech.KindEndpoint)
	if err != nil {
		return nil, err
	}
	return keep(abandoned, func(v lifecycle.Abandoned) bool { return !l.inUse[v.Version.ID] }), nil
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

// undecided are those versions that a run has not finished, with what is known of the run, and the champions.
func (a *Activities) undecided(ctx context.Context, versions []lifecycle.Version) ([]lifecycle.Version, error) {
	states := map[string]lifecycle.RunKnown{}
	var undecided []lifecycle.Version
	for _, v := range versions {
		switch v.State {
		case lifecycle.StateCandidate, lifecycle.StateDeploying, lifecycle.StateAbandoned:
			key := v.Model + "/" + v.Run
			if _, known := states[key]; !known {
				known, err := a.runState(ctx, lifecycle.RetrainID(v.Model), v.Run)
				if err != nil {
					return nil, a.noTemporal(err, "workflow "+lifecycle.RetrainID(v.Model))
				}
				states[key] = known
			}
			v.Known = states[key]
		case lifecycle.StateChampion:
		default:
			continue
		}
		undecided = append(undecided, v)
	}
	return undecided, nil
}

// noTemporal is the failure to learn from Temporal what became of a run: nothing is touched on a guess.
func (a *Activities) noTemporal(err error, object string) error {
	return later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: &object}, 0, false)
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

// drop runs one delete and records what came of it; only what may pass by itself is an error.
func (a *Activities) drop(d lifecycle.Disposed, result *SweepResult, do func() error) error {
	refusal, err := deletion(do)
	switch {
	case err != nil:
		return err
	case refusal != "":
		d.Reason += "; " + refusal
		result.Refused = append(result.Refused, d)
	default:
		result.Deleted = append(result.Deleted, d)
	}
	return nil
}

// AwaitEndInput names what is waited for: an abandoned version, or an evaluation of one.
type AwaitEndInput struct {
	AwaitInput
	// Kind is model or evaluation.
	Kind lifecycle.ObjectKind `json:"kind"`
}

// AwaitEnd waits until what is abandoned is terminal, however it ends.
func (a *Activities) AwaitEnd(ctx context.Context, in AwaitEndInput) error {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return err
	}
	if in.Kind == lifecycle.ObjectEvaluation {
		_, _, err = wait(ctx, a, in.ID, a.speech.WaitEvaluation)
	} else {
		_, _, err = wait(ctx, a, in.ID, a.speech.WaitModel)
	}
	if speech.IsNotFound(err) {
		return nil
	}
	return classify(err, subject{class: lifecycle.TrainingFailed, object: fmt.Sprintf("abandoned %s %q", in.Kind, in.Label), next: "run the sweep again"})
}
