package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// tidyDatasets marks the datasets of our runs that nothing uses, and deletes those that nothing has used for a week.
func (a *Activities) tidyDatasets(ctx context.Context, in SweepInput, l *listing, result *SweepResult) error {
	hold, err := a.holdDatasets(ctx, in.Locale, l)
	if err != nil {
		return err
	}
	facts, err := a.datasetFacts(ctx, in, l, time.Now().Add(-liveFor), func(d lifecycle.DatasetFacts) bool { return d.ByRun })
	if err != nil {
		return err
	}
	isDelete := func(s lifecycle.DatasetStep) bool { return s.Do == lifecycle.DatasetDelete }
	steps := lifecycle.TidyDatasets(facts, hold, l.observedAt)
	if slices.ContainsFunc(steps, isDelete) {
		if l, err = a.lookNow(ctx, everything...); err != nil {
			return err
		}
		if hold, err = a.holdDatasets(ctx, in.Locale, l); err != nil {
			return err
		}
		if facts, err = a.datasetFacts(ctx, in, l, time.Now(), func(d lifecycle.DatasetFacts) bool { return d.ByRun }); err != nil {
			return err
		}
		steps = lifecycle.TidyDatasets(facts, hold, l.observedAt)
	}
	for _, step := range steps {
		switch step.Do {
		case lifecycle.DatasetMark:
			err = a.markSpare(ctx, step.ID, lifecycle.SpareMark(l.observedAt))
		case lifecycle.DatasetUnmark:
			err = a.markSpare(ctx, step.ID, lifecycle.NoMark)
		case lifecycle.DatasetDelete:
			err = a.deleteDataset(ctx, step, result, func(d speech.Dataset) bool {
				return d.CustomProperties[lifecycle.MarkBy] == lifecycle.ByRun && (d.Status == speech.StatusFailed || lifecycle.HasSpareMark(d.CustomProperties))
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteUnused deletes the datasets that a person named, as far as nothing uses them.
func (a *Activities) deleteUnused(ctx context.Context, in SweepInput, l *listing, result *SweepResult) error {
	hold, err := a.holdDatasets(ctx, in.Locale, l)
	if err != nil {
		return err
	}
	wanted := func(d lifecycle.DatasetFacts) bool { return slices.Contains(in.Unused, d.ID) }
	facts, err := a.datasetFacts(ctx, in, l, time.Now(), wanted)
	if err != nil {
		return err
	}
	for _, id := range in.Unused {
		i := slices.IndexFunc(facts, func(d lifecycle.DatasetFacts) bool { return d.ID == id })
		stays := lifecycle.Disposed{Kind: lifecycle.ObjectDataset, ID: id, DisplayName: id, Reason: "it is no dataset of this owner and locale"}
		if i >= 0 {
			stays.DisplayName, stays.Reason = facts[i].DisplayName, hold
			if facts[i].Use != "" {
				stays.Reason = facts[i].Use
			} else if !facts[i].Terminal {
				stays.Reason = "its import has not ended"
			}
		}
		if stays.Reason != "" {
			result.Refused = append(result.Refused, stays)
			continue
		}
		step := lifecycle.DatasetStep{ID: id, Do: lifecycle.DatasetDelete, Reason: "nothing refers to it, and a person asked for it"}
		if err := a.deleteDataset(ctx, step, result, func(speech.Dataset) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// deleteDataset reads a dataset once more, and deletes it if it is ours, terminal, and still as it may be deleted: a run
// that means to use it has taken its mark away.
func (a *Activities) deleteDataset(ctx context.Context, step lifecycle.DatasetStep, result *SweepResult, may func(speech.Dataset) bool) error {
	d, _, err := a.speech.GetDataset(ctx, step.ID)
	if speech.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !lifecycle.Ours(d.CustomProperties, a.owner) || !d.Status.Terminal() || !may(d) {
		return nil
	}
	entry := lifecycle.Disposed{Kind: lifecycle.ObjectDataset, ID: step.ID, DisplayName: speech.Clean(d.DisplayName), Reason: step.Reason}
	return a.drop(entry, result, func() error { _, err := a.speech.DeleteDataset(ctx, step.ID); return err })
}

// holdDatasets says why no dataset of the locale may be given up now; empty when nothing speaks against it.
func (a *Activities) holdDatasets(ctx context.Context, locale string, l *listing) (string, error) {
	undecided, err := a.undecided(ctx, l.foreignIn(locale))
	return lifecycle.HoldDatasets(undecided), err
}

// datasetFacts are the datasets of this owner and locale that want picks, each with what uses it. Temporal and the
// servers of data are asked only about those that no version and no evaluation refers to.
func (a *Activities) datasetFacts(ctx context.Context, in SweepInput, l *listing, notBefore time.Time,
	want func(lifecycle.DatasetFacts) bool,
) ([]lifecycle.DatasetFacts, error) {
	contents := map[string]string{}
	contentOf := func(r lifecycle.LiveRequest, data lifecycle.LiveData) (string, bool) {
		key := fmt.Sprintf("%s|%s|%+v|%s", data.Kind, data.ContentURL, data.ContentURLFrom, r.Locale)
		content, asked := contents[key]
		if !asked {
			content = a.liveContent(ctx, r, data)
			contents[key] = content
		}
		return content, content != ""
	}
	facts := keep(l.datasetsIn(in.Locale), want)
	for i := range facts {
		f := &facts[i]
		if f.Use != "" {
			continue
		}
		live, err := a.live(ctx, notBefore)
		if err != nil {
			return nil, err
		}
		if in.Request != nil {
			live = append(slices.Clone(live), a.sourced(*in.Request))
		}
		f.Use = lifecycle.Named(*f, live, meansDataset, contentOf)
	}
	return facts, nil
}

// meansDataset tells whether a request names a dataset: in doubt, as with a URL that cannot be read, it does.
func meansDataset(named string, d lifecycle.DatasetFacts) bool {
	n, err := speech.ReadName(named, speech.KindDataset)
	if err != nil {
		return strings.Contains(strings.ToLower(named), d.ID)
	}
	return n.ID == d.ID || n.Text == d.DisplayName
}

// liveContent is the present content mark of data; empty when its server, or the worker's environment, does not tell.
func (a *Activities) liveContent(ctx context.Context, r lifecycle.LiveRequest, data lifecycle.LiveData) string {
	url, err := a.contentURL(data.Data(), "")
	if err != nil || url == "" {
		return ""
	}
	g, err := a.identify(ctx, url, data.Kind, r.Locale)
	// A server that does not answer keeps this waiting: each is progress.
	speech.Alive(ctx)
	if err != nil || !g.seen {
		return ""
	}
	return g.content
}
