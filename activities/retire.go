package activities

import (
	"context"
	"fmt"
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
	// DatasetIDs are the datasets of the request, which stay.
	DatasetIDs []string `json:"datasetIds"`
}

// RetireResult is what was kept and deleted; a refused delete is among the kept.
type RetireResult struct {
	Kept    []lifecycle.Disposed `json:"kept"`
	Deleted []lifecycle.Disposed `json:"deleted"`
}

// RetireVersions deletes what lifecycle.Retain lets go: of each version first its evaluations, then the
// version, then those of its datasets of ours that nothing refers to any more.
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
	plan := lifecycle.Retain(world.own(in.Model, a.owner), in.Champion, in.Previous, in.Keep)
	result := RetireResult{Kept: plan.Keep, Deleted: []lifecycle.Disposed{}}
	for _, d := range plan.Delete {
		if err := a.retire(ctx, d, world, in, &result); err != nil {
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
	w.datasets, _, err = a.speech.ListDatasets(ctx, speech.Filter{Locale: s.Locale})
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

// own are the versions of the model that carry our marks.
func (w world) own(model, owner string) []lifecycle.OwnVersion {
	inUse := modelsInUse(w.endpoints)
	var own []lifecycle.OwnVersion
	for _, m := range w.models {
		if lifecycle.Ours(m.CustomProperties, owner) && m.CustomProperties[lifecycle.MarkModel] == model {
			own = append(own, lifecycle.OwnVersion{
				ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), CreatedAt: m.CreatedDateTime, Terminal: m.Status.Terminal(),
				State: lifecycle.State(m.CustomProperties[lifecycle.MarkState]), InUse: inUse[m.ID()],
			})
		}
	}
	return own
}

// retire deletes one version with what hangs on it.
func (a *Activities) retire(ctx context.Context, d lifecycle.Disposed, w world, in RetireInput, result *RetireResult) error {
	for _, e := range w.evaluations {
		if !lifecycle.Ours(e.CustomProperties, a.owner) || !e.Status.Terminal() || !(refersTo(e.Model1, d.ID) || refersTo(e.Model2, d.ID)) {
			continue
		}
		entry := lifecycle.Disposed{Kind: "evaluation", ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Reason: "it tested " + d.DisplayName}
		if err := a.deleted(entry, result, func() error { _, err := a.speech.DeleteEvaluation(ctx, e.ID()); return err }); err != nil {
			return err
		}
	}
	before := len(result.Deleted)
	if err := a.deleted(d, result, func() error { _, err := a.speech.DeleteModel(ctx, d.ID); return err }); err != nil {
		return err
	}
	if len(result.Deleted) == before {
		return nil
	}
	gone := map[string]bool{}
	for _, entry := range result.Deleted {
		gone[entry.ID] = true
	}
	for _, id := range w.spareDatasets(d.ID, gone, in.DatasetIDs, a.owner) {
		entry := lifecycle.Disposed{Kind: "dataset", ID: id.ID(), DisplayName: speech.Clean(id.DisplayName), Reason: "only " + d.DisplayName + " was trained on it"}
		if err := a.deleted(entry, result, func() error { _, err := a.speech.DeleteDataset(ctx, id.ID()); return err }); err != nil {
			return err
		}
	}
	return nil
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
	if err := do(); err == nil || transient(err) {
		return "", err
	} else {
		return fmt.Sprintf("the service refused to delete it: %v", err), nil
	}
}

// spareDatasets are the datasets of ours that the deleted version listed, and that no model and no
// evaluation that is left refers to, nor the request.
func (w world) spareDatasets(version string, gone map[string]bool, wanted []string, owner string) []speech.Dataset {
	listed, needed := map[string]bool{}, map[string]bool{}
	for _, id := range wanted {
		needed[id] = true
	}
	for _, m := range w.models {
		for _, ref := range m.Datasets {
			if m.ID() == version {
				listed[ref.ID()] = true
			} else if !gone[m.ID()] {
				needed[ref.ID()] = true
			}
		}
	}
	for _, e := range w.evaluations {
		if e.Dataset != nil && !gone[e.ID()] {
			needed[e.Dataset.ID()] = true
		}
	}
	return keep(w.datasets, func(d speech.Dataset) bool {
		return listed[d.ID()] && !needed[d.ID()] && !gone[d.ID()] && lifecycle.Ours(d.CustomProperties, owner) && d.Status.Terminal()
	})
}

func refersTo(ref *speech.Ref, id string) bool { return ref != nil && ref.ID() == id }
