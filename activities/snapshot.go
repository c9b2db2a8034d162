package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/speech"
)

// SnapshotAge is how old a snapshot may be that checks share: 1,000 of them in a minute cost two.
const SnapshotAge = 60 * time.Second

// listingPulse is how often one that waits for another's listing says that it is alive. Each request of the
// listing has a time-out of its own, so a wait behind it is bounded.
const listingPulse = 10 * time.Second

// snapshot returns the whole resource as it was listed no earlier than notBefore, listing it when there is none, with the
// base models of a locale; with those of all our versions' when locale is "". Our marks cannot be filtered by, so models,
// evaluations, endpoints and datasets are listed whole, and every check picks its own.
func (a *Activities) snapshot(ctx context.Context, notBefore time.Time, locale string) (*listing, error) {
	pulse := time.NewTicker(listingPulse)
	defer pulse.Stop()
	for waiting := true; waiting; {
		select {
		case <-a.snapshots.turn:
			waiting = false
		case <-pulse.C:
			activity.RecordHeartbeat(ctx)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { a.snapshots.turn <- struct{}{} }()
	if a.snapshots.last == nil || a.snapshots.began.Before(notBefore) {
		began := time.Now()
		l, err := a.lookAtAll(ctx)
		if err != nil {
			return nil, err
		}
		a.snapshots.last, a.snapshots.began = l, began
	}
	wanted := []string{locale}
	if locale == "" {
		wanted = a.snapshots.last.locales()
	}
	for _, locale := range wanted {
		if a.snapshots.last.hasBases(locale) {
			continue
		}
		listed, _, err := a.speech.ListBaseModels(ctx, speech.Filter{Locale: locale})
		if err != nil {
			return nil, err
		}
		a.snapshots.last = a.snapshots.last.withBases(locale, listed)
	}
	return a.snapshots.last, nil
}

// lookAtAll lists what is listed whole (Endpoints_List, Models_ListCustomModels, Evaluations_List, Datasets_List).
func (a *Activities) lookAtAll(ctx context.Context) (*listing, error) {
	endpoints, meta, err := a.speech.ListEndpoints(ctx, speech.Filter{})
	if err != nil {
		return nil, err
	}
	l := listing{endpoints: endpoints, observedAt: meta.ObservedAt}
	if l.models, _, err = a.speech.ListModels(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	if l.evaluations, _, err = a.speech.ListEvaluations(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	if l.datasets, _, err = a.speech.ListDatasets(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	return a.listed(l), nil
}
