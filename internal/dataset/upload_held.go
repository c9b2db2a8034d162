package dataset

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// uploadHeld is what the service holds of the content at one look: the dataset to use, and its twins.
type uploadHeld struct {
	best  speech.Dataset
	found bool
	twins []speech.Dataset
}

// look lists the datasets of the content, always fresh. known is one that may be missing from the list, or
// stand in it as it was.
//
// A dataset that has its data goes before one that waits for it, since unchanged data is not sent twice;
// among equals the rule of lifecycle.PickTwin decides. Failed ones do not count, abandoned ones are twins.
func (u *upload) look(ctx context.Context, known ...speech.Dataset) (uploadHeld, error) {
	list, err := persist(ctx, u.answers, func() ([]speech.Dataset, error) {
		list, _, err := u.client.ListDatasets(ctx, speech.Filter{DisplayName: u.result.DisplayName})
		return list, err
	})
	if err != nil {
		return uploadHeld{}, err
	}
	for _, k := range known {
		at := slices.IndexFunc(list, func(d speech.Dataset) bool { return d.ID() == k.ID() })
		switch {
		case at < 0:
			list = append(list, k)
		case importing(list[at].Status) == "":
			list[at].Status = k.Status
		}
	}
	return u.sort(list), nil
}

func (u *upload) sort(list []speech.Dataset) uploadHeld {
	var ours, holding, waiting []speech.Dataset
	for _, d := range list {
		marks := d.CustomProperties
		if !lifecycle.Ours(marks, u.request.Owner) || marks[lifecycle.MarkContent] != u.plan.content || d.Status == speech.StatusFailed {
			continue
		}
		ours = append(ours, d)
		switch {
		case marks[lifecycle.MarkState] == string(lifecycle.StateAbandoned):
		case importing(d.Status) != "":
			holding = append(holding, d)
		default:
			waiting = append(waiting, d)
		}
	}
	best, _, found := lifecycle.PickTwin(holding, speech.Dataset.Origin)
	if !found {
		best, _, found = lifecycle.PickTwin(waiting, speech.Dataset.Origin)
	}
	s := uploadHeld{best: best, found: found}
	for _, d := range ours {
		if d.ID() != best.ID() {
			s.twins = append(s.twins, d)
		}
	}
	return s
}

// ensure adopts the dataset of the content or creates one, as every create of this product does: look,
// create, look again. After a create without an answer it looks twice before it creates again.
func (u *upload) ensure(ctx context.Context) (speech.Dataset, error) {
	lost := false
	made, err := persist(ctx, u.answers, func() (speech.Dataset, error) {
		now, err := u.look(ctx)
		if err == nil && !now.found && lost {
			if err = waitLag(ctx, u.request.ListLag); err == nil {
				now, err = u.look(ctx)
			}
		}
		if err != nil || now.found {
			return now.best, err
		}
		d, err := u.create(ctx)
		var answer *speech.Error
		lost = lost || errors.As(err, &answer) && answer.Unanswered
		return d, err
	})
	if err != nil || u.fresh == "" {
		return made, err
	}
	now, err := u.look(ctx, made)
	if err != nil {
		return speech.Dataset{}, err
	}
	return now.best, nil
}

func (u *upload) create(ctx context.Context) (speech.Dataset, error) {
	body := speech.NewDataset{
		DisplayName: u.result.DisplayName, Locale: u.request.Locale, Kind: speech.DatasetKind(u.request.Kind),
		CustomProperties: map[string]string{lifecycle.MarkOwner: u.request.Owner, lifecycle.MarkContent: u.plan.content},
	}
	if u.request.ProjectID != "" {
		body.Project = lifecycle.Ptr(u.client.Ref(speech.KindProject, u.request.ProjectID))
	}
	d, _, err := u.client.CreateDataset(ctx, body)
	if err == nil {
		u.fresh = d.ID()
		// Answers to a create do not always tell what is (NOTES 2); this much is known.
		d.CustomProperties, d.Status = body.CustomProperties, speech.StatusNotStarted
	}
	return d, err
}

// settle looks once more when the data is with the service, says which dataset counts, and clears twins
// away. What fails here costs a spare copy of the data and nothing else, so it is only noted.
func (u *upload) settle(ctx context.Context, d speech.Dataset) error {
	now, err := u.look(ctx, d)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		u.note("twins of the dataset were not looked for: %v", err)
		return nil
	}
	if now.found && now.best.ID() != d.ID() && importing(now.best.Status) != "" {
		u.result.DatasetID, u.result.Reused = now.best.ID(), true
	}
	if len(now.twins) == 0 {
		return nil
	}
	used, err := u.listedByModels(ctx)
	if err != nil {
		u.note("twins of the dataset were left: %v", err)
		return nil
	}
	for _, twin := range now.twins {
		if twin.ID() != u.result.DatasetID && !used[twin.ID()] {
			u.clear(ctx, twin)
		}
	}
	return nil
}

// listedByModels tells which datasets a model was trained on: those stay.
func (u *upload) listedByModels(ctx context.Context) (map[string]bool, error) {
	models, err := persist(ctx, u.answers, func() ([]speech.CustomModel, error) {
		models, _, err := u.client.ListModels(ctx, speech.Filter{})
		return models, err
	})
	used := map[string]bool{}
	for _, m := range models {
		for _, ref := range m.Datasets {
			used[ref.ID()] = true
		}
	}
	return used, err
}

// clear deletes a twin, or marks it while it cannot be deleted.
func (u *upload) clear(ctx context.Context, twin speech.Dataset) {
	var err error
	switch {
	case twin.Status.Terminal():
		if _, err = u.client.DeleteDataset(ctx, twin.ID()); err == nil {
			u.note("dataset %s, a twin of the same content, was deleted", twin.ID())
		}
	case twin.CustomProperties[lifecycle.MarkState] != string(lifecycle.StateAbandoned):
		marks, _ := lifecycle.MergeMarks(twin.CustomProperties, map[string]string{lifecycle.MarkState: string(lifecycle.StateAbandoned)})
		if _, _, err = u.client.UpdateDataset(ctx, twin.ID(), speech.DatasetUpdate{CustomProperties: marks}); err == nil {
			u.note("dataset %s, a twin of the same content, is not finished and was marked abandoned", twin.ID())
		}
	}
	if err != nil {
		u.note("dataset %s, a twin of the same content, was left: %v", twin.ID(), err)
	}
}

func (u *upload) note(format string, args ...any) {
	u.result.Notes = append(u.result.Notes, fmt.Sprintf(format, args...))
}
