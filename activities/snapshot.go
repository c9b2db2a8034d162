package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/speech"
)

// SnapshotAge is how old a snapshot may be that checks share: 1,000 of them in a minute cost two.
const SnapshotAge = 60 * time.Second

// snapshot is the whole resource as it was listed once. Our marks cannot be filtered by, so models,
// evaluations, endpoints, datasets and base models are listed whole, and every check picks its own.
type snapshot struct {
	models      []speech.CustomModel
	bases       []speech.BaseModel
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

// snapshot returns what was listed no earlier than notBefore, listing it when there is none.
func (a *Activities) snapshot(ctx context.Context, notBefore time.Time) (*snapshot, error) {
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
	if s := a.snapshots.last; s != nil && !s.began.Before(notBefore) {
		return s, nil
	}
	s, err := a.list(ctx)
	if err != nil {
		return nil, err
	}
	a.snapshots.last = s
	return s, nil
}

// list reads the whole resource (Endpoints_List, Models_ListCustomModels, Evaluations_List, Datasets_List,
// Models_ListBaseModels).
func (a *Activities) list(ctx context.Context) (*snapshot, error) {
	s := &snapshot{began: time.Now()}
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
	if s.datasets, _, err = a.speech.ListDatasets(ctx, speech.Filter{}); err != nil {
		return nil, err
	}
	s.bases, _, err = a.speech.ListBaseModels(ctx, speech.Filter{})
	return s, err
}
