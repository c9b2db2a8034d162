package activities

import (
	"context"
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// dropSecondCopies deletes what was created twice by a lost answer and came into the lists only after its run had
// looked: evaluations of one test, and after a day datasets and projects that nothing refers to.
func (a *Activities) dropSecondCopies(ctx context.Context, in Scope, w world, result *SweepResult) error {
	evaluations, err := a.evaluationItems(ctx, in, w)
	if err != nil {
		return err
	}
	projects, err := a.projectItems(ctx, in, w)
	if err != nil {
		return err
	}
	items := append(evaluations, lifecycle.OldEnough(append(projects, w.datasetItems(a.owner)...), w.now)...)
	gone := map[string]bool{}
	for _, d := range result.Deleted {
		gone[d.ID] = true
	}
	spare, waiting := lifecycle.FindTwins(items)
	result.Waiting = append(result.Waiting, keep(waiting, func(d lifecycle.Disposed) bool { return d.Kind == string(speech.KindEvaluation) })...)
	for _, d := range spare {
		if gone[d.ID] {
			continue
		}
		err := a.drop(d, result, func() (err error) {
			switch speech.Kind(d.Kind) {
			case speech.KindEvaluation:
				_, err = a.speech.DeleteEvaluation(ctx, d.ID)
			case speech.KindDataset:
				_, err = a.speech.DeleteDataset(ctx, d.ID)
			case speech.KindProject:
				_, err = a.speech.DeleteProject(ctx, d.ID)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// evaluationItems are the model's evaluations. Those of a run that goes on are its own affair.
func (a *Activities) evaluationItems(ctx context.Context, in Scope, w world) ([]lifecycle.Item, error) {
	var items []lifecycle.Item
	count, runs := map[string]int{}, map[string]string{}
	for _, e := range w.evaluations {
		p := e.CustomProperties
		if !lifecycle.Ours(p, a.owner) || p[lifecycle.MarkModel] != in.Model || p[lifecycle.MarkRun] == "" {
			continue
		}
		i := item(speech.KindEvaluation, e.Object, p[lifecycle.MarkRun]+"/"+p[lifecycle.MarkStep])
		count[i.Key]++
		runs[i.Key] = p[lifecycle.MarkRun]
		items = append(items, i)
	}
	for n := range items {
		i := &items[n]
		if count[i.Key] < 2 {
			continue
		}
		for _, id := range []string{lifecycle.RetrainID(in.Model), lifecycle.EvaluateID(in.Model)} {
			known, err := a.runState(ctx, id, runs[i.Key])
			if err != nil {
				return nil, later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: lifecycle.Ptr("workflow " + id)}, 0, false)
			}
			i.Used = i.Used || known.State == lifecycle.RunActive
		}
	}
	return items, nil
}

// datasetItems are the datasets of an owner by content. A Failed one does not count.
func (w world) datasetItems(owner string) []lifecycle.Item {
	used := map[string]bool{}
	for _, m := range w.models {
		for _, ref := range m.Datasets {
			used[ref.ID()] = true
		}
	}
	for _, e := range w.evaluations {
		used[refID(e.Dataset)] = true
	}
	var items []lifecycle.Item
	for _, d := range w.datasets {
		content := d.CustomProperties[lifecycle.MarkContent]
		if !lifecycle.Ours(d.CustomProperties, owner) || content == "" || d.Status == speech.StatusFailed {
			continue
		}
		i := item(speech.KindDataset, d.Object, d.DisplayName+"/"+content)
		i.Used = used[d.ID()]
		items = append(items, i)
	}
	return items
}

// projectItems are the projects of our own by name. One that holds anything is used.
func (a *Activities) projectItems(ctx context.Context, in Scope, w world) ([]lifecycle.Item, error) {
	if !a.speech.HasProjects() {
		return nil, nil
	}
	projects, _, err := a.speech.ListProjects(ctx, speech.Filter{Locale: in.Locale})
	if err != nil {
		return nil, fmt.Errorf("look for projects that exist twice: %w", err)
	}
	used := map[string]bool{}
	for _, m := range w.models {
		used[refID(m.Project)] = true
	}
	for _, e := range w.evaluations {
		used[refID(e.Project)] = true
	}
	for _, e := range w.endpoints {
		used[refID(e.Project)] = true
	}
	for _, d := range w.datasets {
		used[refID(d.Project)] = true
	}
	var items []lifecycle.Item
	for _, p := range projects {
		if lifecycle.Ours(p.CustomProperties, a.owner) {
			i := item(speech.KindProject, p.Object, p.DisplayName)
			i.Used, i.Terminal = used[p.ID()], true
			items = append(items, i)
		}
	}
	return items, nil
}

func item(kind speech.Kind, o speech.Object, key string) lifecycle.Item {
	return lifecycle.Item{Kind: string(kind), Name: speech.Clean(o.DisplayName), Key: key, ID: o.ID(), CreatedAt: o.CreatedDateTime, Terminal: o.Status.Terminal()}
}
