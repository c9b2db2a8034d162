package follow

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
)

// oracle is a Temporal whose worker answers every question with err; with silent it never does.
type oracle struct {
	Temporal

	err    error
	silent bool
	ids    []string
	// deleted are the workflows that were to be deleted; nobody may.
	deleted []*workflowservice.DeleteWorkflowExecutionRequest
}

func (o *oracle) WorkflowService() workflowservice.WorkflowServiceClient { return deleting{oracle: o} }

type deleting struct {
	workflowservice.WorkflowServiceClient

	oracle *oracle
}

func (d deleting) DeleteWorkflowExecution(
	_ context.Context, in *workflowservice.DeleteWorkflowExecutionRequest, _ ...grpc.CallOption,
) (*workflowservice.DeleteWorkflowExecutionResponse, error) {
	d.oracle.deleted = append(d.oracle.deleted, in)
	return nil, serviceerror.NewPermissionDenied("not yours", "")
}

func (o *oracle) ExecuteWorkflow(_ context.Context, options client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	o.ids = append(o.ids, options.ID)
	return told{oracle: o}, nil
}

func (o *oracle) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return &workflowservice.DescribeWorkflowExecutionResponse{}, nil
}

func (o *oracle) DescribeTaskQueue(context.Context, string, enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	return &workflowservice.DescribeTaskQueueResponse{}, nil
}

type told struct {
	client.WorkflowRun

	oracle *oracle
}

func (told) GetRunID() string { return "run-1" }

func (r told) Get(ctx context.Context, _ any) error {
	if r.oracle.silent {
		<-ctx.Done()
		return ctx.Err()
	}
	return r.oracle.err
}

// Both kinds of question end alike, whatever keeps the answer, but for the advice about a worker that says nothing.
func TestAskEnds(t *testing.T) {
	t.Parallel()
	cause := lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: "no such model", Next: lifecycle.Ptr("name another"),
		Problems: []lifecycle.Problem{{Path: "names[0]", Message: "is no name"}},
	}
	refused := temporal.NewApplicationErrorWithOptions(cause.Message, string(cause.Type), temporal.ApplicationErrorOptions{Details: []any{cause}})
	for _, tc := range []struct {
		name string
		err  error
		// after is when Ctrl-C is pressed; 0 = never.
		after         time.Duration
		code          int
		class         lifecycle.FailureClass
		hurried, slow string
	}{
		{name: "the worker refuses", err: refused, code: exit.Failed, class: lifecycle.InvalidRequest, hurried: "see it: no such model; name another"},
		{
			name: "its time-out", err: temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil), code: exit.Failed, class: lifecycle.TimedOut,
			hurried: "see it: no answer within 5m00s; look at the worker of task queue west: temporal task-queue describe --task-queue west",
			slow:    "see it: no answer within 5m00s; look at the worker of task queue west and its log",
		},
		{
			name: "our time-out", code: exit.Failed, class: lifecycle.TimedOut,
			hurried: "see it: no answer within 5m00s; look at the worker of task queue west: temporal task-queue describe --task-queue west",
			slow:    "see it: no answer within 5m00s; look at the worker of task queue west and its log",
		},
		{
			name: "Ctrl-C", after: time.Minute, code: exit.Interrupted, class: lifecycle.Unavailable, hurried: "interrupted: see it",
			slow: "interrupted while seeing it",
		},
		{
			name: "not to be started so", err: serviceerror.NewInvalidArgument("bad queue"), code: exit.Refused, class: lifecycle.InvalidRequest,
			hurried: "see it: bad queue",
		},
		{
			name: "Temporal goes away", err: serviceerror.NewUnavailable("away"), code: exit.Unreachable, class: lifecycle.Unavailable,
			hurried: "cannot reach Temporal at here:7233: away; " +
				"check that the server runs there (temporal server start-dev) and that --address or TEMPORAL_ADDRESS is right",
		},
		{name: "somebody has ended it", err: &temporal.WorkflowExecutionError{}, code: exit.Failed, class: lifecycle.Internal},
	} {
		for _, patient := range []bool{false, true} {
			t.Run(map[bool]string{false: tc.name, true: tc.name + ", patient"}[patient], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					o := &oracle{err: tc.err, silent: tc.err == nil}
					var err bytes.Buffer
					s := Session{Temporal: o, Server: "here:7233", Screen: &screen.Screen{Err: &err}, Pace: time.Second}
					ctx := t.Context()
					if tc.after > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, tc.after)
						defer cancel()
					}
					q := Question{ID: "look", TaskQueue: "west", Workflow: "Look", About: "see it", Patient: patient, Passing: true}
					if patient {
						q.Doing = "seeing it"
					}
					failure, is := errors.AsType[*exit.Failure](s.Ask(ctx, q, nil))
					require.True(t, is)
					require.Equal(t, tc.code, failure.Code)
					require.Equal(t, tc.class, failure.Cause.Type)
					switch {
					case tc.class == lifecycle.Internal:
						require.Equal(t, "see: "+(&Run{ID: o.ids[0], RunID: "run-1"}).Inspect(), *failure.Cause.Next)
					case patient && tc.slow != "":
						require.Equal(t, tc.slow, failure.Sentence())
					default:
						require.Equal(t, tc.hurried, failure.Sentence())
					}
					if errors.Is(tc.err, refused) {
						require.Equal(t, cause.Problems, failure.Cause.Problems)
					}
					require.Regexp(t, `^look/[0-9a-f]{8}$`, o.ids[0])
					require.Empty(t, o.deleted, "what has no answer is looked at")
					require.Equal(t, patient && tc.err == nil, bytes.Contains(err.Bytes(), []byte(`no worker polls task queue "west"`)), err.String())
				})
			})
		}
	}
}

// A question that is of no interest once it is answered is deleted, that run alone, and who may not delete hears nothing of it.
// Any other stays.
func TestAnsweredQuestionsDoNotFillTheList(t *testing.T) {
	t.Parallel()
	for _, passing := range []bool{true, false} {
		for _, patient := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				o := &oracle{}
				var err bytes.Buffer
				s := Session{Temporal: o, Namespace: "speech", Screen: &screen.Screen{Err: &err}, Pace: time.Second}
				q := Question{ID: "look", TaskQueue: "west", Workflow: "Look", About: "see it", Patient: patient, Passing: passing}
				require.NoError(t, s.Ask(t.Context(), q, nil))
				require.Empty(t, err.String())
				if !passing {
					require.Empty(t, o.deleted)
					return
				}
				require.Len(t, o.deleted, 1)
				in := o.deleted[0]
				require.Equal(t, []string{"speech", o.ids[0], "run-1"}, []string{in.Namespace, in.WorkflowExecution.WorkflowId, in.WorkflowExecution.RunId})
			})
		}
	}
}
