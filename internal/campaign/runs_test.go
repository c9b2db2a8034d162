package campaign

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// A server that dies breaks the wait for a run off. The run goes on, and so must the wait.
func TestWaitOutlivesTheServer(t *testing.T) {
	t.Parallel()
	closed := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	run := &mocks.WorkflowRun{}
	run.On("GetWithOptions", mock.Anything, mock.Anything, mock.Anything).Return(context.DeadlineExceeded).Once()
	run.On("GetWithOptions", mock.Anything, mock.Anything, mock.Anything).Return(serviceerror.NewUnavailable("shard status unknown")).Once()
	run.On("GetWithOptions", mock.Anything, mock.Anything, mock.Anything).Return(nil).Once().Run(func(args mock.Arguments) {
		args.Get(1).(*lifecycle.Report).Outcome = lifecycle.Succeeded
	})
	temporal := &mocks.Client{}
	temporal.On("GetWorkflow", mock.Anything, "retrain/m", "r").Return(run)
	temporal.On("DescribeWorkflow", mock.Anything, "retrain/m", "r").Return(&client.WorkflowExecutionDescription{
		RawResponse: &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
			Status: enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, CloseTime: timestamppb.New(closed),
		}},
	}, nil)
	l := &lane{Rig: &Rig{Client: temporal}, emulator: &stack.Emulator{Key: "any"}, asked: &ledger{}}
	l.asked.note(asked{caller: l.emulator.Caller(), workflow: "retrain/m"}, "Retrain", []byte("{}"))
	e := l.end(t.Context(), "retrain/m", "r")
	require.NoError(t, e.Err)
	require.Equal(t, "succeeded", e.outcome())
	require.Equal(t, closed, l.asked.all()[0].to)
}

// A run that there never was is no reason to wait.
func TestWaitEndsWithoutARun(t *testing.T) {
	t.Parallel()
	run := &mocks.WorkflowRun{}
	run.On("GetWithOptions", mock.Anything, mock.Anything, mock.Anything).Return(serviceerror.NewNotFound("no such run")).Once()
	temporal := &mocks.Client{}
	temporal.On("GetWorkflow", mock.Anything, "retrain/m", "").Return(run)
	l := &lane{Rig: &Rig{Client: temporal}}
	e := l.end(t.Context(), "retrain/m", "")
	require.True(t, missing(e.Err), "%v", e.Err)
}
