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

// CreateEvaluation adopts the run's evaluation in whatever status it is, or starts it
// (Evaluations_List, Evaluations_Create).
func (a *Activities) CreateEvaluation(ctx context.Context, in EvaluationInput) (EvaluationCreated, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EvaluationCreated{}, err
	}
	about := evaluationSubject(in.DisplayName)
	f, err := adoptOrCreate(ctx, a.evaluationShelf(in), laterAttempt(ctx, in.Scope), a.listLag)
	if err != nil {
		return EvaluationCreated{}, classify(err, about)
	}
	return EvaluationCreated{ID: f.item.ID()}, classify(a.dropEvaluations(ctx, f.losers), about)
}

// SettleEvaluationInput is the run's evaluation of a step as it is known so far.
type SettleEvaluationInput struct {
	EvaluationInput
	ID string `json:"id"`
}

// SettleEvaluation lists the run's evaluations of the step once more, removes twins, and returns the one
// that counts. A list may still miss the known one, so that is read by its ID.
func (a *Activities) SettleEvaluation(ctx context.Context, in SettleEvaluationInput) (EvaluationCreated, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EvaluationCreated{}, err
	}
	about := evaluationSubject(in.DisplayName)
	s := a.evaluationShelf(in.EvaluationInput)
	items, err := s.look(ctx, false)
	if err != nil {
		return EvaluationCreated{}, classify(err, about)
	}
	var known speech.Evaluation
	if err := a.existing(ctx, about, func() (err error) { known, _, err = a.speech.GetEvaluation(ctx, in.ID); return err }); err != nil {
		return EvaluationCreated{}, err
	}
	f := pickFound(s, append(items, known), "")
	return EvaluationCreated{ID: f.item.ID()}, classify(a.dropEvaluations(ctx, f.losers), about)
}

func (a *Activities) evaluationShelf(in EvaluationInput) shelf[speech.Evaluation] {
	return shelf[speech.Evaluation]{
		origin: speech.Evaluation.Origin,
		look: func(ctx context.Context, whole bool) ([]speech.Evaluation, error) {
			list, _, err := a.speech.ListEvaluations(ctx, named(in.DisplayName, in.Locale, whole))
			return keep(list, func(e speech.Evaluation) bool {
				p := e.CustomProperties
				return isOf(p, e.Locale, in.Scope, a.owner) &&
					a.ofVersion(e, in.Model2) && (e.DisplayName == in.DisplayName || lifecycle.SameRun(p[lifecycle.MarkRun], in.Run) && p[lifecycle.MarkStep] == in.Step)
			}), err
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
		if !e.Status.Terminal() {
			continue
		}
		if _, err := a.speech.DeleteEvaluation(ctx, e.ID()); err != nil && transient(err) {
			return err
		}
	}
	return nil
}

// Measured is what an evaluation gave: the numbers of model1 and model2.
type Measured struct {
	// Of is what was measured: an adopted evaluation may be one of other models than are wanted now.
	Of         lifecycle.Subjects    `json:"of"`
	First      lifecycle.Measurement `json:"first"`
	Second     lifecycle.Measurement `json:"second"`
	ObservedAt time.Time             `json:"observedAt"`
}

// AwaitEvaluation waits until an evaluation has ended and reads its numbers, only when it Succeeded.
func (a *Activities) AwaitEvaluation(ctx context.Context, in AwaitInput) (Measured, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return Measured{}, err
	}
	about := evaluationSubject(in.Label)
	if _, err := a.wait(ctx, speech.KindEvaluation, in.ID); err != nil {
		return Measured{}, a.waitFailure(err, about)
	}
	var e speech.Evaluation
	var meta speech.Meta
	if err := a.existing(ctx, about, func() (err error) { e, meta, err = a.speech.GetEvaluation(ctx, in.ID); return err }); err != nil {
		return Measured{}, err
	}
	if e.Status != speech.StatusSucceeded {
		return Measured{}, a.entityFailure(about.class, about.object, e.Properties.Error, about.next)
	}
	p := e.Properties
	return Measured{
		Of:         lifecycle.Subjects{First: refID(e.Model1), Second: refID(e.Model2), Dataset: refID(e.Dataset)},
		First:      measurement(p.WordErrorRate1, p.WordCount1, p.WordSubstitutionCount1, p.WordDeletionCount1, p.WordInsertionCount1),
		Second:     measurement(p.WordErrorRate2, p.WordCount2, p.WordSubstitutionCount2, p.WordDeletionCount2, p.WordInsertionCount2),
		ObservedAt: meta.ObservedAt,
	}, nil
}

func evaluationSubject(name string) subject {
	return subject{
		class: lifecycle.EvaluationFailed, object: fmt.Sprintf("evaluation %q", name),
		next: "read what the service says about the test data, then test the version again with Evaluate",
	}
}
