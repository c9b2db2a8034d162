package activities

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// looksAtOnce is how many servers of data are asked at a time. One that does not answer takes two probeTimeouts.
const looksAtOnce = 8

// DataObserved is the data of a request, in its order, and what it is on the service.
type DataObserved struct {
	Training []lifecycle.ObservedData `json:"training"`
	Tests    []lifecycle.ObservedData `json:"tests"`
}

// ObserveDataInput is a request and what an earlier look showed of its data.
type ObserveDataInput struct {
	Scope
	DataObserved

	Request lifecycle.Request `json:"request"`
}

// ObserveData looks once more at the data of a request whose servers did not tell their content. The other data stays as
// it was seen. It changes nothing.
func (a *Activities) ObserveData(ctx context.Context, in ObserveDataInput) (DataObserved, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return DataObserved{}, err
	}
	l, err := a.look(ctx, in.Locale)
	if err != nil {
		return DataObserved{}, classify(err, subject{class: lifecycle.InvalidRequest, object: "data of " + in.Model, next: "try again"})
	}
	return a.dataLook(l, l.versionsOf(in.Scope), in.Locale).again(ctx, in.Request, in.DataObserved, func(d lifecycle.ObservedData) bool { return d.Unknown != "" })
}

// dataLook is a look at data of one model.
type dataLook struct {
	*Activities

	seen *listing
	// versions are the model's, newest first.
	versions []lifecycle.Version
	locale   string
}

func (a *Activities) dataLook(seen *listing, versions []lifecycle.Version, locale string) dataLook {
	return dataLook{Activities: a, seen: seen, versions: versions, locale: locale}
}

// all finds out what all data of a request is.
func (l dataLook) all(ctx context.Context, request lifecycle.Request) (DataObserved, error) {
	unseen := DataObserved{Training: make([]lifecycle.ObservedData, len(request.Training)), Tests: make([]lifecycle.ObservedData, len(request.Tests))}
	return l.again(ctx, request, unseen, func(lifecycle.ObservedData) bool { return true })
}

// again finds out what the data of a request is that wanted picks; the rest stays as it was seen. Servers that do not
// answer are waited for side by side, and each that is done with is progress.
func (l dataLook) again(ctx context.Context, request lifecycle.Request, seen DataObserved, wanted func(lifecycle.ObservedData) bool) (DataObserved, error) {
	var looks errgroup.Group
	looks.SetLimit(looksAtOnce)
	look := func(d lifecycle.Data, path string, at *lifecycle.ObservedData) {
		if !wanted(*at) {
			return
		}
		looks.Go(func() error {
			observed, err := l.observe(ctx, d, path)
			observed.AudioHours = l.seen.audioOf(observed.DatasetID)
			*at = observed
			speech.Alive(ctx)
			return err
		})
	}
	out := DataObserved{Training: slices.Clone(seen.Training), Tests: slices.Clone(seen.Tests)}
	for i := range out.Training {
		look(request.Training[i], fmt.Sprintf("training[%d]", i), &out.Training[i])
	}
	for i := range out.Tests {
		look(request.Tests[i].Data, fmt.Sprintf("tests[%d]", i), &out.Tests[i])
	}
	return out, looks.Wait()
}

// observe finds out what a data set of a request is, without making it. The error is ctx's own.
func (l dataLook) observe(ctx context.Context, d lifecycle.Data, path string) (lifecycle.ObservedData, error) {
	out := lifecycle.ObservedData{Label: d.Label(), Kind: d.Kind}
	if d.Source() == lifecycle.SourceDataset {
		l.seen.reference(d, l.locale, &out)
		return out, nil
	}
	url, err := l.contentURL(d, path)
	if err != nil {
		out.Fault = FailureOf(err, "", Budget{}).Message
		return out, nil
	}
	g, err := l.identify(ctx, url, d.Kind, l.locale)
	if err != nil {
		return out, err
	}
	if !g.seen && l.observeStandIn(g, d, path, url, &out) {
		return out, nil
	}
	out.Content = g.content
	out.Tries, out.TriedAt = lifecycle.CountTries(failedImports(l.seen.datasets, l.owner, g.content))
	out.DatasetID = l.seen.datasetOf(d, g.content)
	return out, nil
}

// observeStandIn says what stands for data whose server does not tell its content; false when the content is that of the
// URL alone.
func (l dataLook) observeStandIn(g glance, d lifecycle.Data, path, url string, out *lifecycle.ObservedData) bool {
	held, ok := l.standIn(l.seen, l.versions, d, l.locale, g)
	if ok {
		out.DatasetID, out.DatasetName, out.Content = held.ID, held.DisplayName, cmp.Or(held.Content, lifecycle.ContentOf(held.ID, nil))
	}
	if g.answer == "" {
		out.Unseen = unseen
		return ok
	}
	out.Unknown = said(g, d, path, url)
	if !ok {
		out.Fault = lifecycle.NoDatasetFault(out.Unknown)
	}
	return true
}
