package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/internal/lifecycle"
)

var start = time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)

// fake is a Temporal that remembers what a test says.
type fake struct {
	schedules []*client.ScheduleListEntry
	made      time.Time
	ended     []*workflowpb.WorkflowExecutionInfo
	running   []*workflowpb.WorkflowExecutionInfo
	retrained []*workflowpb.WorkflowExecutionInfo
	reports   map[string]lifecycle.Report
	pageSize  int
	down      bool
	// asked counts questions by kind.
	asked map[string]int
}

func (f *fake) ScheduleClient() client.ScheduleClient { return schedulesOf{f: f} }

// schedulesOf has what the watch calls; the rest panics.
type schedulesOf struct {
	client.ScheduleClient

	f *fake
}

type entries struct{ rest []*client.ScheduleListEntry }

func (e *entries) HasNext() bool { return len(e.rest) > 0 }

func (e *entries) Next() (*client.ScheduleListEntry, error) {
	first := e.rest[0]
	e.rest = e.rest[1:]
	return first, nil
}

func (s schedulesOf) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	s.f.asked["schedules"]++
	return &entries{rest: s.f.schedules}, nil
}

type handle struct {
	client.ScheduleHandle

	f *fake
}

func (s schedulesOf) GetHandle(context.Context, string) client.ScheduleHandle { return handle{f: s.f} }

func (h handle) Describe(context.Context) (*client.ScheduleDescription, error) {
	h.f.asked["describe"]++
	return &client.ScheduleDescription{Info: client.ScheduleInfo{CreatedAt: h.f.made}}, nil
}

func (f *fake) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	if f.down {
		return nil, errors.New("down")
	}
	if strings.HasSuffix(r.GetQuery(), "'Retrain' AND ExecutionStatus = 'Running'") {
		return &workflowservice.ListWorkflowExecutionsResponse{Executions: f.running}, nil
	}
	of, kind := f.ended, "checks"
	if strings.Contains(r.GetQuery(), "'Adopt') AND ExecutionStatus != 'Running'") {
		of, kind = f.retrained, "retrains"
	}
	f.asked[kind]++
	var since time.Time
	if _, after, is := strings.Cut(r.GetQuery(), "CloseTime > '"); is {
		var err error
		if since, err = time.Parse(time.RFC3339Nano, strings.TrimSuffix(after, "'")); err != nil {
			return nil, err
		}
	}
	var all []*workflowpb.WorkflowExecutionInfo
	for _, e := range of {
		if e.GetCloseTime().AsTime().After(since) {
			all = append(all, e)
		}
	}
	from := len(r.GetNextPageToken())
	to := min(from+f.pageSize, len(all))
	answer := &workflowservice.ListWorkflowExecutionsResponse{Executions: all[from:to]}
	if to < len(all) {
		answer.NextPageToken = make([]byte, to)
	}
	return answer, nil
}

type value struct {
	converter.EncodedValue

	report lifecycle.Report
}

func (v value) Get(to any) error {
	*to.(*lifecycle.Report) = v.report
	return nil
}

func (f *fake) QueryWorkflow(_ context.Context, _, run, _ string, _ ...any) (converter.EncodedValue, error) {
	f.asked["query"]++
	report, is := f.reports[run]
	if !is {
		return nil, errors.New("no worker")
	}
	return value{report: report}, nil
}

func payload(text string) *commonpb.Payload {
	p, err := converter.GetDefaultDataConverter().ToPayload(text)
	if err != nil {
		panic(err)
	}
	return p
}

func scheduled(id, owner string, paused bool) *client.ScheduleListEntry {
	e := &client.ScheduleListEntry{ID: id, Paused: paused}
	if owner != "" {
		e.Memo = &commonpb.Memo{Fields: map[string]*commonpb.Payload{"owner": payload(owner)}}
	}
	return e
}

func check(id, model string, status enumspb.WorkflowExecutionStatus, at time.Time) *workflowpb.WorkflowExecutionInfo {
	e := &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: id}, Status: status, CloseTime: timestamppb.New(at),
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{}},
	}
	if model != "" {
		e.SearchAttributes.IndexedFields["SpeechModel"] = payload(model)
	}
	return e
}

func world(t *testing.T) (*fake, *Watch, func(time.Duration)) {
	t.Helper()
	f := &fake{asked: map[string]int{}, pageSize: page, made: start.Add(-30 * 24 * time.Hour), reports: map[string]lifecycle.Report{}}
	w := New(f, "ours")
	now := start
	w.now = func() time.Time { return now }
	return f, w, func(by time.Duration) { now = now.Add(by) }
}

func (w *Watch) of(t *testing.T, model string) Check {
	t.Helper()
	for _, c := range w.State().Checks {
		if c.Model == model {
			return c
		}
	}
	require.Fail(t, "nothing is known of "+model)
	return Check{}
}

const (
	good   = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	failed = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
)

func TestTheLastGoodCheck(t *testing.T) {
	t.Parallel()
	f, w, pass := world(t)
	f.pageSize = 2
	f.schedules = []*client.ScheduleListEntry{
		scheduled("renew/desk", "ours", false), scheduled("renew/calls", "", true), scheduled("renew/never", "ours", false),
		scheduled("renew/secret-project", "theirs", false), scheduled("renew/Not a name", "ours", false), scheduled("backup", "ours", false),
	}
	f.ended = []*workflowpb.WorkflowExecutionInfo{
		check("renew/desk-2026-06-10T03:00:00Z", "", failed, start.Add(-9*time.Hour)),
		check("renew/desk-2026-06-09T03:00:00Z", "", good, start.Add(-33*time.Hour)),
		check("by-hand", "calls", good, start.Add(-time.Hour)),
		check("renew/calls-2026-06-10T03:00:00Z", "", enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, start.Add(-9*time.Hour)),
		check("renew/secret-project-2026-06-10T03:00:00Z", "", good, start.Add(-9*time.Hour)),
	}
	f.ended[2].SearchAttributes.IndexedFields["SpeechAlarm"] = payload("stuck")
	f.ended[2].SearchAttributes.IndexedFields["SpeechLocale"] = payload("en-US")
	require.Zero(t, w.State())
	require.NoError(t, w.Look(t.Context()))
	require.Len(t, w.State().Checks, 3, "of this owner, and what can be a name")
	require.Equal(t, Check{Model: "desk", GoodAt: start.Add(-33 * time.Hour), Failed: true}, w.of(t, "desk"))
	require.Equal(t, Check{Model: "calls", GoodAt: start.Add(-time.Hour), Alarm: "stuck", Locale: "en-US"}, w.of(t, "calls"))
	require.Equal(t, Check{Model: "never", GoodAt: f.made}, w.of(t, "never"), "no memory is no good check")
	require.Equal(t, 2, w.State().Active)
	require.Equal(t, 1, w.State().Paused)
	require.Equal(t, map[string]int{"schedules": 1, "checks": 3, "retrains": 1, "describe": 1}, f.asked)

	// A later look reads what is new, and forgets nothing that Temporal has forgotten.
	pass(time.Minute)
	f.ended = []*workflowpb.WorkflowExecutionInfo{check("renew/never-2026-06-10T12:00:00Z", "", good, start)}
	require.NoError(t, w.Look(t.Context()))
	require.Equal(t, start.Add(-33*time.Hour), w.of(t, "desk").GoodAt)
	require.Equal(t, Check{Model: "never", GoodAt: start}, w.of(t, "never"))
	require.Equal(t, map[string]int{"schedules": 2, "checks": 4, "retrains": 2, "describe": 1}, f.asked)

	// What was known stays when Temporal is away, and says how old it is.
	pass(time.Hour)
	f.down = true
	require.ErrorContains(t, w.Look(t.Context()), "the checks and the retrains that have ended")
	require.Equal(t, start.Add(time.Minute), w.State().At)
	require.Equal(t, start, w.of(t, "never").GoodAt)

	// Another worker, or this one after its restart, knows the same as far as Temporal remembers, and no better.
	f.down, f.ended = false, f.ended[:0]
	again := New(f, "ours")
	again.now = w.now
	require.NoError(t, again.Look(t.Context()))
	require.Equal(t, f.made, again.of(t, "desk").GoodAt)
}

// The newest retrain that has ended counts, however long ago that was, and until another one ends.
func TestTheLastRetrain(t *testing.T) {
	t.Parallel()
	f, w, pass := world(t)
	f.pageSize = 2
	ran := func(name string, status enumspb.WorkflowExecutionStatus, ago time.Duration) *workflowpb.WorkflowExecutionInfo {
		return check("retrain/"+name, "", status, start.Add(-ago))
	}
	for _, name := range []string{"desk", "calls", "stopped", "killed", "never", "taken"} {
		f.schedules = append(f.schedules, scheduled("renew/"+name, "ours", false))
	}
	f.retrained = []*workflowpb.WorkflowExecutionInfo{
		ran("stopped", enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED, time.Hour), ran("calls", good, 2*time.Hour), ran("calls", failed, 3*time.Hour),
		check("adopt/taken", "", good, start.Add(-time.Hour)), check("adopt/calls", "", failed, start.Add(-time.Hour)), ran("taken", failed, 4*time.Hour),
		ran("stopped", failed, 4*time.Hour), ran("unscheduled", failed, 5*time.Hour), ran("Not a name", failed, 5*time.Hour),
		ran("killed", enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, 6*time.Hour), ran("desk", failed, 40*24*time.Hour), ran("desk", good, 41*24*time.Hour),
	}
	bad := func() (names []string) {
		require.NoError(t, w.Look(t.Context()))
		for _, c := range w.State().Checks {
			if c.RetrainFailed {
				names = append(names, c.Model)
			}
		}
		slices.Sort(names)
		return names
	}
	require.Equal(t, []string{"desk", "killed"}, bad())
	require.Equal(t, 6, f.asked["retrains"], "pages of one list, for all models")
	pass(time.Hour)
	f.retrained = []*workflowpb.WorkflowExecutionInfo{ran("desk", good, -50*time.Minute), ran("calls", failed, -40*time.Minute)}
	require.Equal(t, []string{"calls", "killed"}, bad())
	require.Equal(t, 7, f.asked["retrains"])
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	f, w, pass := world(t)
	f.schedules = []*client.ScheduleListEntry{scheduled("renew/theirs", "theirs", false)}
	going := func(model, run, stage string) *workflowpb.WorkflowExecutionInfo {
		e := check("retrain/"+model, model, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, start)
		e.Execution.RunId = run
		if stage != "" {
			e.SearchAttributes.IndexedFields["SpeechStage"] = payload(stage)
		}
		return e
	}
	waits := func(kind lifecycle.WaitingKind, until time.Time) lifecycle.Report {
		return lifecycle.Report{WaitingFor: &lifecycle.Waiting{Kind: kind, Deadline: &until}}
	}
	f.running = []*workflowpb.WorkflowExecutionInfo{
		going("desk", "r1", "approval"), going("calls", "r2", "train"), going("plain", "r3", ""), going("theirs", "r4", "approval"), going("early", "r5", ""),
	}
	until := start.Add(2 * time.Hour)
	f.reports = map[string]lifecycle.Report{
		"r1": waits(lifecycle.WaitsForApproval, until), "r3": waits(lifecycle.WaitsForApproval, until), "r4": waits(lifecycle.WaitsForApproval, until),
		"r5": waits(lifecycle.WaitsForModel, until),
	}
	require.NoError(t, w.Look(t.Context()))
	require.ElementsMatch(t, []Question{{"desk", until}, {"plain", until}}, w.State().Questions)
	require.Equal(t, 3, f.asked["query"])
	pass(time.Minute)
	require.NoError(t, w.Look(t.Context()))
	require.Equal(t, 4, f.asked["query"], "only those that are not known")
	pass(2 * time.Hour)
	f.reports["r1"] = waits(lifecycle.WaitsForApproval, until.Add(time.Hour))
	f.running = f.running[:2]
	require.NoError(t, w.Look(t.Context()))
	require.Equal(t, []Question{{"desk", until.Add(time.Hour)}}, w.State().Questions, "it asks a second time")
}

// A namespace with more schedules than a page can show is told of as far as that, and says so.
func TestModelsAreBounded(t *testing.T) {
	t.Parallel()
	f, w, _ := world(t)
	for i := range MostModels + 3 {
		f.schedules = append(f.schedules, scheduled(fmt.Sprint("renew/m-", i), "ours", false))
	}
	// What needs somebody has the last names, and was checked when all others were.
	for i := range MostModels + 3 {
		f.ended = append(f.ended, check(fmt.Sprint("by-hand-", i), fmt.Sprint("m-", i), good, start.Add(-time.Hour)))
	}
	for _, name := range []string{"z-alarm", "z-failed", "z-retrain", "z-late", "z-fine"} {
		f.schedules = append(f.schedules, scheduled("renew/"+name, "ours", false))
		f.ended = append(f.ended, check("by-hand-"+name, name, good, start.Add(-time.Hour)))
	}
	f.ended[len(f.ended)-2].CloseTime = timestamppb.New(start.Add(-50 * time.Hour))
	f.ended[len(f.ended)-5].SearchAttributes.IndexedFields["SpeechAlarm"] = payload("stuck")
	f.ended = append(f.ended, check("by-hand-again", "z-failed", failed, start.Add(-time.Minute)))
	f.retrained = append(f.retrained, check("retrain/z-retrain", "", failed, start.Add(-time.Minute)))
	require.NoError(t, w.Look(t.Context()))
	require.Len(t, w.State().Checks, MostModels)
	require.Equal(t, 8, w.State().LeftOut)
	first := make([]string, 5)
	for i := range first {
		first[i] = w.State().Checks[i].Model
	}
	require.Equal(t, []string{"z-retrain", "z-failed", "z-alarm", "z-late", "m-0"}, first)
	require.LessOrEqual(t, f.asked["describe"], mostAsked)
}
