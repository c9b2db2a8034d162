package activities

import (
	"context"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// heal puts the marks right that a run could no longer write. Before each it reads version and endpoint anew: what is
// not any more as it was listed is left to the next look.
func (a *Activities) heal(ctx context.Context, in SweepInput, l *listing, result *SweepResult) error {
	if in.Heal == nil {
		return nil
	}
	undecided, err := a.undecided(ctx, l.versionsOf(in.Scope))
	if err != nil {
		return err
	}
	served, _, known := l.served(*in.Heal, in.Locale)
	if !known {
		return nil
	}
	if len(lifecycle.Heal(undecided, served, in.Heal.Deploy, l.observedAt, a.now())) == 0 {
		return nil
	}
	if l, err = a.lookAfresh(ctx, in.Scope, speech.KindEndpoint, speech.KindModel); err != nil {
		return err
	}
	if undecided, err = a.undecided(ctx, l.versionsOf(in.Scope)); err != nil {
		return err
	}
	served, endpoint, known := l.served(*in.Heal, in.Locale)
	if !known {
		return nil
	}
	for _, mend := range lifecycle.Heal(undecided, served, in.Heal.Deploy, l.observedAt, a.now()) {
		m, _, err := a.speech.GetModel(ctx, mend.ID)
		if speech.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		listed := l.marksOf(mend.ID)
		if m.CustomProperties[lifecycle.MarkState] != listed[lifecycle.MarkState] || m.CustomProperties[lifecycle.MarkRun] != listed[lifecycle.MarkRun] {
			continue
		}
		if endpoint != "" {
			e, _, err := a.speech.GetEndpoint(ctx, endpoint)
			if err != nil && !speech.IsNotFound(err) {
				return err
			}
			if err != nil || refID(e.Model) != served.ModelID || string(e.Status) != served.Status {
				return nil
			}
		}
		changes := map[string]string{lifecycle.MarkState: string(mend.State)}
		if mend.State == lifecycle.StateChampion {
			record := lifecycle.ReadRecord(m.CustomProperties[lifecycle.MarkVerdict])
			record.Serves = l.observedAt
			changes[lifecycle.MarkVerdict] = record.String()
			if best := bestMark(m, nil, l.versionsOf(in.Scope)); best != "" {
				changes[lifecycle.MarkBest] = best
			}
		}
		if _, err := a.mark(ctx, m, changes); err != nil {
			return err
		}
		result.Healed = append(result.Healed, mend)
	}
	return nil
}
