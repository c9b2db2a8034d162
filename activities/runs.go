package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
)

// Runs tells what became of the run that left its mark on an object.
type Runs interface {
	// State returns what is known of the run whose first run ID is run, of the workflow with this ID.
	State(ctx context.Context, workflowID, run string) (lifecycle.RunKnown, error)
	// Stage returns the stage of the running workflow with this ID; empty when none runs.
	Stage(ctx context.Context, workflowID string) (lifecycle.Stage, error)
	// Running returns the first run ID of the running workflow with this ID; empty when none runs.
	Running(ctx context.Context, workflowID string) (string, error)
	// Scheduled returns the request of the schedule of a model; ok is false when it has none.
	Scheduled(ctx context.Context, model string) (r lifecycle.LiveRequest, ok bool, err error)
	// Alive records a heartbeat of the attempt with this task token, and waits until Temporal has answered: nil when it
	// still waits for that attempt.
	Alive(ctx context.Context, task []byte, p lifecycle.Pulse) error
	// Live returns the requests of all schedules, and of all retrains and evaluations that go on.
	Live(ctx context.Context) ([]lifecycle.LiveRequest, error)
}

// TemporalRuns asks Temporal itself.
func TemporalRuns(c client.Client) Runs { return temporalRuns{client: c} }

type temporalRuns struct{ client client.Client }

// Alive is a heartbeat that is not buffered.
func (r temporalRuns) Alive(ctx context.Context, task []byte, p lifecycle.Pulse) error {
	return r.client.RecordActivityHeartbeat(ctx, task, p)
}

// describe asks for a run; with an empty run ID for the latest.
func (r temporalRuns) describe(ctx context.Context, workflowID, run string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	described, err := r.client.DescribeWorkflow(ctx, workflowID, run)
	if err != nil {
		return nil, err
	}
	return described.RawResponse, nil
}

// State recognises the running workflow by the first run ID in its history, which a reset keeps; every
// other run by the status that Temporal remembers.
func (r temporalRuns) State(ctx context.Context, workflowID, run string) (lifecycle.RunKnown, error) {
	known := lifecycle.RunKnown{State: lifecycle.RunActive}
	latest, err := r.describe(ctx, workflowID, "")
	if err != nil && !missing(err) {
		return known, fmt.Errorf("ask Temporal for workflow %s: %w", workflowID, err)
	}
	if err == nil && latest.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		first, err := r.firstRun(ctx, workflowID, latest.GetWorkflowExecutionInfo().GetExecution().GetRunId())
		if err != nil {
			return known, err
		}
		if first == run {
			return known, nil
		}
	}
	described, err := r.describe(ctx, workflowID, run)
	if missing(err) {
		known.State = lifecycle.RunUnknown
		return known, nil
	}
	if err != nil {
		return known, fmt.Errorf("ask Temporal for run %s of %s: %w", run, workflowID, err)
	}
	if at := described.GetWorkflowExecutionInfo().GetCloseTime(); at != nil {
		known.ClosedAt = at.AsTime()
	}
	switch described.GetWorkflowExecutionInfo().GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		known.State = lifecycle.RunCanceled
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		known.State = lifecycle.RunTerminated
	case enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		known.State = lifecycle.RunTimedOut
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		known.State = lifecycle.RunEnded
	}
	return known, nil
}

// Stage asks the running workflow itself.
func (r temporalRuns) Stage(ctx context.Context, workflowID string) (lifecycle.Stage, error) {
	latest, err := r.describe(ctx, workflowID, "")
	if missing(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask Temporal for workflow %s: %w", workflowID, err)
	}
	if latest.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return "", nil
	}
	answer, err := r.client.QueryWorkflow(ctx, workflowID, "", lifecycle.QueryStatus)
	if err != nil {
		return "", fmt.Errorf("ask the running workflow %s for its stage: %w", workflowID, err)
	}
	var report lifecycle.Report
	if err := answer.Get(&report); err != nil {
		return "", fmt.Errorf("read the status of workflow %s: %w", workflowID, err)
	}
	if report.Stage == nil {
		return "", nil
	}
	return *report.Stage, nil
}

// Running tells which run goes on.
func (r temporalRuns) Running(ctx context.Context, workflowID string) (string, error) {
	latest, err := r.describe(ctx, workflowID, "")
	if missing(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask Temporal for workflow %s: %w", workflowID, err)
	}
	if latest.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return "", nil
	}
	return r.firstRun(ctx, workflowID, latest.GetWorkflowExecutionInfo().GetExecution().GetRunId())
}

func (r temporalRuns) firstRun(ctx context.Context, workflowID, runID string) (string, error) {
	events := r.client.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !events.HasNext() {
		return runID, nil
	}
	event, err := events.Next()
	if err != nil {
		return "", fmt.Errorf("read the history of %s: %w", workflowID, err)
	}
	return event.GetWorkflowExecutionStartedEventAttributes().GetOriginalExecutionRunId(), nil
}

// missing tells that Temporal knows no such run. A mark that is not a run ID at all (made by hand, or by
// another tool) is refused as an invalid argument, and is as unknown.
func missing(err error) bool {
	var notFound *serviceerror.NotFound
	var invalid *serviceerror.InvalidArgument
	return errors.As(err, &notFound) || errors.As(err, &invalid)
}

// liveRequests lets the activities of one worker share what Temporal was asked.
type liveRequests struct {
	// turn holds a value while somebody asks, or reads what is known; that one owns the rest.
	turn     chan struct{}
	requests []lifecycle.LiveRequest
	asked    time.Time
}
