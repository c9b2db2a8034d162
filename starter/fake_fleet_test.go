package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// fleetTemporal is a Temporal with schedules and running retrains, whose workers answer Observe and Plan. It counts
// what it is asked.
type fleetTemporal struct {
	*fakeTemporal

	// queues are those of the scheduled models.
	queues map[string]string
	paused map[string]bool
	// locales are those that their requests name, retrainLocales those that the running retrains show.
	locales, retrainLocales map[string]string
	// stages are those of the running retrains.
	stages map[string]string
	// row and plan answer for one model; rows, when there are some, for all that is asked.
	row  func(name string) lifecycle.Row
	rows []lifecycle.Row
	// pending are the activities of a workflow that have not ended; with unread the questions never end.
	pending func(id string) []*workflowpb.PendingActivityInfo
	unread  bool
	plan    func(request lifecycle.Request) (lifecycle.Plan, error)

	lists, describes, visibilities atomic.Int32
	mu                             sync.Mutex
	batches                        []batch
	planned                        map[string]json.RawMessage
	canceled                       []string
}

// batch is what one Observe was asked, and on which queue.
type batch struct {
	queue string
	names []string
}

var nextCheck = sample.At(20 * time.Hour)

func (f *fleetTemporal) ScheduleClient() client.ScheduleClient { return schedulesOf{fleet: f} }

type schedulesOf struct {
	client.ScheduleClient

	fleet *fleetTemporal
}

func (s schedulesOf) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	s.fleet.lists.Add(1)
	entries := &scheduleEntries{}
	for name := range s.fleet.queues {
		entry := &client.ScheduleListEntry{ID: workflows.ScheduleID(name)}
		entry.WorkflowType.Name = workflows.TypeRenew
		entries.rest = append(entries.rest, entry)
	}
	// Schedules of somebody else, and one by hand for what is no name of a model.
	other, odd := &client.ScheduleListEntry{ID: "backup"}, &client.ScheduleListEntry{ID: workflows.ScheduleID("No Name")}
	odd.WorkflowType.Name = workflows.TypeRenew
	entries.rest = append(entries.rest, other, odd)
	return entries, nil
}

type scheduleEntries struct{ rest []*client.ScheduleListEntry }

func (e *scheduleEntries) HasNext() bool { return len(e.rest) > 0 }

func (e *scheduleEntries) Next() (*client.ScheduleListEntry, error) {
	entry := e.rest[0]
	e.rest = e.rest[1:]
	return entry, nil
}

func (s schedulesOf) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return scheduleHandle{fleet: s.fleet, name: strings.TrimPrefix(id, workflows.ScheduleID(""))}
}

type scheduleHandle struct {
	client.ScheduleHandle

	fleet *fleetTemporal
	name  string
}

func (h scheduleHandle) Describe(context.Context) (*client.ScheduleDescription, error) {
	h.fleet.describes.Add(1)
	queue, there := h.fleet.queues[h.name]
	if !there {
		return nil, serviceerror.NewNotFound("schedule not found")
	}
	action := &client.ScheduleWorkflowAction{TaskQueue: queue}
	if locale := h.fleet.locales[h.name]; locale != "" {
		action.Args = []any{payload(map[string]string{"locale": locale})}
	}
	return &client.ScheduleDescription{
		Schedule: client.Schedule{Action: action, State: &client.ScheduleState{Paused: h.fleet.paused[h.name]}},
		Info:     client.ScheduleInfo{NextActionTimes: []time.Time{nextCheck}},
	}, nil
}

func (f *fleetTemporal) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.visibilities.Add(1)
	response := &workflowservice.ListWorkflowExecutionsResponse{}
	if r.GetQuery() != "WorkflowType = 'Retrain' AND ExecutionStatus = 'Running'" {
		return response, serviceerror.NewInvalidArgument("unknown query " + r.GetQuery())
	}
	for name, stage := range f.stages {
		info := &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: workflows.RetrainID(name), RunId: sample.RunID}}
		if stage != "" {
			value, err := converter.GetDefaultDataConverter().ToPayload(stage)
			if err != nil {
				return nil, err
			}
			info.SearchAttributes = &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"SpeechStage": value}}
			if locale := f.retrainLocales[name]; locale != "" {
				info.SearchAttributes.IndexedFields["SpeechLocale"] = payload(locale)
			}
		}
		response.Executions = append(response.Executions, info)
	}
	return response, nil
}

func (f *fleetTemporal) DescribeWorkflowExecution(_ context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	if f.pending == nil {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{PendingActivities: f.pending(id)}, nil
}

func (f *fleetTemporal) CancelWorkflow(_ context.Context, id, _ string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.canceled = append(f.canceled, id)
	return nil
}

// endless is a run that does not end.
type endless struct{ client.WorkflowRun }

func (endless) GetRunID() string { return "question-1" }

func (endless) Get(ctx context.Context, _ any) error {
	<-ctx.Done()
	return ctx.Err()
}

func (f *fleetTemporal) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	raw, err := json.Marshal(args[0])
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch workflow {
	case workflows.TypeObserve:
		var in workflows.ObserveInput
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, err
		}
		f.batches = append(f.batches, batch{queue: o.TaskQueue, names: in.Names})
		if f.unread {
			return endless{}, nil
		}
		rows := append([]lifecycle.Row{}, f.rows...)
		for _, name := range in.Names {
			if f.row == nil {
				break
			}
			rows = append(rows, f.row(name))
		}
		return answered{value: workflows.Observed{Rows: rows}}, nil
	case workflows.TypePlan:
		request, problems := decode.Request(raw)
		if len(problems) > 0 {
			return nil, serviceerror.NewInvalidArgument(problems[0].String())
		}
		if f.planned == nil {
			f.planned = map[string]json.RawMessage{}
		}
		f.planned[o.TaskQueue+" "+request.Name] = raw
		plan, err := f.plan(request)
		return answered{value: plan, err: err}, nil
	}
	return nil, serviceerror.NewInvalidArgument(fmt.Sprintf("nothing else is asked than Observe and Plan: %v", workflow))
}

// answered is a run that has ended.
type answered struct {
	client.WorkflowRun

	value any
	err   error
}

func (a answered) Get(_ context.Context, target any) error {
	if a.err != nil {
		return a.err
	}
	return through(a.value, target)
}

// executeFleet runs the program against f.
func executeFleet(t *testing.T, f *fleetTemporal, stdin string, args ...string) console {
	t.Helper()
	if f.fakeTemporal == nil {
		f.fakeTemporal = &fakeTemporal{}
	}
	var stdout, stderr bytes.Buffer
	code := Execute(t.Context(), Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Env: env{},
		Dial: func(context.Context, client.Options) (follow.Temporal, error) { return f, nil },
	})
	return console{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

func (a answered) GetRunID() string { return "observe-1" }
