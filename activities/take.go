package activities

import (
	"context"
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// TakeInput is what decides whether a run trains, or takes a version of the same input that is there.
type TakeInput struct {
	// Cause is why the run began; empty when a person started it.
	Cause string `json:"cause,omitempty"`
	Force bool   `json:"force,omitempty"`
	// Lead is how long before its expiry a version is due again.
	Lead lifecycle.Duration `json:"lead"`
	// Champion is the ID of what serves, and ChampionExpires its expiry; empty and nil without.
	Champion        string     `json:"champion,omitempty"`
	ChampionExpires *time.Time `json:"championExpires,omitempty"`
}

// Taken is a version that was there and is taken instead of a training.
type Taken struct {
	// Why says how it came about.
	Why string `json:"why"`
	// Version is what its marks tell of it.
	Version lifecycle.Version `json:"version"`
}

// taken finds the version that a run takes instead of training the same input again; nil when it has to train. What was
// listed says which could be; their marks are read anew, since others may have decided on them meanwhile.
func (a *Activities) taken(ctx context.Context, in VersionInput) (*speech.CustomModel, *Taken, error) {
	if in.Take == nil {
		return nil, nil, nil
	}
	l, err := a.lookAt(ctx, speech.KindModel, false)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	// Only a champion that no endpoint refers to is taken: for it alone the endpoints are looked at.
	kinds := []speech.Kind{speech.KindModel}
	for _, m := range l.modelsOf(in.Scope) {
		if m.CustomProperties[lifecycle.MarkInput] == in.Input && m.ID() != in.Take.Champion && !slices.Contains(names, m.DisplayName) {
			names = append(names, m.DisplayName)
			if lifecycle.State(m.CustomProperties[lifecycle.MarkState]) == lifecycle.StateChampion && len(kinds) == 1 {
				kinds = append(kinds, speech.KindEndpoint)
			}
		}
	}
	if len(names) == 0 {
		return nil, nil, nil
	}
	for some := range slices.Chunk(names, namesAsked) {
		if _, _, err := a.speech.Models(ctx, some...); err != nil {
			return nil, nil, err
		}
	}
	if l, err = a.lookOnly(ctx, kinds...); err != nil {
		return nil, nil, err
	}
	versions := l.versionsOf(in.Scope)
	undecided, err := a.undecided(ctx, versions)
	if err != nil {
		return nil, nil, err
	}
	known(versions, undecided)
	q := lifecycle.TakeQuestion{
		Input: in.Input, Champion: in.Take.Champion, ChampionExpires: in.Take.ChampionExpires, Cause: in.Take.Cause, Lead: in.Take.Lead,
		Force: in.Take.Force, Endpoints: len(kinds) > 1, Now: l.observedAt, ChampionInput: l.marksOf(in.Take.Champion)[lifecycle.MarkInput],
	}
	v, why := lifecycle.Take(versions, q)
	if v == nil {
		return nil, nil, nil
	}
	m, _ := l.model(v.ID)
	return &m, &Taken{Why: why, Version: *v}, nil
}

// known adds to versions what Temporal says of the runs of some of them.
func known(versions, undecided []lifecycle.Version) {
	for _, u := range undecided {
		for i := range versions {
			if versions[i].ID == u.ID {
				versions[i].Known = u.Known
			}
		}
	}
}

// trainingHours is how long a version that has ended trained, in hours to three digits: what its mark says, else what its
// dates do (lastActionDateTime may move later).
func trainingHours(m speech.CustomModel) float64 {
	if h := lifecycle.ReadRecord(m.CustomProperties[lifecycle.MarkVerdict]).Hours; h > 0 {
		return h
	}
	if !m.Status.Terminal() || m.LastActionDateTime.Before(m.CreatedDateTime) {
		return 0
	}
	return m.LastActionDateTime.Sub(m.CreatedDateTime).Round(time.Hour / 1000).Hours()
}
