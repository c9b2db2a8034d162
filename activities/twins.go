package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// dropSecondCopies deletes what was created twice by a lost answer and came into the lists only after its run had
// looked: evaluations of one test, and after a day projects that nothing refers to. Datasets go when nothing uses them.
func (a *Activities) dropSecondCopies(ctx context.Context, in SweepInput, l *listing, result *SweepResult) error {
	spare, waiting, err := a.secondCopies(ctx, in.Scope, l, a.lately())
	if err == nil && len(spare) > 0 {
		spare, waiting, err = a.secondCopiesNow(ctx, in.Scope, spare)
	}
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, d := range result.Deleted {
		gone[d.ID] = true
	}
	result.Waiting = append(result.Waiting, keep(waiting, func(d lifecycle.Disposed) bool { return d.Kind == lifecycle.ObjectEvaluation })...)
	for _, d := range spare {
		if gone[d.ID] {
			continue
		}
		err := a.drop(d, result, func() (err error) {
			switch d.Kind {
			case lifecycle.ObjectEvaluation:
				for _, e := range l.evaluations {
					if e.ID() == d.ID {
						err = a.deleteEvaluation(ctx, e)
					}
				}
			case lifecycle.ObjectProject:
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

// secondCopies are those that can be deleted, and those that have to become terminal first, as far as was listed.
func (a *Activities) secondCopies(ctx context.Context, in Scope, l *listing, notBefore time.Time) (spare, waiting []lifecycle.Disposed, err error) {
	evaluations, err := a.evaluationItems(ctx, in, l)
	if err != nil {
		return nil, nil, err
	}
	projects, err := a.projectItems(ctx, in, l, notBefore)
	if err != nil {
		return nil, nil, err
	}
	spare, waiting = lifecycle.FindTwins(append(evaluations, lifecycle.OldEnough(projects, l.observedAt)...))
	return spare, waiting, nil
}

// secondCopiesNow looks once more, afresh, at what was found: the copy that counts may be gone meanwhile.
func (a *Activities) secondCopiesNow(ctx context.Context, in Scope, found []lifecycle.Disposed) (spare, waiting []lifecycle.Disposed, err error) {
	began := time.Now()
	for _, d := range found {
		if d.Kind != lifecycle.ObjectEvaluation {
			continue
		}
		if _, _, err := a.speech.Evaluations(ctx, d.DisplayName); err != nil {
			return nil, nil, err
		}
	}
	l, err := a.lookNow(ctx, everything...)
	if err != nil {
		return nil, nil, err
	}
	return a.secondCopies(ctx, in, l, began)
}

// evaluationItems are the model's evaluations. Those of a run that goes on are its own affair, those of another home
// that home's.
func (a *Activities) evaluationItems(ctx context.Context, in Scope, l *listing) ([]lifecycle.Item, error) {
	var items []lifecycle.Item
	count, runs := map[string]int{}, map[string]string{}
	for _, e := range l.evaluationsOf(in) {
		p := e.CustomProperties
		if p[lifecycle.MarkRun] == "" {
			continue
		}
		i := item(lifecycle.ObjectEvaluation, e.Object, p[lifecycle.MarkRun]+"/"+p[lifecycle.MarkStep])
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
				return nil, a.noTemporal(err, "workflow "+id)
			}
			i.Used = i.Used || known.State == lifecycle.RunActive || known.State == lifecycle.RunForeign
		}
	}
	return items, nil
}

// projectItems are the projects of our own by name. One that holds anything is used.
func (a *Activities) projectItems(ctx context.Context, in Scope, l *listing, notBefore time.Time) ([]lifecycle.Item, error) {
	if !a.speech.HasProjects() {
		return nil, nil
	}
	used := l.projectsUsed()
	if len(used) == 0 {
		return nil, nil // a second project matters beside one that is used
	}
	projects, _, err := a.speech.Projects(ctx, notBefore)
	if err != nil {
		return nil, fmt.Errorf("look for projects that exist twice: %w", err)
	}
	var items []lifecycle.Item
	for _, p := range projects {
		if lifecycle.Ours(p.CustomProperties, a.owner) && lifecycle.SameLocale(p.Locale, in.Locale) {
			i := item(lifecycle.ObjectProject, p.Object, p.DisplayName)
			i.Used, i.Terminal = used[p.ID()], true
			items = append(items, i)
		}
	}
	return items, nil
}

func item(kind lifecycle.ObjectKind, o speech.Object, key string) lifecycle.Item {
	return lifecycle.Item{Kind: kind, Name: speech.Clean(o.DisplayName), Key: key, ID: o.ID(), CreatedAt: o.CreatedDateTime, Terminal: o.Status.Terminal()}
}
