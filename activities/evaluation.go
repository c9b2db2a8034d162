package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// EvaluationInput is one measurement of two models on one dataset. Step is the value of sr.step.
type EvaluationInput struct {
	Scope
	DisplayName string   `json:"displayName"`
	Step        string   `json:"step"`
	DatasetID   string   `json:"datasetId"`
	Model1      ModelRef `json:"model1"`
	Model2      ModelRef `json:"model2"`
	ProjectID   string   `json:"projectId,omitempty"`
}

// EvaluationCreated names an evaluation.
type EvaluationCreated struct {
	ID string `json:"id"`
}

// CreateEvaluation adopts the run's evaluation in whatever status it is, takes one of another run that has Succeeded with
// the same models and content, or starts it (Evaluations_List, Evaluations_Create).
func (a *Activities) CreateEvaluation(ctx context.Context, in EvaluationInput) (EvaluationCreated, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EvaluationCreated{}, err
	}
	about := evaluationSubject(in.DisplayName)
	f, err := adoptOrCreate(ctx, a, a.evaluationShelf(in), laterAttempt(ctx, in.Scope))
	if err != nil {
		return EvaluationCreated{}, classify(err, about)
	}
	return EvaluationCreated{ID: f.item.ID()}, classify(a.dropEvaluations(ctx, f.losers), about)
}

// AwaitEvaluationInput is the run's evaluation of a step as it is known so far.
type AwaitEvaluationInput struct {
	EvaluationInput
	ID string `json:"id"`
}

// settleEvaluation looks once more for the run's evaluations of a step, removes twins, and returns the one that counts. Its
// numbers are those of the twins: they measure the same models on the same audio.
func (a *Activities) settleEvaluation(ctx context.Context, in AwaitEvaluationInput, known speech.Evaluation) (string, error) {
	s := a.evaluationShelf(in.EvaluationInput)
	items, err := s.look(ctx, false) // the wait has just looked
	if err != nil {
		return "", err
	}
	f, err := pickFound(ctx, a, s, append(items, known), known.ID())
	if err != nil {
		return "", err
	}
	return f.item.ID(), a.dropEvaluations(ctx, f.losers)
}

func (a *Activities) evaluationShelf(in EvaluationInput) shelf[speech.Evaluation] {
	is := func(e speech.Evaluation) bool {
		p := e.CustomProperties
		return isOf(p, e.Locale, in.Scope, a.owner) && a.ofVersion(e, in.Model2) &&
			(e.DisplayName == in.DisplayName || lifecycle.SameRun(p[lifecycle.MarkRun], in.Run) && p[lifecycle.MarkStep] == in.Step)
	}
	return shelf[speech.Evaluation]{
		origin: speech.Evaluation.Origin,
		is:     is,
		get:    a.speech.GetEvaluation,
		look: func(ctx context.Context, fresh bool) ([]speech.Evaluation, error) {
			l, err := a.lookAt(ctx, speech.KindEvaluation, fresh)
			if err != nil {
				return nil, err
			}
			return keep(l.evaluations, is), nil
		},
		take: func(ctx context.Context) (*speech.Evaluation, error) {
			l, err := a.lookOnly(ctx, speech.KindEvaluation, speech.KindDataset)
			if err != nil {
				return nil, err
			}
			return l.measuredAlready(in), nil
		},
		put: func(ctx context.Context) (speech.Evaluation, error) {
			e, _, err := a.speech.CreateEvaluation(ctx, speech.NewEvaluation{
				DisplayName: in.DisplayName, Locale: in.Locale, Project: a.projectRef(in.ProjectID),
				Model1: a.modelRef(in.Model1), Model2: a.modelRef(in.Model2), Dataset: a.speech.Ref(speech.KindDataset, in.DatasetID),
				CustomProperties: map[string]string{
					lifecycle.MarkOwner: a.owner, lifecycle.MarkModel: in.Model, lifecycle.MarkRun: in.Run,
					lifecycle.MarkStep: in.Step, lifecycle.MarkTestingKind: "Evaluation",
				},
			})
			return e, err
		},
	}
}

// ofVersion tells that an evaluation of the run is not about a version that the run had before: when that was deleted and
// the run was reset, it trains another, which has to be measured anew.
func (a *Activities) ofVersion(e speech.Evaluation, version ModelRef) bool {
	return !version.Custom || e.Model2 == nil || speech.Same(*e.Model2, a.modelRef(version))
}

// dropEvaluations deletes the twins that lost, as far as they are terminal; the others go with the
// version.
func (a *Activities) dropEvaluations(ctx context.Context, losers []speech.Evaluation) error {
	for _, e := range losers {
		if err := a.deleteEvaluation(ctx, e); err != nil && transient(err) {
			return err
		}
	}
	return nil
}

// deleteEvaluation deletes an evaluation that is still ours, and about what it was, when it is read once more: its marks may
// have been changed since it was listed.
func (a *Activities) deleteEvaluation(ctx context.Context, listed speech.Evaluation) error {
	e, _, err := a.speech.GetEvaluation(ctx, listed.ID())
	if err != nil {
		return ignoreNotFound(err)
	}
	same := func(mark string) bool { return e.CustomProperties[mark] == listed.CustomProperties[mark] }
	own := lifecycle.Ours(e.CustomProperties, a.owner) && same(lifecycle.MarkModel) && same(lifecycle.MarkRun) && same(lifecycle.MarkStep)
	if !own || !e.Status.Terminal() {
		return nil
	}
	_, err = a.speech.DeleteEvaluation(ctx, e.ID())
	return err
}

// Measured is what an evaluation gave: the numbers of model1 and model2.
type Measured struct {
	// ID is the evaluation that counts, when the run has started it twice.
	ID string `json:"id,omitempty"`
	// Of is what was measured: an adopted evaluation may be one of other models than are wanted now.
	Of     lifecycle.Subjects    `json:"of"`
	First  lifecycle.Measurement `json:"first"`
	Second lifecycle.Measurement `json:"second"`
	// Others are what other versions of the same input gave against the same model on the same content.
	Others     []lifecycle.Pair `json:"others,omitempty"`
	ObservedAt time.Time        `json:"observedAt"`
}

// AwaitEvaluation waits until an evaluation has ended, reads its numbers, only when it Succeeded, and then looks once more
// whether the run has started it twice.
func (a *Activities) AwaitEvaluation(ctx context.Context, in AwaitEvaluationInput) (Measured, error) {
	ctx, beat, err := a.beginWait(ctx, in.Scope)
	if err != nil {
		return Measured{}, err
	}
	about := evaluationSubject(in.DisplayName)
	e, now, err := wait(ctx, a, beat, in.ID, a.speech.WaitEvaluation)
	if err != nil {
		return Measured{}, a.waitFailure(err, about)
	}
	counts, err := a.settleEvaluation(ctx, in, e)
	if err != nil {
		return Measured{}, classify(err, about)
	}
	if e.Status != speech.StatusSucceeded {
		return Measured{}, a.entityFailure(about.class, about.object, e.Properties.Error, about.next)
	}
	l, err := a.lookOnly(ctx, speech.KindModel, speech.KindEvaluation, speech.KindDataset)
	if err != nil {
		return Measured{}, classify(err, about)
	}
	of := lifecycle.Subjects{First: refID(e.Model1), Second: refID(e.Model2), Dataset: refID(e.Dataset)}
	if l.contentOf(of.Dataset) == l.contentOf(in.DatasetID) {
		of.Dataset = in.DatasetID // a second dataset of the same content
	}
	first, second := numbersOf(e)
	return Measured{ID: counts, Of: of, First: first, Second: second, Others: l.othersOfInput(in.EvaluationInput), ObservedAt: now}, nil
}

func evaluationSubject(name string) subject {
	return subject{
		class: lifecycle.EvaluationFailed, object: fmt.Sprintf("evaluation %q", name),
		next: "read what the service says about the test data, then test the version again with Evaluate",
	}
}
