package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// FindData looks a data set of a request up and refuses what cannot be used, before anything is made:
// a dataset that is missing, ambiguous, of another locale or kind, or Failed (Datasets_Get, Datasets_List), and a link that
// does not answer while no dataset was made of it.
func (a *Activities) FindData(ctx context.Context, in DataInput) (DataFound, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return DataFound{}, err
	}
	if in.Data.Source() == lifecycle.SourceDataset {
		return a.findReferenced(ctx, in)
	}
	url, err := a.contentURL(in.Data, in.Path)
	if err != nil {
		return DataFound{}, err
	}
	g, err := a.identify(ctx, url, in.Data.Kind, in.Locale)
	if err != nil {
		return DataFound{}, err
	}
	if !g.seen {
		return a.findStandIn(ctx, in, g, url)
	}
	return contentFound(in.Data, g), nil
}

func (a *Activities) findReferenced(ctx context.Context, in DataInput) (DataFound, error) {
	d, err := a.referenced(ctx, in)
	if err != nil {
		return DataFound{}, err
	}
	label := fmt.Sprintf("dataset %q (%s)", speech.Clean(d.DisplayName), d.ID())
	if fault := lifecycle.RefuseDataset(lifecycle.DatasetSeen{Kind: lifecycle.DatasetKind(d.Kind), Locale: d.Locale}, in.Data.Kind, in.Locale); fault != "" {
		return DataFound{}, invalidData(in, label, label+" "+fault)
	}
	if d.Status == speech.StatusFailed {
		return DataFound{}, a.entityFailure(lifecycle.DatasetFailed, label, d.Properties.Error,
			"use another dataset, or give the data by contentUrl so that it is imported anew")
	}
	if err := a.useDataset(ctx, d); err != nil {
		return DataFound{}, classify(err, subject{class: lifecycle.InvalidRequest, object: label, next: "start the run again"})
	}
	return DataFound{
		ID: d.ID(), DisplayName: speech.Clean(d.DisplayName), Kind: lifecycle.DatasetKind(d.Kind),
		Content: lifecycle.ContentOf(d.ID(), d.CustomProperties), Marked: d.CustomProperties[lifecycle.MarkContent] != "",
	}, nil
}

// referenced reads the dataset that the request names by URL, ID or exact name.
func (a *Activities) referenced(ctx context.Context, in DataInput) (speech.Dataset, error) {
	ref := in.Data.Dataset
	label := fmt.Sprintf("dataset %q", ref)
	about := subject{class: lifecycle.InvalidRequest, object: label, next: "check the dataset in the request, then start the run again"}
	n, err := speech.ReadName(ref, speech.KindDataset)
	if err != nil {
		return speech.Dataset{}, invalidData(in, label, label+" "+err.Error())
	}
	found, _, err := lookUp(ctx, n, insistent(a, a.speech.GetDataset), a.speech.ListDatasets)
	switch {
	case err != nil:
		return speech.Dataset{}, classify(err, about)
	case len(found) == 0:
		return speech.Dataset{}, invalidData(in, label, label+" does not exist")
	case len(found) > 1:
		return speech.Dataset{}, invalidData(in, label, fmt.Sprintf("there are %d datasets named %q: name one by its ID", len(found), ref))
	}
	return found[0], nil
}

func invalidData(in DataInput, label, message string) error {
	return refuse(lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: &label,
		Next:     lifecycle.Ptr("correct " + in.Path + " of the request, then start the run again"),
		Problems: []lifecycle.Problem{{Path: in.Path, Message: message}},
	})
}

// EnsureDatasetInput is content that is to become a dataset.
type EnsureDatasetInput struct {
	DataInput
	Found     DataFound `json:"found"`
	ProjectID string    `json:"projectId,omitempty"`
}

// EnsuredDataset is the dataset of the content, and whether this call created it.
type EnsuredDataset struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
}

// EnsureDataset adopts the dataset that holds this content already, or creates it (Datasets_List,
// Datasets_Create). A Failed dataset is not adopted.
func (a *Activities) EnsureDataset(ctx context.Context, in EnsureDatasetInput) (EnsuredDataset, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EnsuredDataset{}, err
	}
	about := subject{
		class: lifecycle.DatasetFailed, object: fmt.Sprintf("dataset %q", in.Found.DisplayName),
		next: "correct " + in.Path + " of the request, then start the run again",
	}
	url, err := a.contentURL(in.Data, in.Path)
	if err != nil {
		return EnsuredDataset{}, err
	}
	source := dataset.URLSource(url, in.Found.Kind, in.Locale)
	s := shelf[speech.Dataset]{
		origin: speech.Dataset.Origin,
		look:   func(ctx context.Context, _ bool) ([]speech.Dataset, error) { return a.datasetsOf(ctx, in.Found) },
		put: func(ctx context.Context) (speech.Dataset, error) {
			d, _, err := a.speech.CreateDataset(ctx, speech.NewDataset{
				DisplayName: in.Found.DisplayName, Locale: in.Locale, Kind: speech.DatasetKind(in.Found.Kind), ContentURL: url,
				Project: a.projectRef(in.ProjectID),
				CustomProperties: map[string]string{
					lifecycle.MarkOwner: a.owner, lifecycle.MarkContent: in.Found.Content, lifecycle.MarkBy: lifecycle.ByRun,
					lifecycle.MarkSource: source,
				},
			})
			return d, err
		},
	}
	f, err := adoptOrCreate(ctx, s, laterAttempt(ctx, in.Scope), a.listLag)
	if err != nil {
		return EnsuredDataset{}, classify(err, about)
	}
	if err := a.useDataset(ctx, f.item); err != nil {
		return EnsuredDataset{}, classify(err, about)
	}
	if err := a.markSource(ctx, f.item, source); err != nil {
		return EnsuredDataset{}, classify(err, about)
	}
	return EnsuredDataset{ID: f.item.ID(), Created: f.created}, nil
}

// datasetsOf lists the datasets that hold a content of ours already. A Failed one holds nothing.
func (a *Activities) datasetsOf(ctx context.Context, content DataFound) ([]speech.Dataset, error) {
	list, _, err := a.speech.ListDatasets(ctx, speech.Filter{DisplayName: content.DisplayName})
	return keep(list, func(d speech.Dataset) bool {
		return lifecycle.Ours(d.CustomProperties, a.owner) && d.CustomProperties[lifecycle.MarkContent] == content.Content &&
			d.Status != speech.StatusFailed
	}), err
}

// DatasetReady is a dataset after its import.
type DatasetReady struct {
	DisplayName string                `json:"displayName"`
	Kind        lifecycle.DatasetKind `json:"kind"`
	// Accepted and Rejected are line counts; nil when the service gives none.
	Accepted   *int64    `json:"accepted"`
	Rejected   *int64    `json:"rejected"`
	ObservedAt time.Time `json:"observedAt"`
}

// AwaitDataset waits until the import of a dataset has ended, and fails unless it Succeeded.
func (a *Activities) AwaitDataset(ctx context.Context, in AwaitInput) (DatasetReady, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return DatasetReady{}, err
	}
	if in.Env != "" {
		a.conceal(in.Env)
	}
	about := subject{class: lifecycle.DatasetFailed, object: in.Label, next: "correct the data, then start the run again"}
	if _, err := a.wait(ctx, speech.KindDataset, in.ID); err != nil {
		return DatasetReady{}, a.waitFailure(err, about)
	}
	var d speech.Dataset
	var meta speech.Meta
	if err := a.existing(ctx, about, func() (err error) { d, meta, err = a.speech.GetDataset(ctx, in.ID); return err }); err != nil {
		return DatasetReady{}, err
	}
	if d.Status != speech.StatusSucceeded {
		if err := a.countTry(ctx, d, meta.ObservedAt); err != nil {
			return DatasetReady{}, classify(err, about)
		}
		return DatasetReady{}, a.entityFailure(lifecycle.DatasetFailed, in.Label, d.Properties.Error, about.next)
	}
	return DatasetReady{
		DisplayName: speech.Clean(d.DisplayName), Kind: lifecycle.DatasetKind(d.Kind),
		Accepted: count64(d.Properties.AcceptedLineCount), Rejected: count64(d.Properties.RejectedLineCount), ObservedAt: meta.ObservedAt,
	}, nil
}

// SettleDatasetInput is a dataset that this run has created.
type SettleDatasetInput struct {
	EnsureDatasetInput
	// CreatedAt is when the run heard of it, by Temporal's clock.
	CreatedAt time.Time `json:"createdAt"`
}

// SettleDataset lists the datasets of the content once more, when the lists must show what other runs created at the
// same moment, and returns the one that counts. The others are left alone: another run may be about to train on one.
// The sweep deletes them a day later.
func (a *Activities) SettleDataset(ctx context.Context, in SettleDatasetInput) (EnsuredDataset, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EnsuredDataset{}, err
	}
	// Usually the import has taken longer than that.
	if left := min(a.listLag-a.now().Sub(in.CreatedAt), a.listLag); left > 0 {
		if err := pause(ctx, left); err != nil {
			return EnsuredDataset{}, err
		}
	}
	about := subject{class: lifecycle.DatasetFailed, object: fmt.Sprintf("dataset %q", in.Found.DisplayName), next: "start the run again"}
	twins, err := a.datasetsOf(ctx, in.Found)
	if err != nil {
		return EnsuredDataset{}, classify(err, about)
	}
	winner, _, ok := lifecycle.PickTwin(twins, speech.Dataset.Origin)
	if !ok {
		return EnsuredDataset{ID: in.Found.ID}, nil
	}
	return EnsuredDataset{ID: winner.ID()}, nil
}

func count64(n *int) *int64 {
	if n == nil || *n < 0 {
		return nil
	}
	return lifecycle.Ptr(int64(*n))
}
