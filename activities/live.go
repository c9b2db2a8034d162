package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/dataset"
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
	live.TaskQueue = action.TaskQueue
	if of := described.Memo.GetFields()["owner"]; of != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(of, &live.Owner) // another form tells no owner
	}
	return live, ok, nil
}

// Live lists the schedules of models, and the runs that go on, and reads what each was given, side by side.
func (r temporalRuns) Live(ctx context.Context) ([]lifecycle.LiveRequest, error) {
	var ids []string
	schedules, err := r.client.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: livePage})
	if err != nil {
		return nil, fmt.Errorf("ask Temporal for the schedules: %w", err)
	}
	for schedules.HasNext() {
		entry, err := schedules.Next()
		if err != nil {
			return nil, fmt.Errorf("ask Temporal for the schedules: %w", err)
		}
		if strings.HasPrefix(entry.ID, lifecycle.ScheduleID("")) {
			ids = append(ids, entry.ID)
		}
	}
	live, err := sideBySide(ctx, ids, func(ctx context.Context, id string) ([]lifecycle.LiveRequest, error) {
		request, ok, err := r.scheduled(ctx, id)
		if !ok {
			return nil, err
		}
		return []lifecycle.LiveRequest{request}, err
	})
	if err != nil {
		return nil, err
	}
	going, err := r.going(ctx)
	return append(live, going...), err
}

// sideBySide asks Temporal about each of many, some at a time, and returns the answers in their order.
func sideBySide[T any](
	ctx context.Context, all []T, ask func(context.Context, T) ([]lifecycle.LiveRequest, error),
) ([]lifecycle.LiveRequest, error) {
	answers := make([][]lifecycle.LiveRequest, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(askedAtOnce)
	for i, one := range all {
		group.Go(func() (err error) {
			answers[i], err = ask(ctx, one)
			return err
		})
	}
	err := group.Wait()
	return slices.Concat(answers...), err
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
		requests, err := sideBySide(ctx, list.GetExecutions(), r.given)
		if err != nil {
			return nil, err
		}
		live = append(live, requests...)
		if page = list.GetNextPageToken(); len(page) == 0 {
			return live, nil
		}
	}
}

// given are the requests that a run was started with.
func (r temporalRuns) given(ctx context.Context, e *workflowpb.WorkflowExecutionInfo) (requests []lifecycle.LiveRequest, err error) {
	id := e.GetExecution()
	events := r.client.GetWorkflowHistory(ctx, id.GetWorkflowId(), id.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return nil, nil
	}
	event, err := events.Next()
	if missing(err) {
		return nil, nil // it has ended, and is forgotten already
	}
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", id.GetWorkflowId(), err)
	}
	for _, payload := range event.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads() {
		if request, ok := lifecycle.ReadLive(payload.GetData()); ok {
			requests = append(requests, request)
		}
	}
	return requests, nil
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

// FindRetrain returns the first run ID of the retrain that goes on for the model; empty when none does.
func (a *Activities) FindRetrain(ctx context.Context, in Scope) (string, error) {
	id := lifecycle.RetrainID(in.Model)
	running, err := a.runs.Running(ctx, id)
	if err != nil {
		return "", later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: lifecycle.Ptr("workflow " + id)}, 0, false)
	}
	return running, nil
}

// noTemporal is the failure to learn from Temporal what became of a run: nothing is touched on a guess.
func (a *Activities) noTemporal(err error, object string) error {
	return later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: &object}, 0, false)
}

// undecided are those versions that a run has not finished, with what is known of the run, and the champions.
func (a *Activities) undecided(ctx context.Context, versions []lifecycle.Version) ([]lifecycle.Version, error) {
	states := map[string]lifecycle.RunKnown{}
	var undecided []lifecycle.Version
	for _, v := range versions {
		switch v.State {
		case lifecycle.StateCandidate, lifecycle.StateDeploying, lifecycle.StateAbandoned:
			key := v.Model + "/" + v.Run
			if _, known := states[key]; !known {
				known, err := a.runState(ctx, lifecycle.RetrainID(v.Model), v.Run)
				if err != nil {
					return nil, a.noTemporal(err, "workflow "+lifecycle.RetrainID(v.Model))
				}
				states[key] = known
			}
			v.Known = states[key]
		case lifecycle.StateChampion:
		default:
			continue
		}
		undecided = append(undecided, v)
	}
	return undecided, nil
}

// liveFor is how long what schedules and running retrains name may be remembered, to mark a dataset as unused. Before
// one is deleted it is asked for anew.
const liveFor = 10 * time.Minute

// live are the requests of schedules and of runs that go on, asked for no earlier than notBefore. Whoever comes first asks,
// the others wait for it; with thousands of schedules that takes longer than a heartbeat's time-out.
func (a *Activities) live(ctx context.Context, notBefore time.Time) (requests []lifecycle.LiveRequest, err error) {
	defer beating(ctx)()
	select {
	case a.liveRequests.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-a.liveRequests.turn }()
	if !a.liveRequests.asked.IsZero() && !a.liveRequests.asked.Before(notBefore) {
		return a.liveRequests.requests, nil
	}
	began := time.Now()
	requests, err = a.runs.Live(ctx)
	if err != nil {
		return nil, a.noTemporal(err, "what schedules and runs name")
	}
	requests = slices.Clone(requests)
	for i := range requests {
		requests[i] = a.sourced(requests[i])
	}
	a.liveRequests.requests, a.liveRequests.asked = requests, began
	return requests, nil
}

// sourced is a request with the mark sr.source of each of its URLs, as far as this worker knows them.
func (a *Activities) sourced(r lifecycle.LiveRequest) lifecycle.LiveRequest {
	of := func(all []lifecycle.LiveData) []lifecycle.LiveData {
		all = slices.Clone(all)
		for i, d := range all {
			if url, err := a.contentURL(d.Data(), ""); err == nil && url != "" {
				all[i].Source = dataset.URLSource(url, d.Kind, r.Locale)
			}
		}
		return all
	}
	r.Training, r.Tests = of(r.Training), of(r.Tests)
	return r
}
