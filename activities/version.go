package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// VersionInput is the version that a run trains. DisplayName is the run's own
// (lifecycle.RunDisplayName), so that a listing by exact name finds it.
type VersionInput struct {
	Scope
	DisplayName string   `json:"displayName"`
	Description string   `json:"description,omitempty"`
	BaseID      string   `json:"baseId"`
	BaseName    string   `json:"baseName,omitempty"`
	CustomBase  bool     `json:"customBase,omitempty"`
	DatasetIDs  []string `json:"datasetIds"`
	ProjectID   string   `json:"projectId,omitempty"`
	// Input is the value of sr.input.
	Input string `json:"input"`
	// Again tells that this run has asked for the training before, with another base: it is looked for as after a lost
	// answer.
	Again bool `json:"again,omitempty"`
	// Take lets the run take a version of the same input; nil when it trains in any case.
	Take *TakeInput `json:"take,omitempty"`
}

// VersionResult is a version as the service shows it.
type VersionResult struct {
	Report lifecycle.VersionReport `json:"report"`
	// BaseID is the model that it was trained from; empty when the service does not say.
	BaseID string `json:"baseId,omitempty"`
	// Model is the version as the rules see it.
	Model lifecycle.Model `json:"model,omitzero"`
	// Hours are those of its training; zero while it goes on.
	Hours float64 `json:"hours,omitempty"`
	// Bound tells that the last word of a person on this input was a no, or a rollback.
	Bound bool `json:"bound,omitempty"`
	// Taken tells that the version was there, and no training was started for it.
	Taken *Taken `json:"taken,omitempty"`
	// Twins names versions of the same run that lost and were deleted.
	Twins      []lifecycle.Disposed `json:"twins"`
	ObservedAt time.Time            `json:"observedAt"`
}

// CreateVersion adopts the run's version in whatever status it is, takes one of the same input that would do
// (lifecycle.Take), or starts its training. A base that the service has
// withdrawn is NoUsableBaseModel (Models_ListCustomModels, Models_Create).
func (a *Activities) CreateVersion(ctx context.Context, in VersionInput) (VersionResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return VersionResult{}, err
	}
	about := trainingSubject(in.DisplayName)
	s := a.versionShelf(in)
	var taken *Taken
	s.take = func(ctx context.Context) (m *speech.CustomModel, err error) {
		m, taken, err = a.taken(ctx, in)
		return m, err
	}
	f, err := adoptOrCreate(ctx, a, s, laterAttempt(ctx, in.Scope) || in.Again)
	if err != nil {
		return VersionResult{}, classify(a.withdrawn(ctx, ModelRef{ID: in.BaseID, Custom: in.CustomBase}, in.BaseName, in.Locale, err), about)
	}
	twins, err := a.dropTwins(ctx, f.losers, f.item.ID())
	if err != nil {
		return VersionResult{}, classify(err, about)
	}
	l, err := a.lookOnly(ctx, speech.KindModel)
	if err != nil {
		return VersionResult{}, classify(err, about)
	}
	return VersionResult{
		Bound:  lifecycle.PersonSaidNo(l.versionsOf(in.Scope), in.Input, f.item.ID()),
		Report: versionReport(f.item), BaseID: refID(f.item.BaseModel), Model: customModel(f.item), Hours: trainingHours(f.item), Taken: taken, Twins: twins,
	}, nil
}

// AwaitVersionInput is the run's version as it is known so far.
type AwaitVersionInput struct {
	VersionInput
	ID string `json:"id"`
}

// settle looks once more for the run's versions, removes twins, and returns the one that counts.
func (a *Activities) settle(ctx context.Context, in AwaitVersionInput, known speech.CustomModel) (speech.CustomModel, []lifecycle.Disposed, error) {
	s := a.versionShelf(in.VersionInput)
	items, err := s.look(ctx, false) // the wait has just looked
	if err != nil {
		return known, nil, err
	}
	f, err := pickFound(ctx, a, s, append(items, known), known.ID())
	if err != nil {
		return known, nil, err
	}
	twins, err := a.dropTwins(ctx, f.losers, f.item.ID())
	return f.item, twins, err
}

func (a *Activities) versionShelf(in VersionInput) shelf[speech.CustomModel] {
	marks := map[string]string{
		lifecycle.MarkOwner: a.owner, lifecycle.MarkModel: in.Model, lifecycle.MarkRun: in.Run,
		lifecycle.MarkStep: lifecycle.StepTrain, lifecycle.MarkInput: in.Input, lifecycle.MarkState: string(lifecycle.StateCandidate),
	}
	is := func(m speech.CustomModel) bool {
		p := m.CustomProperties
		return isOf(p, m.Locale, in.Scope, a.owner) && p[lifecycle.MarkState] != string(lifecycle.StateAbandoned) &&
			(m.DisplayName == in.DisplayName || lifecycle.SameRun(p[lifecycle.MarkRun], in.Run) && stepOf(p) == lifecycle.StepTrain)
	}
	return shelf[speech.CustomModel]{
		origin: speech.CustomModel.Origin,
		is:     is,
		get:    a.speech.GetModel,
		look: func(ctx context.Context, fresh bool) ([]speech.CustomModel, error) {
			l, err := a.lookAt(ctx, speech.KindModel, fresh)
			if err != nil {
				return nil, err
			}
			return keep(l.models, is), nil
		},
		put: func(ctx context.Context) (speech.CustomModel, error) {
			kind := speech.KindBaseModel
			if in.CustomBase {
				kind = speech.KindModel
			}
			datasets := make([]speech.Ref, 0, len(in.DatasetIDs))
			for _, id := range in.DatasetIDs {
				datasets = append(datasets, a.speech.Ref(speech.KindDataset, id))
			}
			m, _, err := a.speech.CreateModel(ctx, speech.NewModel{
				DisplayName: in.DisplayName, Description: in.Description, Locale: in.Locale,
				BaseModel: lifecycle.Ptr(a.speech.Ref(kind, in.BaseID)), Datasets: datasets,
				Project: a.projectRef(in.ProjectID), CustomProperties: marks,
			})
			return m, err
		},
	}
}

// dropTwins deletes the versions that lost, as far as they are terminal, and marks the others
// abandoned, for the sweep. One that has served, serves, or is about to, is neither: the next check tells of it. Each is
// read once more before, since its marks may have been changed.
func (a *Activities) dropTwins(ctx context.Context, losers []speech.CustomModel, winner string) ([]lifecycle.Disposed, error) {
	dropped := []lifecycle.Disposed{}
	if len(losers) == 0 {
		return dropped, nil
	}
	l, err := a.lookNow(ctx, speech.KindEndpoint)
	if err != nil {
		return nil, err
	}
	for _, listed := range losers {
		m, _, err := a.speech.GetModel(ctx, listed.ID())
		if speech.IsNotFound(err) || err == nil && l.inUse(m.ID()) {
			continue
		}
		if err != nil {
			return nil, err
		}
		run := m.CustomProperties[lifecycle.MarkRun]
		if !lifecycle.Ours(m.CustomProperties, a.owner) || run != listed.CustomProperties[lifecycle.MarkRun] {
			continue
		}
		switch lifecycle.State(m.CustomProperties[lifecycle.MarkState]) {
		case lifecycle.StateChampion, lifecycle.StateDeploying, lifecycle.StateRetired:
			continue
		}
		reason := "a twin of " + winner + " from the same run"
		if m.Status.Terminal() {
			_, err := a.speech.DeleteModel(ctx, m.ID())
			if err == nil {
				dropped = append(dropped, lifecycle.Disposed{Kind: lifecycle.ObjectModel, ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), Reason: reason})
				continue
			}
			if transient(err) {
				return nil, err
			}
		}
		if _, err := a.mark(ctx, m, map[string]string{lifecycle.MarkState: string(lifecycle.StateAbandoned)}); err != nil {
			return nil, err
		}
	}
	return dropped, nil
}

// AwaitVersion waits until a training has ended, fails unless it Succeeded, and then looks once more whether the run has
// started it twice: the version that it returns counts, which may be one that has not ended. The service gives up a
// training after a week.
func (a *Activities) AwaitVersion(ctx context.Context, in AwaitVersionInput) (VersionResult, error) {
	ctx, beat, err := a.beginWait(ctx, in.Scope)
	if err != nil {
		return VersionResult{}, err
	}
	about := trainingSubject(in.DisplayName)
	m, now, err := wait(ctx, a, beat, in.ID, a.speech.WaitModel)
	if err != nil {
		return VersionResult{}, a.waitFailure(err, about)
	}
	if m.Status != speech.StatusSucceeded {
		return VersionResult{}, a.entityFailure(about.class, about.object, m.Properties.Error, about.next)
	}
	m, twins, err := a.settle(ctx, in, m)
	if err != nil {
		return VersionResult{}, classify(err, about)
	}
	return VersionResult{
		Report: versionReport(m), BaseID: refID(m.BaseModel), Model: customModel(m), Hours: trainingHours(m), Twins: twins, ObservedAt: now,
	}, nil
}

func trainingSubject(name string) subject {
	return subject{
		class: lifecycle.TrainingFailed, object: fmt.Sprintf("version %q", name),
		next: "read what the service says about the training data and the base model, correct the request, then start the run again",
	}
}
