package follow

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// archive is a Temporal with one run.
type archive struct {
	Temporal

	status enumspb.WorkflowExecutionStatus
	err    error
	asked  []string
}

func (a *archive) DescribeWorkflowExecution(_ context.Context, id, run string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	a.asked = append(a.asked, id+" "+run)
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
		Status: a.status, Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: run},
	}}, a.err
}

func (a *archive) QueryWorkflow(_ context.Context, id, run, _ string, _ ...any) (converter.EncodedValue, error) {
	a.asked = append(a.asked, "query "+id+" "+run)
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(sample.AtApproval())
	return client.NewValue(payloads), err
}

func (a *archive) GetWorkflow(_ context.Context, id, run string) client.WorkflowRun {
	a.asked = append(a.asked, "result "+id+" "+run)
	return result{}
}

type result struct{ client.WorkflowRun }

func (result) Get(_ context.Context, value any) error {
	*value.(*lifecycle.Report) = sample.Rejected()
	return nil
}

// A run is told by its own ID, whether it goes on, has ended, or is not known any more.
func TestTold(t *testing.T) {
	t.Parallel()
	ask := func(a *archive) (lifecycle.Report, error) {
		return (&Run{Session: Session{Temporal: a, Server: "here:7233", Namespace: "default"}, ID: "retrain/x", RunID: "r-7", Name: "x"}).Told(t.Context())
	}
	a := &archive{status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING}
	report, err := ask(a)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Running, report.Outcome)
	require.NotNil(t, report.Trouble)
	require.Equal(t, []string{"retrain/x r-7", "query retrain/x r-7", "retrain/x r-7"}, a.asked)
	a = &archive{status: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED}
	report, err = ask(a)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, report.Outcome)
	require.Equal(t, []string{"retrain/x r-7", "result retrain/x r-7"}, a.asked)
	for why, class := range map[error]lifecycle.FailureClass{
		serviceerror.NewNotFound("gone"): exit.NotFound, serviceerror.NewInvalidArgument("no run ID"): exit.NotFound,
		serviceerror.NewUnavailable("away"): lifecycle.Unavailable,
	} {
		_, err = ask(&archive{err: why})
		failure, is := errors.AsType[*exit.Failure](err)
		require.True(t, is)
		require.Equal(t, class, failure.Cause.Type)
	}
}

// Requests are asked for together as far as one input may hold them.
func TestBatches(t *testing.T) {
	t.Parallel()
	require.Empty(t, Batches(nil))
	small, large := []byte("{}"), make([]byte, mostBytes/2+1)
	require.Equal(t, [][]int{{0}, {1}, {2}}, Batches([][]byte{large, large, large}))
	many := Batches(make([][]byte, 250))
	require.Len(t, many, 3)
	require.Len(t, many[0], 100)
	require.Equal(t, [][]int{{0, 1}}, Batches([][]byte{small, large}))
}
