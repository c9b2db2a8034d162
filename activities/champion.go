package activities

import (
	"context"
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ChampionResult is the champion before the run; nil on a first run.
type ChampionResult struct {
	Champion *lifecycle.ChampionReport `json:"champion"`
}

// FindChampion reads the champion of a model that has no endpoint: the newest Succeeded version of ours
// that is marked so (Models_ListCustomModels).
func (a *Activities) FindChampion(ctx context.Context, in Scope) (ChampionResult, error) {
	ctx, err := a.begin(ctx, in)
	if err != nil {
		return ChampionResult{}, err
	}
	models, _, err := a.ownVersions(ctx, in)
	if err != nil {
		return ChampionResult{}, classify(err, subject{class: lifecycle.InvalidRequest, object: "versions of " + in.Model, next: "start the run again"})
	}
	champion, ok := lifecycle.MarkedChampion(versions(models))
	if !ok {
		return ChampionResult{}, nil
	}
	return ChampionResult{Champion: &lifecycle.ChampionReport{ID: champion.ID, DisplayName: champion.DisplayName, ExpiresAt: champion.ExpiresAt}}, nil
}

// PromoteInput names the version that becomes champion.
type PromoteInput struct {
	Scope
	ID string `json:"id"`
}

// PromoteResult names the versions that were champion before, and marks that found no room.
type PromoteResult struct {
	Retired []lifecycle.Disposed `json:"retired"`
	Dropped []string             `json:"dropped,omitempty"`
}

// PromoteVersion marks a version champion, then every other champion of the model retired: a crash
// between the two leaves two, of which the newest counts.
func (a *Activities) PromoteVersion(ctx context.Context, in PromoteInput) (PromoteResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return PromoteResult{}, err
	}
	about := subject{class: lifecycle.TrainingFailed, object: "version " + in.ID, next: "start the run again"}
	m, _, err := a.speech.GetModel(ctx, in.ID)
	if err != nil {
		return PromoteResult{}, waitFailure(err, about)
	}
	result := PromoteResult{Retired: []lifecycle.Disposed{}}
	if result.Dropped, err = a.mark(ctx, m, map[string]string{lifecycle.MarkState: string(lifecycle.StateChampion)}); err != nil {
		return PromoteResult{}, classify(err, about)
	}
	models, _, err := a.ownVersions(ctx, in.Scope)
	if err != nil {
		return PromoteResult{}, classify(err, about)
	}
	for _, other := range models {
		if other.ID() == in.ID || other.CustomProperties[lifecycle.MarkState] != string(lifecycle.StateChampion) {
			continue
		}
		if _, err := a.mark(ctx, other, map[string]string{lifecycle.MarkState: string(lifecycle.StateRetired)}); err != nil {
			return PromoteResult{}, classify(err, about)
		}
		result.Retired = append(result.Retired, lifecycle.Disposed{
			Kind: "model", ID: other.ID(), DisplayName: speech.Clean(other.DisplayName),
			Reason: fmt.Sprintf("champion before %s", speech.Clean(m.DisplayName)),
		})
	}
	return result, nil
}

// ownVersions lists the versions of the model that carry our marks.
func (a *Activities) ownVersions(ctx context.Context, in Scope) ([]speech.CustomModel, speech.Meta, error) {
	list, meta, err := a.speech.ListModels(ctx, speech.Filter{Locale: in.Locale})
	return keep(list, func(m speech.CustomModel) bool {
		return lifecycle.Ours(m.CustomProperties, a.owner) && m.CustomProperties[lifecycle.MarkModel] == in.Model
	}), meta, err
}

func versions(models []speech.CustomModel) []lifecycle.Version {
	out := make([]lifecycle.Version, 0, len(models))
	for _, m := range models {
		r := versionReport(m)
		out = append(out, lifecycle.Version{
			ID: r.ID, DisplayName: r.DisplayName, Status: r.Status, State: r.State, CreatedAt: m.CreatedDateTime, ExpiresAt: r.ExpiresAt,
		})
	}
	return out
}
