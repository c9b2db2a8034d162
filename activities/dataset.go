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
	return a.findData(ctx, in)
}

func (a *Activities) findData(ctx context.Context, in DataInput) (DataFound, error) {
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
	return a.heldAlready(ctx, in, contentFound(in.Data, g), url)
}

// heldAlready adds the dataset that holds a content, when it is imported and marked as it should be: there is nothing left
// to do with it.
func (a *Activities) heldAlready(ctx context.Context, in DataInput, content DataFound, url string) (DataFound, error) {
	have, err := a.datasetsOf(ctx, content, false)
	if err != nil {
		return DataFound{}, classify(err, subject{class: lifecycle.InvalidRequest, object: "data " + in.Data.Name, next: "start the run again"})
	}
	d, _, ok := lifecycle.PickTwin(have, speech.Dataset.Origin)
	if ok && !lifecycle.HasSpareMark(d.CustomProperties) && d.CustomProperties[lifecycle.MarkSource] == dataset.URLSource(url, in.Data.Kind, in.Locale) {
		if content.Ready = readyOf(d); content.Ready != nil {
			content.ID = d.ID()
		}
	}
	return content, nil
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
		ID: d.ID(), DisplayName: speech.Clean(d.DisplayName), Kind: lifecycle.DatasetKind(d.Kind), Ready: readyOf(d),
		Content: lifecycle.ContentOf(d.ID(), d.CustomProperties), Marked: d.CustomProperties[lifecycle.MarkContent] != "",
	}, nil
}

// readyOf is a dataset that is imported; nil when it is not.
func readyOf(d speech.Dataset) *DatasetReady {
	if d.Status != speech.StatusSucceeded {
		return nil
	}
	return &DatasetReady{
		DisplayName: speech.Clean(d.DisplayName), Kind: lifecycle.DatasetKind(d.Kind),
		Accepted: count64(d.Properties.AcceptedLineCount), Rejected: count64(d.Properties.RejectedLineCount),
	}
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
	l, err := a.lookOnly(ctx, speech.KindDataset)
	if err != nil {
		return speech.Dataset{}, classify(err, about)
	}
	found, err := lookUp(ctx, n, l.datasets, insistent(a, a.speech.GetDataset), a.speech.Datasets)
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

// datasetsOf are the datasets that hold a content of ours already, among those that were listed, or asked for by name.
func (a *Activities) datasetsOf(ctx context.Context, content DataFound, fresh bool) ([]speech.Dataset, error) {
	if fresh {
		found, _, err := a.speech.Datasets(ctx, content.DisplayName)
		return a.holding(found, content), err
	}
	l, err := a.lookOnly(ctx, speech.KindDataset)
	if err != nil {
		return nil, err
	}
	return a.holding(l.datasets, content), nil
}

// holding are the datasets among some that hold a content of ours. A Failed one holds nothing.
func (a *Activities) holding(datasets []speech.Dataset, content DataFound) []speech.Dataset {
	return keep(datasets, func(d speech.Dataset) bool {
		return d.DisplayName == content.DisplayName && lifecycle.Ours(d.CustomProperties, a.owner) &&
			d.CustomProperties[lifecycle.MarkContent] == content.Content && d.Status != speech.StatusFailed
	})
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

func count64(n *int) *int64 {
	if n == nil || *n < 0 {
		return nil
	}
	return lifecycle.Ptr(int64(*n))
}
