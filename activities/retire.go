package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// RetireInput says what serves now and how many earlier champions stay.
type RetireInput struct {
	Scope
	// Champion is empty after a run that promoted nothing.
	Champion string `json:"champion,omitempty"`
	Previous string `json:"previous,omitempty"`
	Keep     int    `json:"keep"`
}

// RetireResult is what was kept and deleted; a refused delete is among the kept.
type RetireResult struct {
	Kept    []lifecycle.Disposed `json:"kept"`
	Deleted []lifecycle.Disposed `json:"deleted"`
}

// RetireVersions deletes what lifecycle.Retain lets go: of each version first the evaluations that measured it, then the
// version. Its datasets are the sweep's.
func (a *Activities) RetireVersions(ctx context.Context, in RetireInput) (RetireResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return RetireResult{}, err
	}
	about := subject{class: lifecycle.DeployFailed, object: "earlier versions of " + in.Model, next: "the version serves; delete what is left in the portal, or let the next run do it"}
	world, err := a.look(ctx, in.Scope)
	if err != nil {
		return RetireResult{}, classify(err, about)
	}
	plan := lifecycle.Retain(world.own(in.Scope, a.owner, a.home), in.Champion, in.Previous, in.Keep, world.now)
	result := RetireResult{Kept: plan.Keep, Deleted: []lifecycle.Disposed{}}
	for _, d := range plan.Delete {
		if err := a.retire(ctx, d, world, &result); err != nil {
			return RetireResult{}, classify(err, about)
		}
	}
	return result, nil
}

// world is the resource as one look found it: collected before anything is deleted, since listing while
// deleting skips entities.
type world struct {
	models      []speech.CustomModel
	endpoints   []speech.Endpoint
	evaluations []speech.Evaluation
	datasets    []speech.Dataset
	// now is the service's.
	now time.Time
}

func (a *Activities) look(ctx context.Context, s Scope) (world, error) {
	var w world
	models, meta, err := a.speech.ListModels(ctx, speech.Filter{})
	if err != nil {
		return w, err
	}
	w.models, w.now = models, meta.ObservedAt
	if w.endpoints, _, err = a.speech.ListEndpoints(ctx, speech.Filter{}); err != nil {
		return w, err
	}
	if w.evaluations, _, err = a.speech.ListEvaluations(ctx, speech.Filter{Locale: s.Locale}); err != nil {
		return w, err
	}
	w.datasets, _, err = a.speech.ListDatasets(ctx, speech.Filter{})
	return w, err
}

// modelsInUse are the models that endpoints refer to.
func modelsInUse(endpoints []speech.Endpoint) map[string]bool {
	inUse := map[string]bool{}
	for _, e := range endpoints {
		if e.Model != nil {
			inUse[e.Model.ID()] = true
		}
	}
	return inUse
}

// isOf tells whether an object carries our owner and the model's name, and is of its locale: a version of another locale
// is another model's.
func isOf(marks map[string]string, locale string, s Scope, owner string) bool {
	return lifecycle.Ours(marks, owner) && marks[lifecycle.MarkModel] == s.Model && lifecycle.SameLocale(locale, s.Locale)
}

// ofModel are the versions of a model.
func (w world) ofModel(s Scope, owner string) []speech.CustomModel {
	return keep(w.models, func(m speech.CustomModel) bool { return isOf(m.CustomProperties, m.Locale, s, owner) })
}

// own are the versions of the model, as retention sees them.
func (w world) own(s Scope, owner, home string) []lifecycle.OwnVersion {
	inUse := modelsInUse(w.endpoints)
	var own []lifecycle.OwnVersion
	for _, m := range w.ofModel(s, owner) {
		own = append(own, lifecycle.OwnVersion{
			ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), CreatedAt: m.CreatedDateTime, Terminal: m.Status.Terminal(),
			State: lifecycle.State(m.CustomProperties[lifecycle.MarkState]), InUse: inUse[m.ID()], Foreign: foreign(m, home),
		})
	}
	return own
}

// foreign tells that no run of this home made a version, as far as its mark says.
func foreign(m speech.CustomModel, home string) bool {
	of, _ := lifecycle.SplitRun(m.CustomProperties[lifecycle.MarkRun])
	return of != home
}

// measured are the evaluations of ours that measured a version, and the comparisons of base models that its run made.
// One in which it was only the opponent belongs to the other version.
func (w world) measured(m speech.CustomModel, owner string) []speech.Evaluation {
	run := m.CustomProperties[lifecycle.MarkRun]
	return keep(w.evaluations, func(e speech.Evaluation) bool {
		p := e.CustomProperties
		return lifecycle.Ours(p, owner) && (refersTo(e.Model2, m.ID()) ||
			isBase(e.Model2) && lifecycle.SameRun(p[lifecycle.MarkRun], run) && p[lifecycle.MarkModel] == m.CustomProperties[lifecycle.MarkModel])
	})
}

func isBase(ref *speech.Ref) bool { return ref != nil && ref.Kind() == speech.KindBaseModel }

// retire deletes one version with what hangs on it. It is read once more before: what was made champion or is deployed
// since the list was made stays.
func (a *Activities) retire(ctx context.Context, d lifecycle.Disposed, w world, result *RetireResult) error {
	m, _, err := a.speech.GetModel(ctx, d.ID)
	if speech.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	switch lifecycle.State(m.CustomProperties[lifecycle.MarkState]) {
	case lifecycle.StateChampion, lifecycle.StateDeploying:
		d.Reason = "it was made champion a moment ago"
		result.Kept = append(result.Kept, d)
		return nil
	}
	if i := slices.IndexFunc(w.evaluations, func(e speech.Evaluation) bool {
		return !e.Status.Terminal() && (refersTo(e.Model1, d.ID) || refersTo(e.Model2, d.ID))
	}); i >= 0 {
		d.Reason = fmt.Sprintf("evaluation %s of it has not ended", speech.Clean(w.evaluations[i].DisplayName))
		result.Kept = append(result.Kept, d)
		return nil
	}
	for _, e := range w.measured(m, a.owner) {
		if !e.Status.Terminal() {
			continue
		}
		entry := lifecycle.Disposed{Kind: lifecycle.ObjectEvaluation, ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Reason: "it tested " + d.DisplayName}
		if err := a.deleted(entry, result, func() error { _, err := a.speech.DeleteEvaluation(ctx, e.ID()); return err }); err != nil {
			return err
		}
	}
	return a.deleted(d, result, func() error { _, err := a.speech.DeleteModel(ctx, d.ID); return err })
}

// deleted runs one delete and records it; a refusal is recorded as kept, only what may pass by itself is
// an error.
func (a *Activities) deleted(d lifecycle.Disposed, result *RetireResult, do func() error) error {
	refusal, err := deletion(do)
	switch {
	case err != nil:
		return err
	case refusal != "":
		d.Reason = refusal
		result.Kept = append(result.Kept, d)
	default:
		result.Deleted = append(result.Deleted, d)
	}
	return nil
}

// deletion runs one delete and tells a refusal, which is reported, from a failure that may pass by itself.
func deletion(do func() error) (refusal string, err error) {
	err = do()
	if err == nil || transient(err) {
		return "", err
	}
	refusal = fmt.Sprintf("the service refused to delete it: %v", err)
	var answer *speech.Error
	if errors.As(err, &answer) && Remedy(answer) != "" {
		refusal += "; " + Remedy(answer)
	}
	return refusal, nil
}

func refersTo(ref *speech.Ref, id string) bool { return ref != nil && ref.ID() == id }
