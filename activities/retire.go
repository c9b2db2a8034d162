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
	// Budget tells that a budget counts what was trained in this month, by its versions.
	Budget bool `json:"budget,omitempty"`
	// Request says how the dates are reckoned of what serves now; nil when nobody asks for them.
	Request *lifecycle.Request `json:"request,omitempty"`
}

// RetireResult is what was kept and deleted; a refused delete is among the kept.
type RetireResult struct {
	Kept    []lifecycle.Disposed `json:"kept"`
	Deleted []lifecycle.Disposed `json:"deleted"`
	// Dates are those of the champion.
	Dates lifecycle.Dates `json:"dates,omitzero"`
}

// RetireVersions deletes what lifecycle.Retain lets go: of each version first the evaluations that measured it, then the
// version. Its datasets are the sweep's.
func (a *Activities) RetireVersions(ctx context.Context, in RetireInput) (RetireResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return RetireResult{}, err
	}
	about := subject{
		class: lifecycle.DeployFailed, object: "earlier versions of " + in.Model,
		next: "the version serves; delete what is left in the portal, or let the next run do it",
	}
	l, err := a.lookOnly(ctx, speech.KindModel)
	if err != nil {
		return RetireResult{}, classify(err, about)
	}
	plan, err := a.retain(ctx, in, l, a.lately())
	if err != nil {
		return RetireResult{}, classify(err, about)
	}
	// Without the endpoints none keeps a version: then it is looked again.
	if len(plan.Delete) > 0 {
		began := time.Now()
		if l, err = a.lookAfresh(ctx, in.Scope, speech.KindEndpoint, speech.KindModel, speech.KindEvaluation); err != nil {
			return RetireResult{}, classify(err, about)
		}
		if plan, err = a.retain(ctx, in, l, began); err != nil {
			return RetireResult{}, classify(err, about)
		}
	}
	result := RetireResult{Kept: plan.Keep, Deleted: []lifecycle.Disposed{}}
	if in.Request != nil {
		result.Dates = lifecycle.Observed{Now: l.observedAt, Owner: a.owner, Versions: l.versionsOf(in.Scope)}.Dates(*in.Request)
	}
	for _, d := range plan.Delete {
		if err := a.retire(ctx, d, l, &result); err != nil {
			return RetireResult{}, classify(err, about)
		}
	}
	return result, nil
}

// retain asks the rule what becomes of the versions that were listed. What was tried stays as long as its base model can be
// trained from: those are looked at no earlier than notBefore.
func (a *Activities) retain(ctx context.Context, in RetireInput, l *listing, notBefore time.Time) (lifecycle.Retention, error) {
	q := lifecycle.RetainQuestion{Champion: in.Champion, Previous: in.Previous, Keep: in.Keep, Budget: in.Budget, Now: l.observedAt}
	versions := l.versionsOf(in.Scope)
	if slices.ContainsFunc(versions, lifecycle.Version.Tried) {
		withBases, err := a.addBases(ctx, l, notBefore, in.Locale)
		if err != nil {
			return lifecycle.Retention{}, err
		}
		q.Sources = withBases.sources(in.Locale)
	}
	return lifecycle.Retain(versions, q), nil
}

// retire deletes one version with what hangs on it. It is read once more before: what was made champion or is deployed
// since the list was made stays, and what somebody else has taken over.
func (a *Activities) retire(ctx context.Context, d lifecycle.Disposed, l *listing, result *RetireResult) error {
	m, _, err := a.speech.GetModel(ctx, d.ID)
	if speech.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !lifecycle.Ours(m.CustomProperties, a.owner) {
		return nil
	}
	switch lifecycle.State(m.CustomProperties[lifecycle.MarkState]) {
	case lifecycle.StateChampion, lifecycle.StateDeploying:
		d.Reason = "it was made champion a moment ago"
		result.Kept = append(result.Kept, d)
		return nil
	}
	if e, is := l.unended(d.ID); is {
		d.Reason = fmt.Sprintf("evaluation %s of it has not ended", speech.Clean(e.DisplayName))
		result.Kept = append(result.Kept, d)
		return nil
	}
	for _, e := range l.measured(m) {
		if !e.Status.Terminal() {
			continue
		}
		entry := lifecycle.Disposed{Kind: lifecycle.ObjectEvaluation, ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Reason: "it tested " + d.DisplayName}
		if err := a.deleted(entry, result, func() error { return a.deleteEvaluation(ctx, e) }); err != nil {
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

// deletion runs one delete and tells a refusal, which is reported, from a failure that may pass by itself, and from a delete
// that was not sent, as the worker stops.
func deletion(do func() error) (refusal string, err error) {
	err = do()
	var answer *speech.Error
	if !errors.As(err, &answer) || transient(err) || errors.Is(err, context.Canceled) {
		return "", err
	}
	refusal = fmt.Sprintf("the service refused to delete it: %v", err)
	if Remedy(answer) != "" {
		refusal += "; " + Remedy(answer)
	}
	return refusal, nil
}
