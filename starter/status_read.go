package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// namesAtOnce is how many models one question observes: its answer must stay well below the 2 MiB of a result.
const namesAtOnce = 100

// stageAttribute is the search attribute with the stage of a retrain, where the server knows it.
const stageAttribute = "SpeechStage"

// ongoing is a retrain that goes on; its stage is empty when Temporal does not tell.
type ongoing struct{ runID, stage string }

// running are the retrains that go on, by model.
func (s server) running(ctx context.Context) (map[string]ongoing, error) {
	runs := map[string]ongoing{}
	var page []byte
	for {
		list, err := s.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: s.namespace, PageSize: 1000, NextPageToken: page,
			Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", workflows.TypeRetrain),
		})
		if err != nil {
			return nil, s.unreachable(err)
		}
		for _, e := range list.GetExecutions() {
			if name, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), workflows.RetrainID("")); is {
				stage := memoText(e.GetSearchAttributes().GetIndexedFields()[stageAttribute])
				runs[name] = ongoing{runID: e.GetExecution().GetRunId(), stage: stage}
			}
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return runs, nil
		}
	}
}

// observeAll asks the workers what the service shows of the models, some at a time, each on its queue.
func (s server) observeAll(ctx context.Context, names []string, known map[string]scheduled, fallback string) ([]lifecycle.Row, error) {
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
				err := s.question(ctx, "observe", queue, workflows.TypeObserve, "read what the service remembers", workflows.ObserveInput{Names: batch}, &seen)
				lock.Lock()
				answers[at] = seen.Rows
				lock.Unlock()
				return err
			})
		}
	}
	err := group.Wait()
	rows := slices.Concat(answers...)
	slices.SortFunc(rows, func(a, b lifecycle.Row) int { return strings.Compare(a.Name, b.Name) })
	return rows, err
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
	slices.SortFunc(rows, func(a, b lifecycle.Row) int { return strings.Compare(a.Name, b.Name) })
	return rows
}
