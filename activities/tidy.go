package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// liveFor is how long what schedules and running retrains name may be remembered, to mark a dataset as unused. Before
// one is deleted it is asked for anew.
const liveFor = 10 * time.Minute

// liveRequests lets the activities of one worker share what Temporal was asked.
type liveRequests struct {
	mu       sync.Mutex
	requests []lifecycle.LiveRequest
	asked    time.Time
}

// live are the requests of schedules and of runs that go on, asked for no earlier than notBefore.
func (a *Activities) live(ctx context.Context, notBefore time.Time) ([]lifecycle.LiveRequest, error) {
	a.liveRequests.mu.Lock()
	defer a.liveRequests.mu.Unlock()
	if !a.liveRequests.asked.IsZero() && !a.liveRequests.asked.Before(notBefore) {
		return a.liveRequests.requests, nil
	}
	began := time.Now()
	requests, err := a.runs.Live(ctx)
	if err != nil {
		return nil, a.noTemporal(err, "what schedules and runs name")
	}
	requests = slices.Clone(requests)
	for i := range requests {
		requests[i] = a.sourced(requests[i])
	}
	a.liveRequests.requests, a.liveRequests.asked = requests, began
	return requests, nil
}

// sourced is a request with the mark sr.source of each of its URLs, as far as this worker knows them.
func (a *Activities) sourced(r lifecycle.LiveRequest) lifecycle.LiveRequest {
	of := func(all []lifecycle.LiveData) []lifecycle.LiveData {
		all = slices.Clone(all)
		for i, d := range all {
			if url, err := a.contentURL(d.Data(), ""); err == nil && url != "" {
				all[i].Source = dataset.URLSource(url, d.Kind, r.Locale)
			}
		}
		return all
	}
	r.Training, r.Tests = of(r.Training), of(r.Tests)
	return r
}

// tidyDatasets marks the datasets of our runs that nothing uses, and deletes those that nothing has used for a week.
func (a *Activities) tidyDatasets(ctx context.Context, in SweepInput, w world, result *SweepResult) error {
	if text := lifecycle.QuotaNote("datasets", len(w.datasets), a.datasetQuota); text != "" {
		result.Notes = append(result.Notes, text)
	}
	hold, err := a.holdDatasets(ctx, in.Locale, w)
	if err != nil {
		return err
	}
	facts, err := a.datasetFacts(ctx, in, w, time.Now().Add(-liveFor), func(d lifecycle.DatasetFacts) bool { return d.ByRun })
	if err != nil {
		return err
	}
	isDelete := func(s lifecycle.DatasetStep) bool { return s.Do == lifecycle.DatasetDelete }
	steps := lifecycle.TidyDatasets(facts, hold, w.now)
	if slices.ContainsFunc(steps, isDelete) {
		if facts, err = a.datasetFacts(ctx, in, w, time.Now(), func(d lifecycle.DatasetFacts) bool { return d.ByRun }); err != nil {
			return err
		}
		steps = lifecycle.TidyDatasets(facts, hold, w.now)
	}
	for _, step := range steps {
		switch step.Do {
		case lifecycle.DatasetMark:
			err = a.markSpare(ctx, step.ID, lifecycle.SpareMark(w.now))
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
func (a *Activities) deleteUnused(ctx context.Context, in SweepInput, w world, result *SweepResult) error {
	hold, err := a.holdDatasets(ctx, in.Locale, w)
	if err != nil {
		return err
	}
	wanted := func(d lifecycle.DatasetFacts) bool { return slices.Contains(in.Unused, d.ID) }
	facts, err := a.datasetFacts(ctx, in, w, time.Now(), wanted)
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

// holdDatasets says why no dataset of the locale may be given up now; empty when nothing speaks against it.
func (a *Activities) holdDatasets(ctx context.Context, locale string, w world) (string, error) {
	marked, err := a.marked(ctx, keep(w.models, func(m speech.CustomModel) bool {
		of, _ := lifecycle.SplitRun(m.CustomProperties[lifecycle.MarkRun])
		return lifecycle.Ours(m.CustomProperties, a.owner) && lifecycle.SameLocale(m.Locale, locale) && of != a.home
	}), nil)
	return lifecycle.HoldDatasets(marked), err
}

// datasetFacts are the datasets of this owner and locale that want picks, each with what uses it. Temporal and the
// servers of data are asked only about those that no version and no evaluation refers to.
func (a *Activities) datasetFacts(ctx context.Context, in SweepInput, w world, notBefore time.Time, want func(lifecycle.DatasetFacts) bool) ([]lifecycle.DatasetFacts, error) {
	uses := w.datasetUses()
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
	var facts []lifecycle.DatasetFacts
	for _, d := range w.datasets {
		p := d.CustomProperties
		if !lifecycle.Ours(p, a.owner) || !lifecycle.SameLocale(d.Locale, in.Locale) {
			continue
		}
		f := lifecycle.DatasetFacts{
			ID: d.ID(), DisplayName: speech.Clean(d.DisplayName), Kind: lifecycle.DatasetKind(d.Kind), Content: p[lifecycle.MarkContent], Status: string(d.Status), Terminal: d.Status.Terminal(),
			CreatedAt: d.CreatedDateTime, ByRun: p[lifecycle.MarkBy] == lifecycle.ByRun, Spare: p[lifecycle.MarkSpare], Use: uses[d.ID()],
			Source: p[lifecycle.MarkSource],
		}
		if !want(f) {
			continue
		}
		if f.Use == "" {
			live, err := a.live(ctx, notBefore)
			if err != nil {
				return nil, err
			}
			if in.Request != nil {
				live = append(slices.Clone(live), a.sourced(*in.Request))
			}
			f.Use = lifecycle.Named(f, live, meansDataset, contentOf)
		}
		facts = append(facts, f)
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

// datasetUses says of each dataset what refers to it, whosever that is.
func (w world) datasetUses() map[string]string {
	uses := map[string]string{}
	for _, e := range w.evaluations {
		if id := refID(e.Dataset); id != "" {
			uses[id] = fmt.Sprintf("evaluation %s was made on it", speech.Clean(e.DisplayName))
		}
	}
	for _, m := range w.models {
		for _, ref := range m.Datasets {
			uses[ref.ID()] = fmt.Sprintf("version %s was trained on it", speech.Clean(m.DisplayName))
		}
	}
	return uses
}

// liveContent is the present content mark of data; empty when its server, or the worker's environment, does not tell.
func (a *Activities) liveContent(ctx context.Context, r lifecycle.LiveRequest, data lifecycle.LiveData) string {
	url, err := a.contentURL(data.Data(), "")
	if err != nil || url == "" {
		return ""
	}
	g, err := a.identify(ctx, url, data.Kind, r.Locale)
	// A server that does not answer keeps this waiting: each is progress.
	pulse(ctx)
	if err != nil || !g.seen {
		return ""
	}
	return g.content
}

// datasetLocales are the locales of the datasets, each once.
func (w world) datasetLocales() []string {
	locales := map[string]string{}
	for _, d := range w.datasets {
		locales[strings.ToLower(d.Locale)] = d.Locale
	}
	return slices.Sorted(maps.Values(locales))
}

// failedImports are the datasets of ours that were to hold a content, and whose import failed.
func failedImports(datasets []speech.Dataset, owner, content string) []lifecycle.FailedImport {
	var failed []lifecycle.FailedImport
	for _, d := range datasets {
		p := d.CustomProperties
		if lifecycle.Ours(p, owner) && p[lifecycle.MarkContent] == content && d.Status == speech.StatusFailed {
			failed = append(failed, lifecycle.FailedImport{Mark: p[lifecycle.MarkTry], EndedAt: d.LastActionDateTime})
		}
	}
	return failed
}
