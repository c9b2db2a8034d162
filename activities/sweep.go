package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// postSettles is how long a create may still be on its way after its run was canceled: the wait for the
// limiter and the time-out of the request.
const postSettles = 40 * time.Second

// SweepResult is what one pass did.
type SweepResult struct {
	Deleted []lifecycle.Disposed `json:"deleted"`
	// Waiting names what is abandoned but cannot be deleted yet, because it is not terminal.
	Waiting []lifecycle.Disposed `json:"waiting"`
	// Refused names what the service would not delete.
	Refused []lifecycle.Disposed `json:"refused"`
	// LookAgain is when what a canceled create left behind is in the lists at the latest.
	LookAgain time.Duration `json:"lookAgain"`
}

// SweepPass finds the abandoned versions of a model, marks them, and deletes those that are terminal, and what was
// created twice by a lost answer. It never touches what the running retrain made, nor what does not carry our owner.
func (a *Activities) SweepPass(ctx context.Context, in Scope) (SweepResult, error) {
	ctx, err := a.begin(ctx, in)
	if err != nil {
		return SweepResult{}, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: "abandoned versions of " + in.Model, next: "run the sweep again"}
	result := SweepResult{
		Deleted: []lifecycle.Disposed{}, Waiting: []lifecycle.Disposed{}, Refused: []lifecycle.Disposed{}, LookAgain: postSettles + a.listLag,
	}
	w, err := a.look(ctx, in)
	if err != nil {
		return SweepResult{}, classify(err, about)
	}
	models := keep(w.models, func(m speech.CustomModel) bool {
		return lifecycle.Ours(m.CustomProperties, a.owner) && m.CustomProperties[lifecycle.MarkModel] == in.Model
	})
	marked, err := a.withRuns(ctx, in.Model, models, modelsInUse(w.endpoints))
	if err != nil {
		return SweepResult{}, later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: &about.object}, 0, false)
	}
	byID := map[string]speech.CustomModel{}
	for _, m := range models {
		byID[m.ID()] = m
	}
	abandoned := lifecycle.FindAbandoned(marked)
	if len(abandoned) > 0 {
		// An endpoint that was made a moment ago may serve one of them and not be in the lists yet.
		if abandoned, err = a.stillUnused(ctx, abandoned); err != nil {
			return SweepResult{}, classify(err, about)
		}
	}
	for _, found := range abandoned {
		tested := keep(w.evaluations, func(e speech.Evaluation) bool {
			return lifecycle.Ours(e.CustomProperties, a.owner) && (refersTo(e.Model1, found.Version.ID) || refersTo(e.Model2, found.Version.ID))
		})
		if err := a.dispose(ctx, byID[found.Version.ID], tested, found.Reason, &result); err != nil {
			return SweepResult{}, classify(err, about)
		}
	}
	if err := a.dropSecondCopies(ctx, in, w, &result); err != nil {
		return SweepResult{}, classify(err, about)
	}
	return result, nil
}

// stillUnused leaves out the versions that an endpoint turns out to serve once the lists have caught up.
func (a *Activities) stillUnused(ctx context.Context, abandoned []lifecycle.Abandoned) ([]lifecycle.Abandoned, error) {
	if err := pause(ctx, a.listLag); err != nil {
		return nil, err
	}
	endpoints, _, err := a.speech.ListEndpoints(ctx, speech.Filter{})
	inUse := modelsInUse(endpoints)
	return keep(abandoned, func(v lifecycle.Abandoned) bool { return !inUse[v.Version.ID] }), err
}

// withRuns asks for the state of each run once.
func (a *Activities) withRuns(ctx context.Context, model string, models []speech.CustomModel, inUse map[string]bool) ([]lifecycle.MarkedVersion, error) {
	states := map[string]lifecycle.RunKnown{}
	var marked []lifecycle.MarkedVersion
	for _, m := range models {
		p := m.CustomProperties
		state := lifecycle.State(p[lifecycle.MarkState])
		if state != lifecycle.StateCandidate && state != lifecycle.StateAbandoned && state != lifecycle.StateChampion {
			continue
		}
		run := p[lifecycle.MarkRun]
		if _, known := states[run]; !known {
			known, err := a.runState(ctx, lifecycle.RetrainID(model), run)
			if err != nil {
				return nil, err
			}
			states[run] = known
		}
		marked = append(marked, lifecycle.MarkedVersion{
			ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), CreatedAt: m.CreatedDateTime, Status: string(m.Status),
			State: state, Run: run, Step: p[lifecycle.MarkStep], RunState: states[run].State, InUse: inUse[m.ID()],
		})
	}
	return marked, nil
}

// dispose marks one abandoned version, deletes its evaluations, and then the version itself, each when it
// is terminal.
func (a *Activities) dispose(ctx context.Context, m speech.CustomModel, evaluations []speech.Evaluation, reason string, result *SweepResult) error {
	entry := lifecycle.Disposed{Kind: "model", ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), Reason: reason}
	if _, err := a.mark(ctx, m, map[string]string{lifecycle.MarkState: string(lifecycle.StateAbandoned)}); err != nil {
		var answer *speech.Error
		if errors.As(err, &answer) && answer.NotFound() {
			return nil
		}
		return err
	}
	idle := m.Status.Terminal()
	if !idle {
		result.Waiting = append(result.Waiting, entry)
	}
	for _, e := range evaluations {
		d := lifecycle.Disposed{Kind: "evaluation", ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Reason: "it tested " + entry.DisplayName}
		if !e.Status.Terminal() {
			idle = false
			result.Waiting = append(result.Waiting, d)
			continue
		}
		if err := a.drop(d, result, func() error { _, err := a.speech.DeleteEvaluation(ctx, e.ID()); return err }); err != nil {
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
	Kind string `json:"kind"`
}

// AwaitEnd waits until what is abandoned is terminal, however it ends.
func (a *Activities) AwaitEnd(ctx context.Context, in AwaitEndInput) error {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return err
	}
	_, err = a.wait(ctx, speech.Kind(in.Kind), in.ID)
	var answer *speech.Error
	if errors.As(err, &answer) && answer.NotFound() {
		return nil
	}
	return classify(err, subject{class: lifecycle.TrainingFailed, object: fmt.Sprintf("abandoned %s %q", in.Kind, in.Label), next: "run the sweep again"})
}
