package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

// EnsureDatasetsInput is the content that is to become datasets.
type EnsureDatasetsInput struct {
	Scope
	ProjectID string   `json:"projectId,omitempty"`
	Wanted    []Wanted `json:"wanted"`
}

// Wanted is content that is to become a dataset. Path is where it stands in the request.
type Wanted struct {
	Path  string         `json:"path"`
	Data  lifecycle.Data `json:"data"`
	Found DataFound      `json:"found"`
}

// EnsuredDatasets are the datasets of the content, in its order.
type EnsuredDatasets struct {
	Datasets []EnsuredDataset `json:"datasets"`
}

// EnsuredDataset is the dataset of one content, and whether this run created it.
type EnsuredDataset struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
	// Ready is what is known of the dataset when it is imported already; nil when its import has to be waited for.
	Ready *DatasetReady `json:"ready,omitempty"`
}

// EnsureDatasets adopts the datasets that hold some content already, or creates them, side by side (Datasets_List,
// Datasets_Create). A Failed dataset is not adopted. What an attempt has created its heartbeat keeps; the next one finds
// it as after a lost answer.
func (a *Activities) EnsureDatasets(ctx context.Context, in EnsureDatasetsInput) (EnsuredDatasets, error) {
	ctx, made := keepingMade(ctx)
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EnsuredDatasets{}, err
	}
	again := laterAttempt(ctx, in.Scope)
	datasets, errs := make([]EnsuredDataset, len(in.Wanted)), make([]error, len(in.Wanted))
	var group sync.WaitGroup
	for i, wanted := range in.Wanted {
		group.Go(func() { datasets[i], errs[i] = a.ensureDataset(ctx, in, wanted, made, again) })
	}
	group.Wait()
	if err := firstOf(errs, func(held error) error { return givenBack(ctx, held, again || made.any()) }); err != nil {
		return EnsuredDatasets{}, err
	}
	return EnsuredDatasets{Datasets: datasets}, nil
}

// firstOf is what ends an attempt at several creates: a refusal before what may pass by itself. Only when nothing but the
// request limit was in the way it goes back.
func firstOf(errs []error, goBack func(held error) error) error {
	var passing, held error
	for _, err := range errs {
		var application *temporal.ApplicationError
		var waited *speech.HeldError
		switch {
		case err == nil:
		case errors.As(err, &application) && application.NonRetryable():
			return err
		case errors.As(err, &waited):
			held = err
		case passing == nil:
			passing = err
		}
	}
	if passing != nil || held == nil {
		return passing
	}
	return goBack(held)
}

// ensureDataset makes one of them; a *speech.HeldError is returned as it is.
func (a *Activities) ensureDataset(ctx context.Context, in EnsureDatasetsInput, w Wanted, made *made, again bool) (EnsuredDataset, error) {
	about := subject{
		class: lifecycle.DatasetFailed, object: fmt.Sprintf("dataset %q", w.Found.DisplayName),
		next: "correct " + w.Path + " of the request, then start the run again",
	}
	url, err := a.contentURL(w.Data, w.Path)
	if err != nil {
		return EnsuredDataset{}, err
	}
	source := dataset.URLSource(url, w.Found.Kind, in.Locale)
	s := shelf[speech.Dataset]{
		origin: speech.Dataset.Origin,
		look: func(ctx context.Context, fresh bool) ([]speech.Dataset, error) {
			return a.datasetsOf(ctx, w.Found, fresh)
		},
		shared: true,
		put: func(ctx context.Context) (speech.Dataset, error) {
			d, _, err := a.speech.CreateDataset(ctx, speech.NewDataset{
				DisplayName: w.Found.DisplayName, Locale: in.Locale, Kind: speech.DatasetKind(w.Found.Kind), ContentURL: url,
				Project: a.projectRef(in.ProjectID),
				CustomProperties: map[string]string{
					lifecycle.MarkOwner: a.owner, lifecycle.MarkContent: w.Found.Content, lifecycle.MarkBy: lifecycle.ByRun,
					lifecycle.MarkSource: source,
				},
			})
			if err == nil {
				made.add(ctx, d.ID())
			}
			return d, err
		},
	}
	f, err := lookOrPut(ctx, a, s, again)
	if _, held := errors.AsType[*speech.HeldError](err); held {
		return EnsuredDataset{}, err
	}
	if err != nil {
		return EnsuredDataset{}, classify(err, about)
	}
	if err := a.useDataset(ctx, f.item); err != nil {
		return EnsuredDataset{}, classify(err, about)
	}
	if err := a.markSource(ctx, f.item, source); err != nil {
		return EnsuredDataset{}, classify(err, about)
	}
	return EnsuredDataset{ID: f.item.ID(), Created: made.has(f.item.ID()), Ready: readyOf(f.item)}, nil
}

// AwaitDatasetsInput names the imports that are waited for.
type AwaitDatasetsInput struct {
	Scope
	Datasets []Importing `json:"datasets"`
}

// Importing is a dataset whose import goes on.
type Importing struct {
	ID string `json:"id"`
	// Label is what it is called in messages.
	Label string `json:"label"`
	// Env names the worker's variable with the URL that it was made from; empty when there is none.
	Env string `json:"env,omitempty"`
}

// DatasetsReady are the datasets after their imports, in the order in which they were named.
type DatasetsReady struct {
	Ready []DatasetReady `json:"ready"`
}

// AwaitDatasets waits until the imports of some datasets have ended, and fails as soon as one has not Succeeded.
func (a *Activities) AwaitDatasets(ctx context.Context, in AwaitDatasetsInput) (DatasetsReady, error) {
	ctx, beat, err := a.beginWait(ctx, in.Scope)
	if err != nil {
		return DatasetsReady{}, err
	}
	for _, d := range in.Datasets {
		if d.Env != "" {
			a.conceal(d.Env)
		}
	}
	ready := make([]DatasetReady, len(in.Datasets))
	var ended atomic.Int32
	err = attended(ctx, beat, func(ctx context.Context) error {
		group, ctx := errgroup.WithContext(ctx)
		for i, d := range in.Datasets {
			saw := func(p mirror.Progress) {
				status := string(p.Status)
				if len(in.Datasets) > 1 {
					status = fmt.Sprintf("%s is %s, %d of %d have ended", d.Label, p.Status, ended.Load(), len(in.Datasets))
				}
				beat.saw(ctx, status)
			}
			group.Go(func() (err error) {
				ready[i], err = a.imported(ctx, d, saw)
				ended.Add(1)
				return err
			})
		}
		return group.Wait()
	})
	if err != nil {
		return DatasetsReady{}, err
	}
	return DatasetsReady{Ready: ready}, nil
}

// imported waits for one of them.
func (a *Activities) imported(ctx context.Context, in Importing, saw func(mirror.Progress)) (DatasetReady, error) {
	about := subject{class: lifecycle.DatasetFailed, object: in.Label, next: "correct the data, then start the run again"}
	d, now, err := waitOn(ctx, a, in.ID, a.speech.WaitDataset, saw)
	if err != nil {
		return DatasetReady{}, a.waitFailure(err, about)
	}
	noticed(ctx, d.LastActionDateTime, now)
	if d.Status != speech.StatusSucceeded {
		if err := a.countTry(ctx, d, now); err != nil {
			return DatasetReady{}, classify(err, about)
		}
		return DatasetReady{}, a.entityFailure(lifecycle.DatasetFailed, in.Label, d.Properties.Error, about.next)
	}
	ready := readyOf(d)
	ready.ObservedAt = now
	return *ready, nil
}
