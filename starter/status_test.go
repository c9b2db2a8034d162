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

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// fleetTemporal is a Temporal with schedules and running retrains, whose workers answer Observe and Plan. It counts
// what it is asked.
type fleetTemporal struct {
	*fakeTemporal

	// queues are those of the scheduled models.
	queues map[string]string
	paused map[string]bool
	// stages are those of the running retrains.
	stages map[string]string
	// row and plan answer for one model.
	row func(name string) lifecycle.Row
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

var nextCheck = at(20 * time.Hour)

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
	return &client.ScheduleDescription{
		Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{TaskQueue: queue}, State: &client.ScheduleState{Paused: h.fleet.paused[h.name]}},
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
		info := &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: workflows.RetrainID(name), RunId: runID}}
		if stage != "" {
			value, err := converter.GetDefaultDataConverter().ToPayload(stage)
			if err != nil {
				return nil, err
			}
			info.SearchAttributes = &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"SpeechStage": value}}
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
		rows := []lifecycle.Row{}
		for _, name := range in.Names {
			rows = append(rows, f.row(name))
		}
		return answered{value: rows}, nil
	case workflows.TypePlan:
		request, problems := workflows.DecodeRequest(raw)
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
		Dial: func(context.Context, client.Options) (Temporal, error) { return f, nil },
	})
	return console{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

// championRow is a model whose champion expires in 20 days.
func championRow(name string) lifecycle.Row {
	row := observed()[0]
	row.Name = name
	v := &row.Versions[0]
	v.DisplayName, v.State, v.ExpiresAt = name+" 2026-07-29 1a2b3c4d", lifecycle.StateChampion, lifecycle.Ptr(row.ObservedAt.Add(20*24*time.Hour))
	v.BaseModel = "20260401 Batch Transcription"
	return row
}

// A thousand models cost one listing, one look at each schedule, which alone tells the queue, and a question
// for each hundred of a queue.
func TestStatusOfAThousand(t *testing.T) {
	t.Parallel()
	f := &fleetTemporal{queues: map[string]string{}, row: championRow}
	for i := range 1000 {
		f.queues[fmt.Sprintf("m-%d", i)] = []string{"speech-retrainer", "west"}[i%2]
	}
	got := executeFleet(t, f, "", "status", "-o", "json")
	require.Equal(t, exitDone, got.code, got.stderr)
	var rows []statusRow
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	require.Len(t, rows, 1000)
	require.EqualValues(t, 1, f.lists.Load())
	require.EqualValues(t, 1, f.visibilities.Load())
	require.EqualValues(t, 1000, f.describes.Load())
	require.Len(t, f.batches, 10)
	for _, b := range f.batches {
		require.LessOrEqual(t, len(b.names), namesAtOnce)
		for _, name := range b.names {
			require.Equal(t, f.queues[name], b.queue)
		}
	}
	require.Equal(t, nextCheck, *rows[0].NextCheck)
}

func TestStatusWords(t *testing.T) {
	t.Parallel()
	f := &fleetTemporal{
		queues: map[string]string{"support-calls": "west", "support-calls-us-east": "west", "support-calls-us-west": "west"},
		paused: map[string]bool{"support-calls-us-west": true},
		stages: map[string]string{"support-calls": "train", "support-calls-us-east": "", "gone": "\x1b[31m"},
		row: func(name string) lifecycle.Row {
			if name == "gone" || name == "never-made" {
				return lifecycle.Row{Name: name, ObservedAt: at(0)}
			}
			row := championRow(name)
			if name == "support-calls-us-west" {
				row.Versions[0].Alarm = "expiring-30-2026-08-19; endpointUnknown-1a2b\x1b[31m"
			}
			return row
		},
	}
	got := executeFleet(t, f, "", "status", "support-calls", "support-calls-us-west", "support-calls-us-east", "never-made", "gone", "support-calls")
	require.Equal(t, exitDone, got.code, got.stderr)
	requireNarrow(t, got.stdout)
	require.NotContains(t, got.stdout, "\x1b")
	golden(t, "status-words", got.stdout)
	require.Zero(t, f.lists.Load(), "what was named needs no listing")
}

func TestStatusOfNothing(t *testing.T) {
	t.Parallel()
	f := &fleetTemporal{row: championRow}
	got := executeFleet(t, f, "", "status")
	require.Equal(t, exitDone, got.code, got.stderr)
	require.Equal(t, "no model has a schedule, and this installation has made no version yet\n", got.stdout)
	require.Contains(t, got.stderr, "starter run --file request.yaml")
	require.Equal(t, []batch{{queue: "speech-retrainer", names: []string{}}}, f.batches, "without schedules all is asked for")

	got = executeFleet(t, f, "", "status", "-o", "json")
	require.Equal(t, "[]\n", got.stdout)
}

func TestNamesAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"status", "support-calls", "Support Calls"}, {"history", "Support Calls"}, {"adopt", "Support Calls", "--version", versionID, "--by", "ann"},
	} {
		got := executeFleet(t, &fleetTemporal{row: championRow}, "", args...)
		require.Equal(t, exitRefused, got.code, args)
		require.Contains(t, got.stderr, `1 to 40`, args)
		require.Empty(t, got.stdout)
	}
}

// What serves is what expires, whoever made it and whatever is marked champion.
func TestStatusShowsWhatServes(t *testing.T) {
	t.Parallel()
	row := func(change func(*lifecycle.Row)) lifecycle.Row {
		r := championRow("support-calls")
		change(&r)
		return r
	}
	foreign := lifecycle.Model{ID: "f0f0", DisplayName: "by hand", Custom: true, BaseID: "b0b0", ExpiresAt: lifecycle.Ptr(at(5 * 24 * time.Hour))}
	earlier := championRow("support-calls").Versions[0]
	earlier.ID, earlier.State, earlier.ExpiresAt = "e1e1", lifecycle.StateRetired, lifecycle.Ptr(at(9*24*time.Hour))
	earlier.Tests = []lifecycle.ObservedTest{{WordErrorRate: lifecycle.Ptr(0.2)}}
	for _, tc := range []struct {
		name, running, version, note string
		row                          lifecycle.Row
		expires                      time.Time
		rate                         *float64
	}{
		{
			name: "the champion", version: versionID, expires: at(21 * 24 * time.Hour), rate: lifecycle.Ptr(0.112),
			row: row(func(r *lifecycle.Row) { r.Serving = &lifecycle.Model{ID: versionID} }),
		}, {
			name: "without endpoint", version: versionID, expires: at(21 * 24 * time.Hour), rate: lifecycle.Ptr(0.112),
			row: row(func(r *lifecycle.Row) { r.Endpoint = nil }),
		}, {
			name: "a model made by hand", version: "f0f0", expires: at(5 * 24 * time.Hour), note: "the endpoint serves this version, not support-calls 2026-07-29 1a2b3c4d",
			row: row(func(r *lifecycle.Row) { r.Serving = &foreign }),
		}, {
			name: "an earlier version, by hand", version: "e1e1", expires: at(9 * 24 * time.Hour), rate: lifecycle.Ptr(0.2), note: "which was promoted last",
			row: row(func(r *lifecycle.Row) {
				r.Versions, r.Serving = append(r.Versions, earlier), &lifecycle.Model{ID: "e1e1"}
			}),
		}, {
			name: "a candidate that is being deployed", running: runID, version: "e1e1", expires: at(9 * 24 * time.Hour), rate: lifecycle.Ptr(0.2),
			row: row(func(r *lifecycle.Row) {
				r.Versions, r.Serving = append(r.Versions, earlier), &lifecycle.Model{ID: "e1e1"}
			}),
		}, {
			name: "a model that is gone", version: versionID, expires: at(21 * 24 * time.Hour), rate: lifecycle.Ptr(0.112), note: "the bare base model",
			row: row(func(*lifecycle.Row) {}),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := newStatusRow(tc.row, scheduled{}, tc.running)
			require.Equal(t, tc.version, *got.VersionID)
			require.Equal(t, tc.expires, *got.ExpiresAt)
			require.Equal(t, tc.rate, got.WordErrorRate)
			if tc.note == "" {
				require.Nil(t, got.Note)
			} else {
				require.Contains(t, *got.Note, tc.note)
			}
		})
	}
}
