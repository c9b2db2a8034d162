package activities

import (
	"context"
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// PromoteInput names the version that becomes champion.
type PromoteInput struct {
	Scope
	ID string `json:"id"`
	// Verdict is the value of sr.verdict; empty without tests.
	Verdict string `json:"verdict,omitempty"`
	// Former is what the other champions of the model become: retired, or rolledback.
	Former lifecycle.State `json:"former"`
	// FormerVerdict is written to sr.verdict of those; empty leaves it as it is.
	FormerVerdict string `json:"formerVerdict,omitempty"`
	// Adopt takes over a version that was made by hand: it gets our owner and the model's name.
	Adopt bool `json:"adopt,omitempty"`
}

// PromoteResult names the versions that were champion before, and marks that found no room.
type PromoteResult struct {
	Retired []lifecycle.Disposed `json:"retired"`
	Dropped []string             `json:"dropped,omitempty"`
}

// PromoteVersion marks a version champion, then every other champion of the model as former: a crash
// between the two leaves two, of which the newest counts.
func (a *Activities) PromoteVersion(ctx context.Context, in PromoteInput) (PromoteResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return PromoteResult{}, err
	}
	about := subject{class: lifecycle.DeployFailed, object: "version " + in.ID, next: "start the run again"}
	m, _, err := a.speech.GetModel(ctx, in.ID)
	if err != nil {
		return PromoteResult{}, waitFailure(err, about)
	}
	changes := map[string]string{lifecycle.MarkState: string(lifecycle.StateChampion)}
	if in.Verdict != "" {
		changes[lifecycle.MarkVerdict] = in.Verdict
	}
	result := PromoteResult{Retired: []lifecycle.Disposed{}}
	write := a.mark
	if in.Adopt && m.CustomProperties[lifecycle.MarkOwner] == "" {
		// Nobody's: the operator has asked for it by its ID.
		changes[lifecycle.MarkOwner], changes[lifecycle.MarkModel] = a.owner, in.Model
		write = a.setMarks
	}
	if result.Dropped, err = write(ctx, m, changes); err != nil {
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
		former := map[string]string{lifecycle.MarkState: string(in.Former)}
		if in.FormerVerdict != "" {
			former[lifecycle.MarkVerdict] = in.FormerVerdict
		}
		if _, err := a.mark(ctx, other, former); err != nil {
			return PromoteResult{}, classify(err, about)
		}
		result.Retired = append(result.Retired, lifecycle.Disposed{
			Kind: "model", ID: other.ID(), DisplayName: speech.Clean(other.DisplayName),
			Reason: fmt.Sprintf("champion before %s", speech.Clean(m.DisplayName)),
		})
	}
	return result, nil
}
