package activities

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// PromoteInput names the version that becomes champion.
type PromoteInput struct {
	Scope
	ID string `json:"id"`
	// Verdict is the value of sr.verdict; empty without tests.
	Verdict string `json:"verdict,omitempty"`
	// Own makes it a version of this run: sr.run becomes the run's.
	Own bool `json:"own,omitempty"`
	// Best are the rates that the run measured, of the version and of the champion before it; empty without tests.
	Best []lifecycle.BestRate `json:"best,omitempty"`
	// Former is what the other champions of the model become: retired, or rolledback.
	Former lifecycle.State `json:"former"`
	// Served is the version that served until now, when that was put into its place by hand; empty = only champions.
	Served string `json:"served,omitempty"`
	// Said is what a person said of those: it is written to the end of their sr.verdict; nil leaves it as it is.
	Said *Said `json:"said,omitempty"`
	// TakesOver is the model from which the endpoint was taken over: its champion becomes retired, too.
	TakesOver string `json:"takesOver,omitempty"`
	// Adopt takes over a version that was made by hand: it gets our owner and the model's name.
	Adopt bool `json:"adopt,omitempty"`
}

// Said is what a person said of a version, and why.
type Said struct {
	// What is yes, no or back.
	What   string `json:"what"`
	By     string `json:"by"`
	Reason string `json:"reason"`
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
	l, err := a.lookAfresh(ctx, in.Scope)
	if err != nil {
		return PromoteResult{}, classify(err, about)
	}
	i := slices.IndexFunc(l.modelsOf(in.Scope), func(m speech.CustomModel) bool { return m.ID() == in.ID })
	var m speech.CustomModel
	if i >= 0 {
		m = l.modelsOf(in.Scope)[i]
	} else if m, err = a.ownVersion(ctx, in.ID, about); err != nil {
		return PromoteResult{}, err
	}
	adopted := in.Adopt && m.CustomProperties[lifecycle.MarkOwner] == ""
	if !adopted && !isOf(m.CustomProperties, m.Locale, in.Scope, a.owner) {
		return PromoteResult{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Object: &about.object,
			Message: fmt.Sprintf("version %q (%s) is not one of the model %s (%s), and is left alone", speech.Clean(m.DisplayName), in.ID, in.Model, in.Locale),
			Next:    lifecycle.Ptr("check the version's ID, and RETRAINER_OWNER of the worker"),
		})
	}
	record := lifecycle.ReadRecord(cmp.Or(in.Verdict, m.CustomProperties[lifecycle.MarkVerdict]))
	if record.Serves.IsZero() || lifecycle.State(m.CustomProperties[lifecycle.MarkState]) != lifecycle.StateChampion {
		record.Serves = l.observedAt
	}
	record.Failures = 0
	changes := map[string]string{
		lifecycle.MarkState: string(lifecycle.StateChampion), lifecycle.MarkVerdict: dated(record, l.observedAt).String(),
	}
	if in.Own {
		changes[lifecycle.MarkRun] = in.Run
	}
	if best := bestMark(m, in.Best, l.versionsOf(in.Scope)); best != "" {
		changes[lifecycle.MarkBest] = best
	}
	result := PromoteResult{Retired: []lifecycle.Disposed{}}
	write := a.mark
	if adopted {
		// Nobody's: the operator has asked for it by its ID.
		changes[lifecycle.MarkOwner], changes[lifecycle.MarkModel] = a.owner, in.Model
		write = a.setMarks
	}
	if result.Dropped, err = write(ctx, m, changes); err != nil {
		return PromoteResult{}, classify(err, about)
	}
	for _, model := range []string{in.Model, in.TakesOver} {
		if model == "" {
			continue
		}
		scope := in.Scope
		if scope.Model = model; model != in.Model {
			if l, err = a.lookAfresh(ctx, scope); err != nil {
				return PromoteResult{}, classify(err, about)
			}
		}
		for _, other := range l.modelsOf(scope) {
			if other.ID() == in.ID || !servedUntilNow(other, in) {
				continue
			}
			d, err := a.demote(ctx, other, in)
			if err != nil {
				return PromoteResult{}, classify(err, about)
			}
			d.Reason = fmt.Sprintf("champion before %s", speech.Clean(m.DisplayName))
			result.Retired = append(result.Retired, d)
		}
	}
	return result, nil
}

// bestMark is sr.best of a version that becomes champion: what its run measured, and what the champions of the model have
// carried on.
func bestMark(m speech.CustomModel, measured []lifecycle.BestRate, versions []lifecycle.Version) string {
	own := lifecycle.ParseBest(m.CustomProperties[lifecycle.MarkBest])
	return lifecycle.FormatBest(lifecycle.MergeBest(measured, own, lifecycle.BestOfChampions(versions, "")))
}

// servedUntilNow tells a champion, and a version that served without being marked so.
func servedUntilNow(m speech.CustomModel, in PromoteInput) bool {
	switch lifecycle.State(m.CustomProperties[lifecycle.MarkState]) {
	case lifecycle.StateChampion:
		return true
	case lifecycle.StateCandidate, lifecycle.StateDeploying:
		return m.ID() == in.Served
	}
	return false
}

// demote marks a version that serves no longer.
func (a *Activities) demote(ctx context.Context, m speech.CustomModel, in PromoteInput) (lifecycle.Disposed, error) {
	changes := map[string]string{lifecycle.MarkState: string(in.Former)}
	if m.CustomProperties[lifecycle.MarkModel] != in.Model {
		changes[lifecycle.MarkState] = string(lifecycle.StateRetired)
	}
	if in.Said != nil {
		changes[lifecycle.MarkVerdict] = lifecycle.ReadRecord(m.CustomProperties[lifecycle.MarkVerdict]).Says(in.Said.What, in.Said.By, in.Said.Reason).String()
	}
	_, err := a.mark(ctx, m, changes)
	return lifecycle.Disposed{Kind: lifecycle.ObjectModel, ID: m.ID(), DisplayName: speech.Clean(m.DisplayName)}, err
}
