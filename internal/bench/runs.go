package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/workflows"
)

// startedAtOnce is how many starts go to Temporal side by side.
const startedAtOnce = 16

// byReference is the least request: one dataset that is there.
func byReference(name, dataset string) object {
	return object{"name": name, "locale": locale, "training": []object{{"dataset": dataset}}}
}

// start starts a retrain as an operator with the Temporal CLI does.
func (s *site) start(ctx context.Context, request object) (client.WorkflowRun, error) {
	raw, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	return s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.RetrainID(request["name"].(string)), TaskQueue: s.queue, WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, workflows.TypeRetrain, json.RawMessage(raw))
}

// startAll starts many.
func (s *site) startAll(ctx context.Context, requests []object) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startedAtOnce)
	for _, request := range requests {
		group.Go(func() error {
			_, err := s.start(ctx, request)
			return err
		})
	}
	return group.Wait()
}

// count is how many workflows of the resource's queue are in a status, as Temporal's visibility knows it.
func (s *site) count(ctx context.Context, status string) (int, error) {
	query := fmt.Sprintf("TaskQueue = '%s' AND WorkflowType = '%s' AND ExecutionStatus = '%s'", s.queue, workflows.TypeRetrain, status)
	answer, err := s.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	return int(answer.GetCount()), err
}

// ended is a run that has completed.
type ended struct {
	frame  span
	events []*historypb.HistoryEvent
}

// end waits for a run, which must succeed, and reads what Temporal knows of it.
func (s *site) end(ctx context.Context, run client.WorkflowRun) (ended, error) {
	var report struct {
		Outcome string
		Notes   []string
	}
	if err := run.Get(ctx, &report); err != nil {
		return ended{}, err
	}
	if report.Outcome != "succeeded" {
		return ended{}, fmt.Errorf("%s ended as %s: %v", run.GetID(), report.Outcome, report.Notes)
	}
	return s.history(ctx, run.GetID(), run.GetRunID())
}

// history reads a run that has ended.
func (s *site) history(ctx context.Context, id, run string) (ended, error) {
	d, err := s.client.DescribeWorkflow(ctx, id, run)
	if err != nil {
		return ended{}, err
	}
	info := d.RawResponse.GetWorkflowExecutionInfo()
	e := ended{frame: span{info.GetStartTime().AsTime(), info.GetCloseTime().AsTime()}}
	for events := s.client.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			return e, err
		}
		e.events = append(e.events, event)
	}
	return e, nil
}

// activities is how many activities the run had.
func (e ended) activities() int {
	n := 0
	for _, event := range e.events {
		if event.GetActivityTaskScheduledEventAttributes() != nil {
			n++
		}
	}
	return n
}

// completed is when an activity completed, by its ID; zero when it did not.
func (e ended) completed(id string) time.Time {
	scheduled := map[int64]bool{}
	for _, event := range e.events {
		if a := event.GetActivityTaskScheduledEventAttributes(); a.GetActivityId() == id {
			scheduled[event.GetEventId()] = true
		}
		if a := event.GetActivityTaskCompletedEventAttributes(); a != nil && scheduled[a.GetScheduledEventId()] {
			return event.GetEventTime().AsTime()
		}
	}
	return time.Time{}
}
