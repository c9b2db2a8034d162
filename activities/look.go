package activities

import (
	"context"

	"speech-retrainer/internal/speech"
)

// look lists the resource afresh, evaluations of the model's locale alone: all is collected before anything is deleted,
// since listing while deleting skips entities (Models_ListCustomModels, Endpoints_List, Evaluations_List, Datasets_List).
func (a *Activities) look(ctx context.Context, s Scope) (*listing, error) {
	var l listing
	models, meta, err := a.speech.ListModels(ctx, speech.Filter{})
	if err != nil {
		return nil, err
	}
	l.models, l.observedAt = models, meta.ObservedAt
	if l.endpoints, _, err = a.speech.ListEndpoints(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	if l.evaluations, _, err = a.speech.ListEvaluations(ctx, speech.Filter{Locale: s.Locale}); err != nil {
		return nil, err
	}
	if l.datasets, _, err = a.speech.ListDatasets(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	return a.listed(l), nil
}

// lookAtModels lists the custom models of a locale afresh, and nothing else (Models_ListCustomModels).
func (a *Activities) lookAtModels(ctx context.Context, locale string) (*listing, error) {
	models, meta, err := a.speech.ListModels(ctx, speech.Filter{Locale: locale})
	if err != nil {
		return nil, err
	}
	return a.listed(listing{models: models, observedAt: meta.ObservedAt}), nil
}

// lookAtServing lists the custom models of a locale and all endpoints afresh (Models_ListCustomModels, Endpoints_List).
func (a *Activities) lookAtServing(ctx context.Context, locale string) (*listing, error) {
	models, meta, err := a.speech.ListModels(ctx, speech.Filter{Locale: locale})
	if err != nil {
		return nil, err
	}
	endpoints, _, err := a.speech.ListEndpoints(ctx, speech.Filter{})
	if err != nil {
		return nil, err
	}
	return a.listed(listing{models: models, endpoints: endpoints, observedAt: meta.ObservedAt}), nil
}

// lookAtEndpoints lists the endpoints afresh, and nothing else (Endpoints_List).
func (a *Activities) lookAtEndpoints(ctx context.Context) (*listing, error) {
	endpoints, meta, err := a.speech.ListEndpoints(ctx, speech.Filter{})
	if err != nil {
		return nil, err
	}
	return a.listed(listing{endpoints: endpoints, observedAt: meta.ObservedAt}), nil
}

// listed makes what was listed answer questions.
func (a *Activities) listed(l listing) *listing {
	l.of = whose{resource: a.speech.Resource(), owner: a.owner, home: a.home}
	l.indexVersions()
	l.indexEvaluations()
	l.indexUses()
	l.indexBases()
	return &l
}
