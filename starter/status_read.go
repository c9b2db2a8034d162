package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// namesAtOnce is how many models one question observes: its answer must stay well below the 2 MiB of a result.
const namesAtOnce = 100

// ongoing is a retrain that goes on; its stage and locale are empty when Temporal does not tell.
type ongoing struct{ runID, stage, locale string }

// runningRetrains are the retrains that go on, by model.
func runningRetrains(ctx context.Context, s follow.Session) (map[string]ongoing, error) {
	runs := map[string]ongoing{}
	var page []byte
	for {
		list, err := s.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: s.Namespace, PageSize: 1000, NextPageToken: page,
			Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", workflows.TypeRetrain),
		})
		if err != nil {
			return nil, s.Unreachable(err)
		}
		for _, e := range list.GetExecutions() {
			if name, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), workflows.RetrainID("")); is {
				shown := e.GetSearchAttributes().GetIndexedFields()
				runs[name] = ongoing{runID: e.GetExecution().GetRunId(), stage: fleet.MemoText(shown[workflows.AttributeStage.GetName()]), locale: fleet.MemoText(shown[workflows.AttributeLocale.GetName()])}
			}
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return runs, nil
		}
	}
}

// observeAll asks the workers what the service shows of the models, some at a time, each on its queue.
func observeAll(ctx context.Context, s follow.Session, names []string, known map[string]scheduled, fallback string) ([]lifecycle.Row, error) {
	byQueue := map[string][]string{}
	var queues []string
	for _, name := range names {
		queue := known[name].queue
		if _, seen := byQueue[queue]; !seen {
			queues = append(queues, queue)
		}
		byQueue[queue] = append(byQueue[queue], name)
	}
	if len(names) == 0 {
		queues, byQueue[fallback] = []string{fallback}, []string{}
	}
	var group errgroup.Group
	group.SetLimit(questionsAtOnce)
	var answers [][]lifecycle.Row
	var lock sync.Mutex
	for _, queue := range queues {
		batches := slices.Collect(slices.Chunk(byQueue[queue], namesAtOnce))
		if len(batches) == 0 {
			batches = [][]string{{}}
		}
		for _, batch := range batches {
			lock.Lock()
			at := len(answers)
			answers = append(answers, nil)
			lock.Unlock()
			group.Go(func() error {
				var seen workflows.Observed
				err := s.Ask(ctx, follow.Question{
					ID: "observe", TaskQueue: queue, Workflow: workflows.TypeObserve, Input: workflows.ObserveInput{Names: batch},
					About: "read what the service remembers",
				}, &seen)
				lock.Lock()
				answers[at] = seen.Rows
				lock.Unlock()
				return err
			})
		}
	}
	err := group.Wait()
	rows := slices.Concat(answers...)
	sortRows(rows)
	return rows, err
}

func sortRows(rows []lifecycle.Row) {
	slices.SortFunc(rows, func(a, b lifecycle.Row) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Locale, b.Locale))
	})
}

// oneLocale tells whether two locales can be one: one that is not known can be any.
func oneLocale(a, b string) bool { return a == "" || b == "" || lifecycle.SameLocale(a, b) }

// withScheduled gives each schedule a row of its locale. A model that has no version yet is read without a locale, or,
// when versions of the name in another locale are there, not at all.
func withScheduled(rows []lifecycle.Row, known map[string]scheduled) []lifecycle.Row {
	var more []lifecycle.Row
	for name, of := range known {
		first := slices.IndexFunc(rows, func(r lifecycle.Row) bool { return r.Name == name })
		if of.locale == "" || first < 0 {
			continue
		}
		own := slices.IndexFunc(rows, func(r lifecycle.Row) bool { return r.Name == name && oneLocale(r.Locale, of.locale) })
		if own >= 0 {
			rows[own].Locale = cmp.Or(rows[own].Locale, of.locale)
			continue
		}
		more = append(more, lifecycle.Row{Name: name, Locale: of.locale, Resource: rows[first].Resource, ObservedAt: rows[first].ObservedAt})
	}
	rows = append(rows, more...)
	sortRows(rows)
	return rows
}

// withUnread adds a row without observations for each model that was not read: those asked for, or when all were,
// those with a retrain that goes on.
func withUnread(rows []lifecycle.Row, names []string, running map[string]ongoing) []lifecycle.Row {
	if len(names) == 0 {
		names = slices.Collect(maps.Keys(running))
	}
	for _, name := range names {
		if !slices.ContainsFunc(rows, func(r lifecycle.Row) bool { return r.Name == name }) {
			rows = append(rows, lifecycle.Row{Name: name})
		}
	}
	sortRows(rows)
	return rows
}

// scheduled is what Temporal knows of a model's schedule.
type scheduled struct {
	queue string
	// locale is that of its request; empty when that is not known.
	locale string
	next   *time.Time
	paused bool
}

// readSchedules reads the schedules of models; one without a schedule is observed on the fallback queue.
func readSchedules(ctx context.Context, s follow.Session, names []string, fallback string) (map[string]scheduled, error) {
	all, err := describeSchedules(ctx, s, names)
	if err != nil {
		return nil, err
	}
	known := map[string]scheduled{}
	for _, name := range names {
		d, there := all[name]
		if !there {
			known[name] = scheduled{queue: fallback}
			continue
		}
		of := fleet.NewStanding(name, d)
		one := scheduled{queue: cmp.Or(of.TaskQueue, fallback), locale: of.Locale, paused: of.Paused}
		if next := d.Info.NextActionTimes; len(next) > 0 && !of.Paused {
			one.next = &next[0]
		}
		known[name] = one
	}
	return known, nil
}

// knownModels are the names of those that have a schedule. One that somebody made by hand for what can be no
// model's name is left out: asked for, it would spoil the answer for all others.
func knownModels(ctx context.Context, s follow.Session) ([]string, error) {
	names, err := scheduledModels(ctx, s)
	return slices.DeleteFunc(names, func(name string) bool { return refuseModel(name, "") != nil }), err
}
