package activities

import (
	"context"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// useDataset takes the mark of a dataset away that was found unused, if it is ours: it is used now.
func (a *Activities) useDataset(ctx context.Context, d speech.Dataset) error {
	if !lifecycle.HasSpareMark(d.CustomProperties) {
		return nil
	}
	return a.markSpare(ctx, d.ID(), lifecycle.NoMark)
}

// markSource writes on a dataset that was adopted by its content which URL it was made from, if it was made before there
// was such a mark.
func (a *Activities) markSource(ctx context.Context, d speech.Dataset, source string) error {
	if d.CustomProperties[lifecycle.MarkSource] == source {
		return nil
	}
	return a.markDataset(ctx, d.ID(), map[string]string{lifecycle.MarkSource: source})
}

// countTry writes on a Failed dataset of ours how often the import of its content has failed, so that the older ones can
// go.
func (a *Activities) countTry(ctx context.Context, d speech.Dataset, now time.Time) error {
	content := d.CustomProperties[lifecycle.MarkContent]
	if !lifecycle.Ours(d.CustomProperties, a.owner) || content == "" || d.CustomProperties[lifecycle.MarkTry] != "" {
		return nil
	}
	list, _, err := a.speech.Datasets(ctx, d.DisplayName)
	if err != nil {
		return err
	}
	others := keep(list, func(o speech.Dataset) bool { return o.ID() != d.ID() })
	tries, _ := lifecycle.CountTries(failedImports(others, a.owner, content))
	return a.markDataset(ctx, d.ID(), map[string]string{lifecycle.MarkTry: lifecycle.TryMark(tries+1, now)})
}

// markSpare writes the day on which a dataset was first found unused, or that it is used again. It is our own metadata:
// without room for it the dataset stays.
func (a *Activities) markSpare(ctx context.Context, id, value string) error {
	return a.markDataset(ctx, id, map[string]string{lifecycle.MarkSpare: value})
}

// markDataset changes marks of a dataset of ours by read-modify-write; one that is gone, or has no room for more, is left.
func (a *Activities) markDataset(ctx context.Context, id string, changes map[string]string) error {
	d, _, err := a.speech.GetDataset(ctx, id)
	if speech.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !lifecycle.Ours(d.CustomProperties, a.owner) {
		return nil
	}
	merged, _ := lifecycle.MergeMarks(d.CustomProperties, changes)
	if len(merged) > lifecycle.MaxMarks {
		return nil
	}
	_, _, err = a.speech.UpdateDataset(ctx, id, speech.DatasetUpdate{CustomProperties: merged})
	if speech.IsNotFound(err) {
		return nil
	}
	return err
}
