package activities

import (
	"context"
	"fmt"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// findStandIn finds the dataset that stands for data whose server does not tell its content. With none, content without
// ETag and Last-Modified is that of its URL alone, and a link that does not answer is refused: nothing can be made of it.
func (a *Activities) findStandIn(ctx context.Context, in DataInput, g glance, address string) (DataFound, error) {
	label := "data " + in.Data.Name
	l, err := a.look(ctx, in.Locale)
	if err != nil {
		return DataFound{}, classify(err, subject{class: lifecycle.InvalidRequest, object: label, next: "start the run again"})
	}
	held, ok := a.standIn(l, l.versionsOf(in.Scope), in.Data, in.Locale, g)
	answer := said(g, in.Data, in.Path, address)
	if !ok {
		if g.answer != "" {
			return DataFound{}, noStandIn(in, lifecycle.NoDatasetFault(answer))
		}
		f := contentFound(in.Data, g)
		f.Note = label + ": " + unseen
		return f, nil
	}
	if i := slices.IndexFunc(l.datasets, func(d speech.Dataset) bool { return d.ID() == held.ID }); i >= 0 {
		if err := a.useDataset(ctx, l.datasets[i]); err != nil {
			return DataFound{}, classify(err, subject{class: lifecycle.InvalidRequest, object: label, next: "start the run again"})
		}
	}
	f := DataFound{ID: held.ID, DisplayName: held.DisplayName, Kind: held.Kind, Content: held.Content, Marked: true}
	if f.Content == "" {
		f.Content, f.Marked = lifecycle.ContentOf(held.ID, nil), false
	}
	f.Note = fmt.Sprintf("%s: %s: dataset %q is used", label, unseen, held.DisplayName)
	if g.answer != "" {
		f.Note, f.Unknown = label+": "+lifecycle.StandInNote(answer, held.DisplayName), answer
	}
	return f, nil
}

// unseen is what is said of data whose server sends no validator.
const unseen = "its server sends neither ETag nor Last-Modified, so a change of the content cannot be seen"

// noStandIn refuses data whose server does not answer, and of which there is no dataset.
func noStandIn(in DataInput, message string) error {
	path, mend := in.Path+".contentUrl", "correct the link"
	if from := in.Data.ContentURLFrom; from != nil {
		path, mend = in.Path+".contentUrlFrom.env", "give the worker's variable "+from.Env+" a link that is valid, restart the worker"
	}
	return refuse(lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("data " + in.Data.Name),
		Next:     lifecycle.Ptr("see that the link answers the worker (" + mend + "), then start the run again"),
		Problems: []lifecycle.Problem{{Path: path, Message: message}},
	})
}

// standIn asks the rule which dataset of ours stands for data whose server does not tell its content. Where the server
// answered, only what was made from the same URL may stand for it.
func (a *Activities) standIn(l *listing, versions []lifecycle.Version, d lifecycle.Data, locale string, g glance) (lifecycle.StandIn, bool) {
	q := lifecycle.StandInQuestion{Source: g.source, Name: d.Name, Kind: d.Kind, Locale: locale}
	if g.answer != "" {
		q.Versions = versions
	}
	return lifecycle.PickStandIn(l.standIns(), q)
}
