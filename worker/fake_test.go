package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/workflows"
)

// fakeServer is as much of a Temporal server as a worker without work meets.
type fakeServer struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer

	// address is where it serves.
	address string
	// polls counts the polls under way; down makes it refuse to tell about itself.
	polls atomic.Int32
	down  atomic.Bool

	mu sync.Mutex
	// identity is what the worker that polls for activities calls itself.
	identity   string
	attributes map[string]enumspb.IndexedValueType
}

// startServer serves on a free port until the test ends.
func startServer(t *testing.T) *fakeServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &fakeServer{address: listener.Addr().String(), attributes: map[string]enumspb.IndexedValueType{}}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, f)
	operatorservice.RegisterOperatorServiceServer(server, f)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) { // it may end before it has begun to serve
			require.NoError(t, err)
		}
	})
	return f
}

func (f *fakeServer) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	if f.down.Load() {
		return nil, serviceerror.ToStatus(serviceerror.NewUnavailable("shutting down")).Err()
	}
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (f *fakeServer) DescribeNamespace(_ context.Context, r *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{NamespaceInfo: &namespacepb.NamespaceInfo{Name: r.GetNamespace()}}, nil
}

func (f *fakeServer) PollWorkflowTaskQueue(
	ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest,
) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	f.polls.Add(1)
	defer f.polls.Add(-1)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (f *fakeServer) PollActivityTaskQueue(
	ctx context.Context, r *workflowservice.PollActivityTaskQueueRequest,
) (*workflowservice.PollActivityTaskQueueResponse, error) {
	f.mu.Lock()
	f.identity = r.GetIdentity()
	f.mu.Unlock()
	f.polls.Add(1)
	defer f.polls.Add(-1)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (f *fakeServer) ListSearchAttributes(
	context.Context, *operatorservice.ListSearchAttributesRequest,
) (*operatorservice.ListSearchAttributesResponse, error) {
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: f.registered()}, nil
}

func (f *fakeServer) AddSearchAttributes(
	_ context.Context, r *operatorservice.AddSearchAttributesRequest,
) (*operatorservice.AddSearchAttributesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(f.attributes, r.GetSearchAttributes())
	return &operatorservice.AddSearchAttributesResponse{}, nil
}

func (f *fakeServer) registered() map[string]enumspb.IndexedValueType {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.attributes)
}

type env = bundle.Env

// goodEnv has all that the worker needs.
func goodEnv(temporal string) env {
	return env{"TEMPORAL_ADDRESS": temporal, "SPEECH_ENDPOINT": "http://127.0.0.1:1", "SPEECH_KEY": "a-key-that-is-secret"}
}

// buffer collects what several goroutines write.
type buffer struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes.String()
}

// program is a worker on its way, in the process of the test.
type program struct {
	http           string
	stdout, stderr *buffer
	stop           context.CancelFunc
	code           chan int
}

// start runs the worker with args until the test ends or p.stop is called. It returns when the HTTP
// server is bound.
func start(t *testing.T, e env, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{stdout: &buffer{}, stderr: &buffer{}, stop: cancel, code: make(chan int, 1)}
	bound := make(chan string, 1)
	m := NewMain()
	m.Env, m.Stdout, m.Stderr = e, p.stdout, p.stderr
	m.Listening = func(address net.Addr) { bound <- address.String() }
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.code <- m.Execute(ctx, append([]string{"--http", "127.0.0.1:0"}, args...))
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	select {
	case p.http = <-bound:
	case <-done:
		require.Fail(t, "the worker ended", p.stderr.String())
	}
	return p
}

// registrarFake is an operator service with scripted answers.
type registrarFake struct {
	operatorservice.OperatorServiceClient

	have            map[string]enumspb.IndexedValueType
	listErr, addErr error
	added           map[string]enumspb.IndexedValueType
}

func (f *registrarFake) ListSearchAttributes(
	context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption,
) (*operatorservice.ListSearchAttributesResponse, error) {
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: f.have}, f.listErr
}

func (f *registrarFake) AddSearchAttributes(
	_ context.Context, r *operatorservice.AddSearchAttributesRequest, _ ...grpc.CallOption,
) (*operatorservice.AddSearchAttributesResponse, error) {
	f.added = r.GetSearchAttributes()
	return &operatorservice.AddSearchAttributesResponse{}, f.addErr
}

// allAttributes are ours as a server lists them.
func allAttributes() map[string]enumspb.IndexedValueType {
	all := map[string]enumspb.IndexedValueType{}
	for _, a := range workflows.SearchAttributes {
		all[a.Name] = a.Type
	}
	return all
}
