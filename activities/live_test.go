package activities_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// busy is a Temporal that takes its time to tell what schedules and runs name.
type busy struct {
	*knownRuns
	live func()
}

func (b busy) Live(context.Context) ([]lifecycle.LiveRequest, error) {
	b.live()
	return nil, nil
}

// Whoever asks Temporal what schedules and runs name heartbeats, and so does who waits for that answer: with thousands of
// schedules it takes longer than a heartbeat's time-out.
func TestWhoAsksForWhatIsNamedHeartbeats(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dataset("text", made{marks: byRun()})
	synctest.Test(t, func(t *testing.T) {
		client, err := speech.New(speech.Config{
			Access: resource.Access{Endpoint: "https://calls.example", Key: "ours"}, Transport: direct{b},
		})
		require.NoError(t, err)
		doing := b.activities(busy{b.runs, func() { time.Sleep(5 * time.Minute) }}, client)
		var asking sync.WaitGroup
		for range 2 {
			asking.Go(func() {
				var suite testsuite.WorkflowTestSuite
				env := suite.NewTestActivityEnvironment()
				env.SetTestTimeout(day)
				activities.Register(env, doing)
				last, longest := time.Now(), time.Duration(0)
				beats := func() { longest, last = max(longest, time.Since(last)), time.Now() }
				env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { beats() })
				if _, err := env.ExecuteActivity("ObserveModels", activities.ObserveInput{Scope: scope(), Datasets: true}); err != nil {
					t.Error(err)
				}
				if beats(); longest > 30*time.Second {
					t.Errorf("no heartbeat for %s", longest)
				}
			})
		}
		asking.Wait()
		time.Sleep(day) // nobody looks, so the crawl ends
	})
}

// Who waits for another's question to Temporal ends when its run is canceled.
func TestWhoWaitsForWhatIsNamedCanBeCanceled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dataset("text", made{marks: byRun()})
	asked, answer := make(chan struct{}), make(chan struct{})
	b.doing = b.activities(busy{b.runs, sync.OnceFunc(func() { close(asked); <-answer })}, b.hand)
	observe := func(ctx context.Context) error {
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.SetWorkerOptions(worker.Options{BackgroundActivityContext: ctx})
		activities.Register(env, b.doing)
		_, err := env.ExecuteActivity("ObserveModels", activities.ObserveInput{Scope: scope(), Datasets: true})
		return err
	}
	first := make(chan error)
	go func() { first <- observe(t.Context()) }()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error)
	go func() { second <- observe(ctx) }()
	cancel()
	require.Error(t, <-second)
	close(answer)
	require.NoError(t, <-first)
}

// crowdedTemporal has n schedules and as many retrains that go on; each answer takes as long as one over a network.
type crowdedTemporal struct {
	client.Client
	n int
}

const answerTime = 30 * time.Millisecond

func (c crowdedTemporal) ScheduleClient() client.ScheduleClient { return crowdedSchedules{n: c.n} }

func (c crowdedTemporal) ListWorkflow(
	context.Context, *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	list := &workflowservice.ListWorkflowExecutionsResponse{}
	for i := range c.n {
		list.Executions = append(list.Executions, &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: fmt.Sprint(i)}})
	}
	return list, nil
}

func (c crowdedTemporal) GetWorkflowHistory(_ context.Context, id, _ string, _ bool, _ enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return &goingOn{name: "run " + id}
}

type goingOn struct {
	name string
	read bool
}

func (g *goingOn) HasNext() bool { return !g.read }

func (g *goingOn) Next() (*historypb.HistoryEvent, error) {
	time.Sleep(answerTime)
	g.read = true
	started := &historypb.WorkflowExecutionStartedEventAttributes{Input: &commonpb.Payloads{Payloads: []*commonpb.Payload{named(g.name)}}}
	return &historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: started,
	}}, nil
}

func named(name string) *commonpb.Payload {
	return &commonpb.Payload{Data: fmt.Appendf(nil, `{"name": %q}`, name)}
}

type crowdedSchedules struct {
	client.ScheduleClient
	n int
}

func (c crowdedSchedules) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	return &scheduleList{n: c.n}, nil
}

func (c crowdedSchedules) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return schedule{id: id}
}

type scheduleList struct{ n, at int }

func (l *scheduleList) HasNext() bool { return l.at < l.n }

func (l *scheduleList) Next() (*client.ScheduleListEntry, error) {
	l.at++
	return &client.ScheduleListEntry{ID: lifecycle.ScheduleID(fmt.Sprint(l.at - 1))}, nil
}

type schedule struct {
	client.ScheduleHandle
	id string
}

func (s schedule) Describe(context.Context) (*client.ScheduleDescription, error) {
	time.Sleep(answerTime)
	return &client.ScheduleDescription{Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{Args: []any{named(s.id)}}}}, nil
}

// What schedules and runs name is asked for side by side: a thousand of each take seconds, and come in their order.
func TestAThousandSchedulesAreReadSideBySide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 1000
		began := time.Now()
		live, err := activities.TemporalRuns(crowdedTemporal{n: many}).Live(t.Context())
		require.NoError(t, err)
		require.Less(t, time.Since(began), 2*many*answerTime/10)
		require.Len(t, live, 2*many)
		for i := range many {
			require.Equal(t, lifecycle.ScheduleID(fmt.Sprint(i)), live[i].Name)
			require.Equal(t, fmt.Sprintf("run %d", i), live[many+i].Name)
		}
	})
}
