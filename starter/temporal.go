package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.uber.org/zap"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/telemetry"
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
	Close()
}

func dial(ctx context.Context, options client.Options) (Temporal, error) {
	return client.DialContext(ctx, options)
}

// connectionFlags says which server and namespace, over what the environment says. They are named as
// in the Temporal CLI.
type connectionFlags struct{ place }

func (f *connectionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.address, "address", "", "Temporal server, host:port (default: TEMPORAL_ADDRESS, else localhost:7233)")
	f.addNamespace(cmd)
}

func (f *connectionFlags) addNamespace(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.namespace, "namespace", "n", "", "Temporal namespace (default: TEMPORAL_NAMESPACE, else default)")
}

// place is the server and the namespace that a command line names, over what the environment says.
type place struct {
	address, namespace string
}

// hint is a command line of ours for the same server and namespace.
func (p place) hint(words ...string) string { return p.command("starter " + strings.Join(words, " ")) }

// temporal is a command line of the Temporal CLI for the same server and namespace.
func (p place) temporal(words string) string { return p.command("temporal " + words) }

func (p place) command(line string) string {
	if p.address != "" {
		line += " --address " + p.address
	}
	if p.namespace != "" {
		line += " --namespace " + p.namespace
	}
	return line
}

// session is a connection to Temporal, and the person at its other side.
type session struct {
	Temporal
	place
	// server and namespace are what the connection came to.
	server, space string
	out           *screen.Screen
	// pace is how often a followed run is asked for its state.
	pace time.Duration
	// user is who gives the commands; empty when that is not known.
	user string
}

// clientOptions are what the flags and the environment say of Temporal; nothing is sent. The error is a
// *exit.Failure.
func (a *app) clientOptions(f connectionFlags) (client.Options, error) {
	options, err := config.Temporal(a.Env, f.address, f.namespace)
	if err != nil {
		return client.Options{}, exit.Refuse(lifecycle.InvalidRequest, "%s", err)
	}
	options.Logger = telemetry.SDKLogger(zap.NewNop())
	return options, nil
}

// connect reaches the server that the flags and the environment name. It returns a *exit.Failure: refused
// when the settings are wrong, unreachable when nobody answers.
func (a *app) connect(ctx context.Context, f connectionFlags) (session, error) {
	options, err := a.clientOptions(f)
	if err != nil {
		return session{}, err
	}
	s := session{place: f.place, server: options.HostPort, space: options.Namespace, out: a.out, pace: a.Pace, user: a.env("USER")}
	s.Temporal, err = a.Dial(ctx, options)
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return session{}, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while connecting to Temporal at %s: nothing was started", s.server)
	}
	return session{}, s.unreachable(err)
}

// unreachable is the failure to get an answer out of Temporal before a run is known.
func (s session) unreachable(err error) *exit.Failure {
	f := exit.New(exit.Unreachable, lifecycle.Unavailable, "cannot reach Temporal at %s: %s", s.server, err)
	f.Cause.Object = lifecycle.Ptr("Temporal at " + s.server + ", namespace " + s.space)
	if _, is := errors.AsType[*serviceerror.NamespaceNotFound](err); is {
		f.Cause.Message = "namespace " + s.space + " does not exist on Temporal at " + s.server
		return f.Next("check --namespace and TEMPORAL_NAMESPACE, or create it with: temporal operator namespace create --namespace %s", s.space)
	}
	switch code(err) {
	case codes.Unauthenticated, codes.PermissionDenied:
		f.Cause.Message = "Temporal at " + s.server + " refuses namespace " + s.space + ": " + err.Error()
		return f.Next("check TEMPORAL_API_KEY, the TLS settings and the namespace")
	}
	return f.Next("check that the server runs there (temporal server start-dev) and that --address or TEMPORAL_ADDRESS is right")
}

// missing tells that Temporal knows no such workflow.
func missing(err error) bool {
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
