package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
)

// liveTypes are the workflows whose requests hold on to objects of the service.
var liveTypes = []string{"Retrain", "Evaluate"}

// livePage is how many schedules or runs one question to Temporal lists.
const livePage = 1000

// Scheduled reads the action of the schedule.
func (r temporalRuns) Scheduled(ctx context.Context, model string) (lifecycle.LiveRequest, bool, error) {
	return r.scheduled(ctx, lifecycle.ScheduleID(model))
}

func (r temporalRuns) scheduled(ctx context.Context, id string) (lifecycle.LiveRequest, bool, error) {
	described, err := r.client.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
	var absent *serviceerror.NotFound
	if errors.As(err, &absent) {
		return lifecycle.LiveRequest{}, false, nil
	}
	if err != nil {
		return lifecycle.LiveRequest{}, false, fmt.Errorf("ask Temporal for schedule %s: %w", id, err)
	}
	action, is := described.Schedule.Action.(*client.ScheduleWorkflowAction)
	if !is || len(action.Args) != 1 {
		return lifecycle.LiveRequest{}, false, nil
	}
	payload, is := action.Args[0].(*commonpb.Payload)
	if !is {
		return lifecycle.LiveRequest{}, false, nil
	}
	live, ok := lifecycle.ReadLive(payload.GetData())
	return live, ok, nil
}

// Live lists the schedules of models, and the runs that go on, and reads what each was given.
func (r temporalRuns) Live(ctx context.Context) ([]lifecycle.LiveRequest, error) {
	var live []lifecycle.LiveRequest
	schedules, err := r.client.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: livePage})
	if err != nil {
		return nil, fmt.Errorf("ask Temporal for the schedules: %w", err)
	}
	for schedules.HasNext() {
		entry, err := schedules.Next()
		if err != nil {
			return nil, fmt.Errorf("ask Temporal for the schedules: %w", err)
		}
		if !strings.HasPrefix(entry.ID, lifecycle.ScheduleID("")) {
			continue
		}
		request, ok, err := r.scheduled(ctx, entry.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			live = append(live, request)
		}
	}
	going, err := r.going(ctx)
	return append(live, going...), err
}

// going are the requests of the runs that go on.
func (r temporalRuns) going(ctx context.Context) ([]lifecycle.LiveRequest, error) {
	var live []lifecycle.LiveRequest
	query := fmt.Sprintf("WorkflowType IN ('%s') AND ExecutionStatus = 'Running'", strings.Join(liveTypes, "', '"))
	var page []byte
	for {
		list, err := r.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: livePage, NextPageToken: page, Query: query})
		if err != nil {
			return nil, fmt.Errorf("ask Temporal for the runs that go on: %w", err)
		}
		for _, e := range list.GetExecutions() {
			id := e.GetExecution()
			events := r.client.GetWorkflowHistory(ctx, id.GetWorkflowId(), id.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			if !events.HasNext() {
				continue
			}
			event, err := events.Next()
			if missing(err) {
				continue // it has ended, and is forgotten already
			}
			if err != nil {
				return nil, fmt.Errorf("read the history of %s: %w", id.GetWorkflowId(), err)
			}
			for _, payload := range event.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads() {
				if request, ok := lifecycle.ReadLive(payload.GetData()); ok {
					live = append(live, request)
				}
			}
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return live, nil
		}
	}
}

// runState is what is known of the run that left its mark: one of another home is only that home's to know, and a mark
// from before homes were written is this home's if its Temporal knows the run.
func (a *Activities) runState(ctx context.Context, workflowID, mark string) (lifecycle.RunKnown, error) {
	home, run := lifecycle.SplitRun(mark)
	if home != "" && home != a.home {
		return lifecycle.RunKnown{State: lifecycle.RunForeign}, nil
	}
	known, err := a.runs.State(ctx, workflowID, run)
	if err == nil && home == "" && known.State == lifecycle.RunUnknown {
		known.State = lifecycle.RunForeign
	}
	return known, err
}
