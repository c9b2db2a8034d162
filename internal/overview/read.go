package overview

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

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
				runs[name] = ongoing{
					runID: e.GetExecution().GetRunId(), stage: fleet.MemoText(shown[workflows.AttributeStage.GetName()]),
					locale: fleet.MemoText(shown[workflows.AttributeLocale.GetName()]),
				}
			}
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return runs, nil
		}
	}
}

// question is what one worker is asked: what the service shows of some models, or without names of all.
type question struct {
	queue string
	names []string
}

// questions are one or more for each queue, in the order of the names.
func questions(names []string, scheduled map[string]fleet.Standing, fallback string) []question {
	if len(names) == 0 {
		return []question{{queue: fallback, names: []string{}}}
	}
	byQueue := map[string][]string{}
	var queues []string
	for _, name := range names {
		queue := cmp.Or(scheduled[name].TaskQueue, fallback)
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

// observeAll asks the workers what the service shows of the models, each on its queue. With an error the rows are those
// that were answered.
func observeAll(ctx context.Context, s follow.Session, names []string, scheduled map[string]fleet.Standing, fallback string) ([]lifecycle.Row, error) {
	all := questions(names, scheduled, fallback)
	answers := make([][]lifecycle.Row, len(all))
	var group errgroup.Group
	group.SetLimit(follow.QuestionsAtOnce)
	for i, q := range all {
		group.Go(func() (err error) {
			asked := follow.Question{ID: "observe", TaskQueue: q.queue, About: "read what the service remembers"}
			answers[i], err = s.AskObserve(ctx, asked, workflows.ObserveInput{Names: q.names, Scheduled: named(q.names, scheduled)})
			return err
		})
	}
	err := group.Wait()
	var rows []lifecycle.Row
	for _, seen := range answers {
		rows = append(rows, seen...)
	}
	return sorted(rows), err
}

// named is what the schedules of models name: the worker need not read them again. Nil when it has to: without names, since
// it finds those itself, and when one of them holds what no input may.
func named(names []string, scheduled map[string]fleet.Standing) []lifecycle.ScheduledEndpoint {
	if len(names) == 0 {
		return nil
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
func sorted(rows []lifecycle.Row) []lifecycle.Row {
	slices.SortFunc(rows, func(a, b lifecycle.Row) int {
		return a.Key().Compare(b.Key())
	})
	return rows
}
