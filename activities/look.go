package activities

import (
	"context"
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// SnapshotAge is how old what is listed of the resource may be for those who only look: 1,000 checks in a minute cost
// what one does.
const SnapshotAge = 60 * time.Second

// lately is the earliest moment of a look that is young enough for those who only look.
func (a *Activities) lately() time.Time { return time.Now().Add(-a.snapshotAge) }

// look is the resource as it was seen lately, with the base models of some locales. Our marks cannot be filtered by, so
// models, evaluations, endpoints and datasets are listed whole, and everybody picks what is his. What carries no date, as
// marks do, may be older (mirror.View).
func (a *Activities) look(ctx context.Context, locales ...string) (*listing, error) {
	l, err := a.lookOnly(ctx, everything...)
	if err != nil {
		return nil, err
	}
	return a.addBases(ctx, l, a.lately(), locales...)
}

// lookOnly is look at some kinds: whoever needs no others leaves their requests out. Questions about the others are
// mistakes, which panic (listing.need).
func (a *Activities) lookOnly(ctx context.Context, kinds ...speech.Kind) (*listing, error) {
	v, err := a.speech.View(ctx, a.lately(), kinds...)
	if err != nil {
		return nil, err
	}
	return a.indexed.of(a, v, kinds), nil
}

// everything are the kinds that are listed.
var everything = []speech.Kind{speech.KindEndpoint, speech.KindModel, speech.KindEvaluation, speech.KindDataset}

// lookNow is look with what some kinds show now.
func (a *Activities) lookNow(ctx context.Context, kinds ...speech.Kind) (*listing, error) {
	if err := a.speech.Look(ctx, time.Now(), kinds...); err != nil {
		return nil, err
	}
	return a.look(ctx)
}

// lookAt is a look at one kind, or at what it shows now.
func (a *Activities) lookAt(ctx context.Context, kind speech.Kind, fresh bool) (*listing, error) {
	if fresh {
		if err := a.speech.Look(ctx, time.Now(), kind); err != nil {
			return nil, err
		}
	}
	return a.lookOnly(ctx, kind)
}

// addBases is a listing with the base models of some locales.
func (a *Activities) addBases(ctx context.Context, l *listing, notBefore time.Time, locales ...string) (*listing, error) {
	for _, locale := range locales {
		bases, err := a.speech.Bases(ctx, locale, notBefore)
		if err != nil {
			return nil, err
		}
		l = l.withBases(locale, bases.Values)
	}
	return l, nil
}

// lookAfresh is lookNow with the versions of a model as they are now, marks included: before what serves is changed, or
// marks on the strength of what else is there.
func (a *Activities) lookAfresh(ctx context.Context, s Scope, kinds ...speech.Kind) (*listing, error) {
	if _, err := a.versionsAfresh(ctx, s); err != nil {
		return nil, err
	}
	return a.lookNow(ctx, kinds...)
}

// versionsAfresh are the versions of a model as they are now, marks included: before marks are changed.
func (a *Activities) versionsAfresh(ctx context.Context, s Scope) (*listing, error) {
	l, err := a.lookOnly(ctx, speech.KindModel)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range l.modelsOf(s) {
		names = append(names, m.DisplayName)
	}
	for some := range slices.Chunk(names, namesAsked) {
		if _, _, err := a.speech.Models(ctx, some...); err != nil {
			return nil, err
		}
	}
	return a.lookOnly(ctx, speech.KindModel)
}

// namesAsked is how many names are asked for at once: they have to fit into a URL.
const namesAsked = 20

// freshVersion reads a version whose marks are about to be changed: with others by its name, where it is known, else by
// its ID.
func (a *Activities) freshVersion(ctx context.Context, id string) (speech.CustomModel, error) {
	l, err := a.lookOnly(ctx, speech.KindModel)
	if err != nil {
		return speech.CustomModel{}, err
	}
	if known, ok := l.model(id); ok {
		found, _, err := a.speech.Models(ctx, known.DisplayName)
		if err != nil {
			return speech.CustomModel{}, err
		}
		for _, m := range found {
			if m.ID() == speech.CanonicalID(id) {
				return m, nil
			}
		}
	}
	m, _, err := a.speech.GetModel(ctx, id)
	return m, err
}

// bases are the base models of a locale as the rules see them, and the service's now (Models_ListBaseModels).
func (a *Activities) bases(ctx context.Context, locale string, notBefore time.Time) ([]lifecycle.Model, time.Time, error) {
	list, err := a.speech.Bases(ctx, locale, notBefore)
	return baseModels(list.Values), list.ObservedAt, err
}

// listed makes what was listed answer questions.
func (a *Activities) listed(l listing) *listing {
	l.of = whose{resource: a.speech.Resource(), owner: a.owner, home: a.home}
	l.indexVersions()
	l.indexEvaluations()
	l.indexUses()
	l.indexEndpoints()
	return &l
}
