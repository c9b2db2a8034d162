package overview

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// found is a row, and the queue whose worker gave it; empty when none did.
type found struct {
	lifecycle.Row

	queue string
}

// question is what one worker is asked: what the service shows of some models, or without names of all.
type question struct {
	queue string
	names []string
}

// atService asks the workers what the service shows of the models. With an error the rows are those that were answered.
func (l *look) atService(ctx context.Context) ([]found, error) {
	if len(l.names) > 0 {
		return l.observe(ctx, l.questions(l.names))
	}
	var all []question
	for _, queue := range l.queues(ctx) {
		all = append(all, question{queue: queue, names: []string{}})
	}
	rows, err := l.observe(ctx, all)
	if rows = l.single(rows); err != nil {
		return rows, err
	}
	// What has no version yet is nothing that is marked: it is asked for by its name.
	var rest []string
	for _, name := range l.known() {
		queue := l.queueOf(name)
		if !slices.ContainsFunc(rows, func(r found) bool { return r.Name == name && r.queue == queue }) {
			rest = append(rest, name)
		}
	}
	more, err := l.observe(ctx, l.questions(rest))
	return l.single(append(rows, more...)), err
}

// queues are those that schedules and running retrains name, and the fallback: unless that is only the usual one, and nobody
// polls it.
func (l *look) queues(ctx context.Context) []string {
	used := map[string]bool{}
	for name := range l.scheduled {
		used[l.queueOf(name)] = true
	}
	for name := range l.running {
		used[l.queueOf(name)] = true
	}
	if !used[l.fallback] && (len(used) == 0 || l.fallback != workflows.DefaultTaskQueue || l.session.Polled(ctx, l.fallback)) {
		used[l.fallback] = true
	}
	return slices.Sorted(maps.Keys(used))
}

// queueOf is the queue on which a model is asked for.
func (l *look) queueOf(name string) string {
	return cmp.Or(l.scheduled[name].TaskQueue, l.running[name].queue, l.fallback)
}

// single drops what two queues of one resource give twice: the row of the model's own queue stays.
func (l *look) single(rows []found) []found {
	type place struct {
		lifecycle.RowKey
		resource string
	}
	own := map[place]string{}
	for _, r := range rows {
		at := place{r.Key(), r.Resource}
		if queue, seen := own[at]; !seen || queue != l.queueOf(r.Name) && r.queue == l.queueOf(r.Name) {
			own[at] = r.queue
		}
	}
	return slices.DeleteFunc(rows, func(r found) bool { return own[place{r.Key(), r.Resource}] != r.queue })
}

// questions are one or more for each queue, in the order of the names.
func (l *look) questions(names []string) []question {
	byQueue := map[string][]string{}
	var queues []string
	for _, name := range names {
		queue := l.queueOf(name)
		if _, seen := byQueue[queue]; !seen {
			queues = append(queues, queue)
		}
		byQueue[queue] = append(byQueue[queue], name)
	}
	var all []question
	for _, queue := range queues {
		for batch := range slices.Chunk(byQueue[queue], lifecycle.MostRows) {
			all = append(all, question{queue: queue, names: batch})
		}
	}
	return all
}

// observe asks questions side by side. With an error the rows are those that were answered.
func (l *look) observe(ctx context.Context, all []question) ([]found, error) {
	answers := make([][]lifecycle.Row, len(all))
	var group errgroup.Group
	group.SetLimit(follow.QuestionsAtOnce)
	for i, q := range all {
		group.Go(func() (err error) {
			asked := follow.Question{ID: "observe", TaskQueue: q.queue, About: "read what the service remembers"}
			answers[i], err = l.session.AskObserve(ctx, asked, workflows.ObserveInput{Names: q.names, Scheduled: named(q.names, l.scheduled)})
			return err
		})
	}
	err := group.Wait()
	var rows []found
	for i, seen := range answers {
		for _, row := range seen {
			rows = append(rows, found{Row: row, queue: all[i].queue})
		}
	}
	return sorted(rows), err
}

// named is what the schedules of models name, of all without names: the worker need not read them again. Nil when it has to,
// since one of them holds what no input may.
func named(names []string, scheduled map[string]fleet.Standing) []lifecycle.ScheduledEndpoint {
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(scheduled))
	}
	all := []lifecycle.ScheduledEndpoint{}
	for _, name := range names {
		if of, is := scheduled[name]; is {
			one, fit := of.Named()
			if !fit {
				return nil
			}
			all = append(all, one)
		}
	}
	return all
}

// sorted are rows in the order of their names and locales.
func sorted(rows []found) []found {
	slices.SortStableFunc(rows, func(a, b found) int {
		return a.Key().Compare(b.Key())
	})
	return rows
}
