package activities

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// SnapshotAge is how old a snapshot may be that checks share: 1,000 of them in a minute cost two.
const SnapshotAge = 60 * time.Second

// snapshot is the whole resource as it was listed once. Our marks cannot be filtered by, so models, evaluations, endpoints
// and datasets are listed whole, and every check picks its own. It is shared, and never changed.
type snapshot struct {
	models []speech.CustomModel
	// bases are the base models of the locales that were asked about, by locale in lower case: the service has hundreds.
	bases       map[string][]speech.BaseModel
	evaluations []speech.Evaluation
	endpoints   []speech.Endpoint
	datasets    []speech.Dataset
	// meta is that of the first listing: its date is not later than anything that is shown.
	meta speech.Meta
	// began is when the listing began, by this process's clock.
	began time.Time
}

// snapshots lets the activities of one worker share what is listed: one lists, the others wait for it.
type snapshots struct {
	// turn holds one token: who has it may list, or look at what was listed.
	turn chan struct{}
	last *snapshot
}

func newSnapshots() *snapshots {
	s := &snapshots{turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// listingPulse is how often one that waits for another's listing says that it is alive. Each request of the
// listing has a time-out of its own, so a wait behind it is bounded.
const listingPulse = 10 * time.Second

// snapshot returns what was listed no earlier than notBefore, listing it when there is none, with the base models of a
// locale; with those of all our versions' when locale is "".
func (a *Activities) snapshot(ctx context.Context, notBefore time.Time, locale string) (*snapshot, error) {
	beat := time.NewTicker(listingPulse)
	defer beat.Stop()
	for waiting := true; waiting; {
		select {
		case <-a.snapshots.turn:
			waiting = false
		case <-beat.C:
			pulse(ctx)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { a.snapshots.turn <- struct{}{} }()
	// Others wait for it: it goes before what any of them asks for by itself.
	ctx = speech.WithPriority(ctx, speech.PriorityWatch)
	s := a.snapshots.last
	if s == nil || s.began.Before(notBefore) {
		var err error
		if s, err = a.list(ctx); err != nil {
			return nil, err
		}
		a.snapshots.last = s
	}
	wanted := []string{locale}
	if locale == "" {
		wanted = s.localesOf(a.owner)
	}
	for _, locale := range wanted {
		var err error
		if s, err = a.withBases(ctx, s, locale); err != nil {
			return nil, err
		}
		a.snapshots.last = s
	}
	return s, nil
}

// localesOf are the locales of an owner's versions.
func (s *snapshot) localesOf(owner string) []string {
	var locales []string
	for _, m := range s.models {
		if lifecycle.Ours(m.CustomProperties, owner) && !slices.ContainsFunc(locales, func(l string) bool { return lifecycle.SameLocale(l, m.Locale) }) {
			locales = append(locales, m.Locale)
		}
	}
	return locales
}

// withBases is the snapshot with the base models of a locale (Models_ListBaseModels): itself when it has them.
func (a *Activities) withBases(ctx context.Context, s *snapshot, locale string) (*snapshot, error) {
	if _, have := s.bases[strings.ToLower(locale)]; have {
		return s, nil
	}
	listed, _, err := a.speech.ListBaseModels(ctx, speech.Filter{Locale: locale})
	if err != nil {
		return nil, err
	}
	more := *s
	more.bases = maps.Clone(s.bases)
	more.bases[strings.ToLower(locale)] = listed
	return &more, nil
}

// list reads what is listed whole (Endpoints_List, Models_ListCustomModels, Evaluations_List, Datasets_List).
func (a *Activities) list(ctx context.Context) (*snapshot, error) {
	s := &snapshot{began: time.Now(), bases: map[string][]speech.BaseModel{}}
	var err error
	if s.endpoints, s.meta, err = a.speech.ListEndpoints(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	if s.models, _, err = a.speech.ListModels(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	if s.evaluations, _, err = a.speech.ListEvaluations(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	s.datasets, _, err = a.speech.ListDatasets(ctx, speech.Filter{})
	return s, err
}
