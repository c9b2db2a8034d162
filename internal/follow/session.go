package follow

import (
	"context"
	"errors"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
)

// Temporal is what this program needs of the Temporal client.
type Temporal interface {
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
	GetWorkflow(ctx context.Context, workflowID, runID string) client.WorkflowRun
	QueryWorkflow(ctx context.Context, workflowID, runID, queryType string, args ...any) (converter.EncodedValue, error)
	UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
	CancelWorkflow(ctx context.Context, workflowID, runID string) error
	GetWorkflowHistory(ctx context.Context, workflowID, runID string, isLongPoll bool, filter enumspb.HistoryEventFilterType) client.HistoryEventIterator
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	DescribeTaskQueue(ctx context.Context, taskQueue string, kind enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error)
	ScheduleClient() client.ScheduleClient
	ListWorkflow(ctx context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error)
	WorkflowService() workflowservice.WorkflowServiceClient
	Close()
}

// Place is the server and the namespace that a command line names, over what the environment says.
type Place struct {
	Address, Namespace string
}

// Hint is a command line of ours for the same server and namespace.
func (p Place) Hint(words ...string) string { return p.command("starter " + strings.Join(words, " ")) }

// temporal is a command line of the Temporal CLI for the same server and namespace.
func (p Place) temporal(words string) string { return p.command("temporal " + words) }

func (p Place) command(line string) string {
	if p.Address != "" {
		line += " --address " + p.Address
	}
	if p.Namespace != "" {
		line += " --namespace " + p.Namespace
	}
	return line
}

// Session is a connection to Temporal, and the person at its other side.
type Session struct {
	Temporal
	// Place is what was asked for; Server and Namespace are what the connection came to.
	Place
	Server, Namespace string
	// Screen is where the person is told of what goes on.
	Screen *screen.Screen
	// Pace is how often a followed run is asked for its state.
	Pace time.Duration
	// User is who gives the commands; empty when that is not known.
	User string
}

// Unreachable is the failure to get an answer out of Temporal before a run is known.
func (s Session) Unreachable(err error) *exit.Failure {
	f := exit.New(exit.Unreachable, lifecycle.Unavailable, "cannot reach Temporal at %s: %s", s.Server, err)
	f.Cause.Object = lifecycle.Ptr("Temporal at " + s.Server + ", namespace " + s.Namespace)
	if _, is := errors.AsType[*serviceerror.NamespaceNotFound](err); is {
		f.Cause.Message = "namespace " + s.Namespace + " does not exist on Temporal at " + s.Server
		return f.Next("check --namespace and TEMPORAL_NAMESPACE, or create it with: temporal operator namespace create --namespace %s", s.Namespace)
	}
	switch code(err) {
	case codes.Unauthenticated, codes.PermissionDenied:
		f.Cause.Message = "Temporal at " + s.Server + " refuses namespace " + s.Namespace + ": " + err.Error()
		return f.Next("check TEMPORAL_API_KEY, the TLS settings and the namespace")
	}
	return f.Next("check that the server runs there (temporal server start-dev) and that --address or TEMPORAL_ADDRESS is right")
}

// Missing tells that Temporal knows no such workflow.
func Missing(err error) bool {
	_, is := errors.AsType[*serviceerror.NotFound](err)
	return is
}

// code is the gRPC code of an error of the Temporal client, which has types of its own for most codes
// but not for Unauthenticated.
func code(err error) codes.Code {
	if typed, is := errors.AsType[serviceerror.ServiceError](err); is {
		return typed.Status().Code()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return codes.DeadlineExceeded
	}
	return status.Code(err)
}

// Busy tells that Temporal was reached and had too much to do: asking again is worth it.
func Busy(err error) bool {
	c := code(err)
	return c == codes.DeadlineExceeded || c == codes.ResourceExhausted
}

func transient(err error) bool {
	switch code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.Internal:
		return true
	}
	return false
}
