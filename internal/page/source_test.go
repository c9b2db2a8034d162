package page

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/activities"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// temporal is a Temporal with schedules, and counts what it is asked. It starts nothing: whoever wants that panics.
type temporal struct {
	follow.Temporal

	mu        sync.Mutex
	schedules map[string]client.ScheduleDescription
	down      error
	// ended are retrains that have failed, all with failure.
	ended   []*workflowpb.WorkflowExecutionInfo
	failure error
	asked   map[string]int
}

func (f *temporal) count(what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[what]++
	return f.down
}

func (f *temporal) ScheduleClient() client.ScheduleClient { return scheduleClient{f: f} }

type scheduleClient struct {
	client.ScheduleClient

	f *temporal
}

func (c scheduleClient) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	if err := c.f.count("list of schedules"); err != nil {
		return nil, err
	}
	return &entries{ids: slices.Sorted(maps.Keys(c.f.schedules))}, nil
}

type entries struct{ ids []string }

func (e *entries) HasNext() bool { return len(e.ids) > 0 }

func (e *entries) Next() (*client.ScheduleListEntry, error) {
	id := e.ids[0]
	e.ids = e.ids[1:]
	entry := &client.ScheduleListEntry{ID: id}
	entry.WorkflowType.Name = workflows.TypeRenew
	return entry, nil
}

func (c scheduleClient) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return handle{f: c.f, id: id}
}

type handle struct {
	client.ScheduleHandle

	f  *temporal
	id string
}

func (h handle) Describe(context.Context) (*client.ScheduleDescription, error) {
	if err := h.f.count("schedule"); err != nil {
		return nil, err
	}
	d, there := h.f.schedules[h.id]
	if !there {
		return nil, serviceerror.NewNotFound("no such schedule")
	}
	return &d, nil
}

func (f *temporal) ListWorkflow(
	_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	answer := &workflowservice.ListWorkflowExecutionsResponse{}
	if strings.Contains(r.GetQuery(), "IN ('Failed'") {
		answer.Executions = f.ended
	}
	return answer, f.count("list of runs")
}

// failedRun is a run that has ended with an error.
type failedRun struct {
	client.WorkflowRun

	err error
}

func (r failedRun) Get(context.Context, any) error { return r.err }

func (f *temporal) GetWorkflow(context.Context, string, string) client.WorkflowRun {
	_ = f.count("end of a run")
	return failedRun{err: f.failure}
}

// schedule is that of a model on a queue.
func schedule(name, queue string) client.ScheduleDescription {
	request := fmt.Sprintf(`{"name": %q, "locale": "en-US", "training": [{"dataset": "words"}], "deploy": {"endpoint": "e-%s"}, "renew": {"before": "60d"}}`,
		name, name)
	return client.ScheduleDescription{Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{
		Workflow: workflows.TypeRenew, TaskQueue: queue, Args: []any{&commonpb.Payload{Data: []byte(request)}},
	}}}
}

// world is a source with what it reads.
type world struct {
	*Source
	temporal *temporal
	clock    time.Time
	rows     []lifecycle.Row
	away     error
	glances  int
	named    []lifecycle.ScheduledEndpoint
}

func newWorld(schedules map[string]client.ScheduleDescription, rows ...lifecycle.Row) *world {
	w := &world{temporal: &temporal{schedules: schedules, asked: map[string]int{}}, clock: noon, rows: rows}
	w.Source = NewSource(SourceOptions{
		Session: follow.Session{Temporal: w.temporal, Server: "here:7233", Namespace: "default"}, TaskQueue: "west", Now: func() time.Time { return w.clock },
		Glance: func(_ context.Context, scheduled []lifecycle.ScheduledEndpoint, atAll bool) (activities.Glance, error) {
			w.glances++
			w.named = scheduled
			if w.away != nil && !atAll {
				return activities.Glance{}, w.away
			}
			return activities.Glance{Rows: w.rows, Resource: "west.example", ObservedAt: noon, LookedAt: noon}, nil
		},
	})
	return w
}

// champion is what the service shows of a model that serves.
func champion(name string, days int) lifecycle.Row {
	return lifecycle.Row{Name: name, Locale: "en-US", ObservedAt: noon, Versions: []lifecycle.Version{{
		ID: name + "-1", DisplayName: name + " 2026-07-01 1a2b3c4d", Status: "Succeeded", State: lifecycle.StateChampion, CreatedAt: at(-300), ExpiresAt: at(days),
	}}}
}

// A retrain that failed before it had a version is told on every page that tells of its model: the service knows nothing of it.
func TestFailedRetrainsAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(map[string]client.ScheduleDescription{workflows.ScheduleID("desk"): schedule("desk", "west")}, champion("desk", 200), champion("fine", 200))
	w.temporal.ended = []*workflowpb.WorkflowExecutionInfo{{
		Execution: &commonpb.WorkflowExecution{WorkflowId: "retrain/desk", RunId: "run-9"}, Status: enumspb.WORKFLOW_EXECUTION_STATUS_FAILED,
		CloseTime: timestamppb.New(time.Now().Add(-time.Hour)), Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{"cause": {
			Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"expiry"`),
		}}},
	}}
	w.temporal.failure = sdk.NewNonRetryableApplicationError("no base model can be used", "NoUsableBaseModel", nil)
	s := &shown{Page: New(Options{Source: w.Source, Now: w.Now})}
	for _, path := range []string{"/", "/?show=needs", "/model/desk"} {
		page := s.get(path).Body.String()
		require.Contains(t, texts(page), "NoUsableBaseModel, no base model can be used", path)
		require.Contains(t, texts(page), "starter report desk", path)
		require.Contains(t, page, `href="`+runLink("retrain/desk", "run-9")+`"`, path)
		require.Contains(t, texts(page), "failed", path)
	}
	fleet := texts(s.get("/?show=needs").Body.String())
	require.Contains(t, fleet, "1 model needs a person")
	require.NotContains(t, fleet, "fine en-US")
	require.Equal(t, 1, w.temporal.asked["end of a run"])
}

// A view asks neither the service nor Temporal for anything while the last reading is young, and never starts a workflow; a
// schedule is described once, and seldom again.
func TestViewsCostNothing(t *testing.T) {
	t.Parallel()
	all := map[string]client.ScheduleDescription{}
	var rows []lifecycle.Row
	for i := range 200 {
		name := fmt.Sprintf("desk-%03d", i)
		all[workflows.ScheduleID(name)], rows = schedule(name, "west"), append(rows, champion(name, 200))
	}
	w := newWorld(all, rows...)
	pages := New(Options{Source: w.Source, Now: w.Now})
	s := &shown{Page: pages}
	for range 20 {
		require.Equal(t, http.StatusOK, s.get("/").Code)
		require.Equal(t, http.StatusOK, s.get("/model/desk-007").Code)
	}
	require.Equal(t, map[string]int{"list of schedules": 1, "schedule": 200, "list of runs": 3}, w.temporal.asked)
	require.Equal(t, 1, w.glances)
	require.Len(t, w.named, 200, "the listing is told which endpoints are meant")

	w.clock = noon.Add(20 * time.Second)
	s.get("/")
	require.Equal(t, map[string]int{"list of schedules": 2, "schedule": 200, "list of runs": 6}, w.temporal.asked, "no schedule is asked for again")
	w.clock = noon.Add(2 * time.Minute)
	s.get("/")
	require.Equal(t, 200+describedAtOnce, w.temporal.asked["schedule"], "only the oldest are")
	require.Contains(t, texts(s.get("/").Body.String()), "Temporal read 0s ago")
	w.clock = noon.Add(4 * time.Minute)
	require.Contains(t, texts(s.get("/").Body.String()), "schedules up to 4m00s old")

	delete(all, workflows.ScheduleID("desk-000"))
	all[workflows.ScheduleID("desk-new")] = schedule("desk-new", "west")
	w.clock = noon.Add(5 * time.Minute)
	require.Contains(t, texts(s.get("/?q=desk-new").Body.String()), "desk-new en-US", "a new one is described at once")
	require.Contains(t, texts(s.get("/?show=unscheduled").Body.String()), "desk-000")
}

// Models of other queues are on another resource: this worker says so, and what it knows.
func TestModelsOfOtherQueues(t *testing.T) {
	t.Parallel()
	w := newWorld(map[string]client.ScheduleDescription{
		workflows.ScheduleID("here"): schedule("here", "west"), workflows.ScheduleID("there"): schedule("there", "east"),
		workflows.ScheduleID("new"): schedule("new", "west"),
	}, champion("here", 200), champion("orphan", 100))
	s := &shown{Page: New(Options{Source: w.Source, Now: w.Now})}
	page := texts(s.get("/").Body.String())
	require.Contains(t, page, "there en-US task queue east Expires on another worker")
	require.Contains(t, page, "here en-US Expires 2027-02-17 in 200 days due ")
	require.Contains(t, texts(s.get("/model/there").Body.String()), "Checked on task queue east, by another worker")
	require.Contains(t, texts(s.get("/model/new").Body.String()), "No version serves yet")
	require.Contains(t, page, "orphan en-US Expires 2026-11-09 in 100 days")
	require.Equal(t, []string{"here", "new"}, namesOf(w.named), "the listing is not told of other resources")
}

func namesOf(scheduled []lifecycle.ScheduledEndpoint) []string {
	var names []string
	for _, s := range scheduled {
		names = append(names, s.Name)
	}
	return names
}

// Without the service the last look is shown, with its error; without Temporal what the service shows, and nobody is said to be
// needed for want of a schedule.
func TestHalfOfTheWorldIsAway(t *testing.T) {
	t.Parallel()
	schedules := map[string]client.ScheduleDescription{workflows.ScheduleID("desk"): schedule("desk", "west")}
	w := newWorld(schedules, champion("desk", 200))
	w.away = errors.New("connection refused")
	s := &shown{Page: New(Options{Source: w.Source, Now: w.Now})}
	got := s.get("/")
	require.Equal(t, http.StatusOK, got.Code)
	require.Contains(t, texts(got.Body.String()), "The service could not be read: what is shown of it is from the last time.")
	require.Contains(t, texts(got.Body.String()), "2027-02-17")

	w = newWorld(schedules, champion("desk", 200))
	w.temporal.down = serviceerror.NewUnavailable("connection refused")
	s = &shown{Page: New(Options{Source: w.Source, Now: w.Now})}
	got = s.get("/")
	require.Equal(t, http.StatusServiceUnavailable, got.Code)
	page := texts(got.Body.String())
	require.Contains(t, page, "Temporal could not be read: only what the service shows is here. cannot reach Temporal at here:7233")
	require.Contains(t, page, "2027-02-17")
	require.Contains(t, page, "Nothing needs a person")
	f, err := w.readFleet(t.Context())
	require.Error(t, err)
	for _, n := range f.Models[0].Needs {
		require.NotEqual(t, lifecycle.NeedSchedule, n.Kind)
	}
	w.temporal.down, w.temporal.schedules = nil, nil
	f, err = w.readFleet(t.Context())
	require.NoError(t, err)
	require.Equal(t, lifecycle.NeedSchedule, f.Models[0].Needs[0].Kind, "now it is known that there is none")
}

// What somebody has written into a mark is never part of a command to copy.
func TestNoCommandForWhatIsNoName(t *testing.T) {
	t.Parallel()
	needs := []lifecycle.Need{{Message: "it expires", Commands: []string{"starter run desk; rm -rf $HOME"}}}
	require.Empty(t, speakable("desk; rm -rf $HOME", needs)[0].Commands)
	require.Equal(t, needs, speakable("desk", needs))
	w := newWorld(nil, champion("desk; rm -rf $HOME", -3), champion("desk", -3))
	f, err := w.readFleet(t.Context())
	require.NoError(t, err)
	require.Len(t, f.Models, 2)
	for _, m := range f.Models {
		require.NotEmpty(t, m.Needs)
		for _, n := range m.Needs {
			require.NotContains(t, strings.Join(n.Commands, " "), "rm -rf")
			require.NotContains(t, n.Next, "rm -rf")
		}
	}
}
