package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// fakeTemporal is a Temporal with at most one run of one model, with schedules, and with workers that answer questions
// and sweep. Its fields are the script, and what it was asked; time is that of the test's bubble.
type fakeTemporal struct {
	// run is the run that is there from the beginning; ExecuteWorkflow starts next.
	run, next *fakeRun
	// heir is the run that the latest one is from the end of run on: a reset made it.
	heir *fakeRun
	// rolledBack is when a rollback that has succeeded began; zero = there is none.
	rolledBack time.Time
	// startErr, lookErr, cancelErr and dialErr are what the calls fail with.
	startErr, lookErr, cancelErr, dialErr error
	// away answers every call with Unavailable while it is set.
	away func(time.Duration) bool
	// requested is what the history says that the run was started with; none = nothing that can be read.
	requested []byte
	// answered is what an update gives, or it fails with updateErr; nil waits for the context.
	answered  *lifecycle.ApprovalReport
	updateErr error
	// polled is when a worker polled last; zero = never. Nobody ever polls the queue deserted.
	polled   time.Time
	deserted string
	// workers are the identities of those that poll a task queue now.
	workers map[string][]string
	// pending are the activities of a workflow that have not ended.
	pending func(id string, now time.Duration) []*workflowpb.PendingActivityInfo

	// perAnswer is how many rows one answer of Observe has; 0 = all.
	perAnswer int
	// rows and datasets are what Observe gives, row one for each name that is asked for; none of them = it never ends.
	// Or it fails with observeErr.
	rows       []lifecycle.Row
	row        func(name string) lifecycle.Row
	datasets   []lifecycle.UnusedDataset
	observeErr error
	// plan is what Plan gives.
	plan func(request lifecycle.Request) (lifecycle.Plan, error)

	// set is what doctor finds.
	set setUpScript

	// swept and failing are how the sweep of an ID ends; going are the IDs of those that go on already.
	swept   map[string]workflows.SweepReport
	failing map[string]error
	going   []string
	// hangs tells that no sweep ends.
	hangs bool

	// kept are the schedules that are there, by their IDs.
	kept map[string]*client.ScheduleDescription
	// unlisted are schedules that the listing does not show yet.
	unlisted []string
	// refuses is the schedule that cannot be changed.
	refuses string
	// retrains are those that go on, by model.
	retrains map[string]retrain
	// checks are the runs of Renew, the newest first, and ends how they end, by their run IDs.
	checks []*workflowpb.WorkflowExecutionInfo
	ended  []*workflowpb.WorkflowExecutionInfo // retrains, the newest first
	ends   map[string]answered
	// notified is what came of test messages.
	notified workflows.NotifyReport
	// fires is how a check ends that a schedule starts when it is triggered; nil: it starts none.
	fires *answered

	mu      sync.Mutex
	begun   time.Time
	dialled client.Options
	started *client.StartWorkflowOptions
	// workflow and input are what was started last; questions and sweeps count apart.
	workflow any
	input    []byte
	update   *client.UpdateWorkflowOptions
	queries  int
	canceled []string
	observed []observation
	// deleted are the workflows that were to be deleted: namespace, ID, run ID. Nobody may do it here.
	deleted []string
	// planned are the inputs of Plan, by the queue and the name.
	planned map[string]json.RawMessage
	began   []client.StartWorkflowOptions
	inputs  []string
	// done is what was done to schedules.
	done []string
	// lists, describes and visibilities count what was asked.
	lists, describes, visibilities int
	// results counts the reports and failures of checks that were read.
	results atomic.Int64
}

func (f *fakeTemporal) now() time.Duration { return time.Since(f.begun) }

func (f *fakeTemporal) reached() error {
	if f.away != nil && f.away(f.now()) {
		return serviceerror.NewUnavailable("connection refused")
	}
	return nil
}

func (f *fakeTemporal) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	if f.startErr != nil {
		return nil, f.startErr
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	input, err := converter.GetDefaultDataConverter().ToPayloads(args...)
	if err != nil {
		return nil, err
	}
	raw := input.GetPayloads()[0].GetData()
	switch workflow {
	case workflows.TypeObserve:
		return f.observe(o, raw)
	case workflows.TypePlan:
		return f.plans(o, raw)
	case workflows.TypeDoctor:
		return f.examine(o, raw)
	case workflows.TypeSweep:
		return f.sweep(o, raw)
	case workflows.TypeNotify:
		f.inputs = append(f.inputs, o.TaskQueue+" "+string(raw))
		return answered{value: f.notified}, nil
	}
	if f.run != nil && f.run.status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "request", f.run.id)
	}
	f.run, f.started, f.workflow, f.input = f.next, &o, workflow, raw
	return handle{fake: f, id: o.ID, run: f.run}, nil
}

func (f *fakeTemporal) GetWorkflow(_ context.Context, id, runID string) client.WorkflowRun {
	if end, is := f.ends[runID]; is {
		f.results.Add(1)
		return end
	}
	if strings.HasPrefix(id, workflows.SweepID("")) {
		return f.sweeping(id)
	}
	return handle{fake: f, id: id, run: f.run}
}

func (f *fakeTemporal) QueryWorkflow(ctx context.Context, _, _, _ string, _ ...any) (converter.EncodedValue, error) {
	if err := f.reached(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.queries++
	f.mu.Unlock()
	if f.run == nil {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	at := -1
	for i, scene := range f.run.script {
		if at < 0 && f.now() < scene.after {
			// As a query does when no worker is there: it waits for one.
			select {
			case <-ctx.Done():
			case <-time.After(scene.after - f.now()):
			}
		}
		if f.now() >= scene.after {
			at = i
		}
	}
	if at < 0 {
		<-ctx.Done()
		return nil, serviceerror.NewDeadlineExceeded("context deadline exceeded")
	}
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(f.run.script[at].report)
	return client.NewValue(payloads), err
}

func (f *fakeTemporal) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	f.update = &o
	if f.answered == nil && f.updateErr == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return updated{fake: f}, nil
}

func (f *fakeTemporal) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return &history{fake: f}
}

func (f *fakeTemporal) CancelWorkflow(_ context.Context, id, _ string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.canceled = append(f.canceled, id)
	if f.cancelErr == nil && f.run != nil {
		close(f.run.canceled)
	}
	return f.cancelErr
}

func (f *fakeTemporal) DescribeWorkflowExecution(_ context.Context, id, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	if err := f.reached(); err != nil {
		return nil, err
	}
	if f.lookErr != nil {
		return nil, f.lookErr
	}
	if id == workflows.RollbackID("support-calls") && !f.rolledBack.IsZero() {
		return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
			Status: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, StartTime: timestamppb.New(f.rolledBack),
		}}, nil
	}
	described := &workflowservice.DescribeWorkflowExecutionResponse{}
	if f.pending != nil {
		described.PendingActivities = f.pending(id, f.now())
	}
	run := f.run
	switch {
	case run == nil && f.pending == nil:
		return nil, serviceerror.NewNotFound("workflow not found")
	case run == nil:
		return described, nil
	case runID == "" && f.heir != nil && f.now() >= f.run.end:
		run = f.heir
	}
	described.WorkflowExecutionInfo = &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{RunId: run.id}, Status: run.status, TaskQueue: "speech-retrainer",
		StartTime: timestamppb.New(f.begun), HistoryLength: 2,
	}
	if len(run.script) > 0 {
		described.WorkflowExecutionInfo.HistoryLength = 10
	}
	return described, nil
}

func (f *fakeTemporal) DescribeTaskQueue(_ context.Context, queue string, _ enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	response := &workflowservice.DescribeTaskQueueResponse{}
	if !f.polled.IsZero() && queue != f.deserted {
		response.Pollers = []*taskqueuepb.PollerInfo{{LastAccessTime: timestamppb.New(f.polled)}}
	}
	for _, identity := range f.workers[queue] {
		response.Pollers = append(response.Pollers, &taskqueuepb.PollerInfo{Identity: identity, LastAccessTime: timestamppb.Now()})
	}
	return response, f.reached()
}

func (w directServer) DeleteWorkflowExecution(
	_ context.Context, in *workflowservice.DeleteWorkflowExecutionRequest, _ ...grpc.CallOption,
) (*workflowservice.DeleteWorkflowExecutionResponse, error) {
	w.fake.mu.Lock()
	defer w.fake.mu.Unlock()
	w.fake.deleted = append(w.fake.deleted, in.Namespace+" "+in.WorkflowExecution.WorkflowId+" "+in.WorkflowExecution.RunId)
	return nil, serviceerror.NewPermissionDenied("not yours", "")
}

func (f *fakeTemporal) Close() {}

// asServer gives an error the form in which the client reports it: details encoded.
func asServer(err error) error {
	c := temporal.GetDefaultFailureConverter()
	return c.FailureToError(c.ErrorToFailure(err))
}

// console is what one execution printed and returned.
type console struct {
	code           int
	stdout, stderr string
}

func (c console) report(t *testing.T) lifecycle.Report {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(c.stdout)))
	decoder.DisallowUnknownFields()
	var report lifecycle.Report
	require.NoError(t, decoder.Decode(&report), c.stdout)
	require.False(t, decoder.More(), "more than one document on stdout")
	return report
}

// execute runs the program in the bubble of t against f.
func execute(ctx context.Context, f *fakeTemporal, args ...string) console {
	return executeOptions(ctx, f, Options{Args: args})
}

// executeTyping is execute at a terminal where typed is typed; without a terminal when that is empty.
func executeTyping(ctx context.Context, f *fakeTemporal, typed string, args ...string) console {
	at := typed != ""
	return executeOptions(ctx, f, Options{Args: args, Stdin: strings.NewReader(typed), StdinTerminal: at, StderrTerminal: at})
}

func executeOptions(ctx context.Context, f *fakeTemporal, o Options) console {
	var stdout, stderr bytes.Buffer
	if f == nil {
		// For what needs no Temporal: there is none.
		f = &fakeTemporal{dialErr: errors.New("no server in this test")}
	}
	f.begun = time.Now()
	for _, run := range []*fakeRun{f.run, f.next} {
		if run != nil {
			// Made here, so that it belongs to the bubble that the test may run in.
			run.canceled = make(chan struct{})
		}
	}
	o.Stderr = &stderr
	if o.Stdout == nil {
		o.Stdout = &stdout
	}
	if o.Stdin == nil {
		o.Stdin = bytes.NewReader(nil)
	}
	if o.Env == nil {
		o.Env = env{}
	}
	o.Dial = func(_ context.Context, options client.Options) (follow.Temporal, error) {
		f.dialled = options
		return f, f.dialErr
	}
	code := Execute(ctx, o)
	return console{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

type env = bundle.Env

// bubble runs a test with its own clock, which stands at noon of the day of the sample reports.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(sample.Noon))
		test(t)
	})
}
