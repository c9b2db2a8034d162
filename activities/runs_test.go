package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// remembered is a Temporal that remembers the runs of one workflow.
type remembered struct {
	client.Client

	// latest is the newest run, first the original run ID in its history.
	latest, first string
	statuses      map[string]enumspb.WorkflowExecutionStatus
	// fault is what it answers for a run that it does not know.
	fault error
}

func (r *remembered) DescribeWorkflow(_ context.Context, id, run string) (*client.WorkflowExecutionDescription, error) {
	if run == "" {
		run = r.latest
	}
	status, known := r.statuses[run]
	if !known {
		return nil, r.fault
	}
	info := &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: run}, Status: status}
	if status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		info.CloseTime = timestamppb.New(closed)
	}
	return &client.WorkflowExecutionDescription{RawResponse: &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: info}}, nil
}

func (r *remembered) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return &history{first: r.first}
}

// history holds the first event only.
type history struct {
	first string
	read  bool
}

func (h *history) HasNext() bool { return !h.read }

func (h *history) Next() (*historypb.HistoryEvent, error) {
	h.read = true
	started := &historypb.WorkflowExecutionStartedEventAttributes{OriginalExecutionRunId: h.first}
	return &historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: started,
	}}, nil
}

var closed = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// What a run left behind is judged by what became of that run. One that was reset goes on under another run ID, while
// the first one is terminated: it is told by the first run ID in its history.
func TestStateOfARun(t *testing.T) {
	t.Parallel()
	const (
		running    = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		terminated = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	)
	ended := func(status enumspb.WorkflowExecutionStatus) *remembered {
		return &remembered{latest: "first", first: "first", statuses: map[string]enumspb.WorkflowExecutionStatus{"first": status}}
	}
	for name, tt := range map[string]struct {
		temporal *remembered
		want     lifecycle.RunState
	}{
		"it runs": {ended(running), lifecycle.RunActive},
		"it is reset": {&remembered{
			latest: "second", first: "first",
			statuses: map[string]enumspb.WorkflowExecutionStatus{"first": terminated, "second": running},
		}, lifecycle.RunActive},
		"it is reset, and its first run forgotten": {
			&remembered{
				latest: "second", first: "first", statuses: map[string]enumspb.WorkflowExecutionStatus{"second": running},
				fault: &serviceerror.NotFound{},
			}, lifecycle.RunActive,
		},
		"another one runs": {&remembered{
			latest: "second", first: "second",
			statuses: map[string]enumspb.WorkflowExecutionStatus{"first": terminated, "second": running},
		}, lifecycle.RunTerminated},
		"terminated":       {ended(terminated), lifecycle.RunTerminated},
		"canceled":         {ended(enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED), lifecycle.RunCanceled},
		"timed out":        {ended(enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT), lifecycle.RunTimedOut},
		"completed":        {ended(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), lifecycle.RunEnded},
		"failed":           {ended(enumspb.WORKFLOW_EXECUTION_STATUS_FAILED), lifecycle.RunEnded},
		"forgotten":        {&remembered{fault: &serviceerror.NotFound{}}, lifecycle.RunUnknown},
		"no run ID at all": {&remembered{fault: &serviceerror.InvalidArgument{}}, lifecycle.RunUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known, err := activities.TemporalRuns(tt.temporal).State(t.Context(), "retrain/desk", "first")
			require.NoError(t, err)
			require.Equal(t, tt.want, known.State)
			if known.State != lifecycle.RunActive && known.State != lifecycle.RunUnknown {
				require.Equal(t, closed, known.ClosedAt)
			}
		})
	}
}

// An outage of Temporal is no proof that a run is gone, whichever question it meets.
func TestAnOutageOfTemporalProvesNothing(t *testing.T) {
	t.Parallel()
	fault := errors.New("temporal is away")
	running := map[string]enumspb.WorkflowExecutionStatus{"second": enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING}
	for _, away := range []*remembered{{fault: fault}, {latest: "second", first: "second", statuses: running, fault: fault}} {
		_, err := activities.TemporalRuns(away).State(t.Context(), "retrain/desk", "first")
		require.ErrorContains(t, err, "temporal is away")
	}
}

// The run that goes on is named by its first run ID, as its marks are.
func TestRunning(t *testing.T) {
	t.Parallel()
	ask := func(r *remembered) string {
		running, err := activities.TemporalRuns(r).Running(t.Context(), "retrain/desk")
		require.NoError(t, err)
		return running
	}
	statuses := func(s enumspb.WorkflowExecutionStatus) map[string]enumspb.WorkflowExecutionStatus {
		return map[string]enumspb.WorkflowExecutionStatus{"second": s}
	}
	require.Equal(t, "first", ask(&remembered{latest: "second", first: "first", statuses: statuses(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)}))
	require.Empty(t, ask(&remembered{latest: "second", first: "first", statuses: statuses(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)}))
	require.Empty(t, ask(&remembered{fault: &serviceerror.NotFound{}}))
	_, err := activities.TemporalRuns(&remembered{fault: errors.New("temporal is away")}).Running(t.Context(), "retrain/desk")
	require.Error(t, err)
}
