package activities_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// confirming is a Temporal that is asked before a POST whether it waits for the attempt.
type confirming struct {
	*knownRuns
	asked []lifecycle.Pulse
	says  error
}

func (c *confirming) Alive(_ context.Context, task []byte, p lifecycle.Pulse) error {
	if len(task) == 0 {
		return errors.New("which attempt?")
	}
	c.asked = append(c.asked, p)
	return c.says
}

// looks are the lists of versions that the activity has asked for: what changed, or whole.
func (b *bundle) looks() []string {
	var looks []string
	for _, e := range b.service.Requests()[b.began:] {
		if e.Method != http.MethodGet || e.Path != "/speechtotext/models" {
			continue
		}
		if strings.Contains(e.Query, "lastActionDateTime") {
			looks = append(looks, "changes")
		} else {
			looks = append(looks, "whole")
		}
	}
	return looks
}

// confirm makes the activities of the bundle ask a Temporal that says what it is told.
func (b *bundle) confirm(says error) *confirming {
	c := &confirming{knownRuns: b.runs, says: says}
	b.doing = b.activities(c, b.hand)
	return c
}

func (b *bundle) activities(runs activities.Runs, client *speech.Client) *activities.Activities {
	return activities.New(activities.Options{Speech: client, Owner: "ours", ListLag: lag, Pace: time.Millisecond, Runs: runs, Now: b.service.Now})
}

// Before a POST Temporal is asked whether it still waits for the attempt: a worker whose heartbeats it does not answer,
// and one whose attempt it has given up, sends none.
func TestNoPostUnconfirmed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		says   error
		class  string
		benign bool
	}{
		"it does not answer":          {context.DeadlineExceeded, "Unavailable", false},
		"it has given the attempt up": {errors.New("activity execution already completed"), "Unavailable", false},
		"an operator paused the step": {activity.ErrActivityPaused, activities.HandedOver, true},
		"an operator has reset it":    {activity.ErrActivityReset, activities.HandedOver, true},
		"the run is to be canceled":   {temporal.NewCanceledError(), "", false},
		"it waits for the attempt":    {nil, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			temporalSide := b.confirm(tt.says)
			in := b.training(scope(), "desk")
			err := b.run(b.doing.CreateVersion, in, nil)
			require.Equal(t, []lifecycle.Pulse{{Attempt: 1}}, temporalSide.asked, "once, with what replaces an earlier attempt's")
			if tt.says == nil {
				require.NoError(t, err)
				require.Equal(t, 1, b.posted("models"))
				return
			}
			require.Error(t, err)
			require.Zero(t, b.posted("models"))
			if tt.class == "" {
				require.True(t, temporal.IsCanceledError(err), err)
				return
			}
			var application *temporal.ApplicationError
			require.ErrorAs(t, err, &application)
			require.Equal(t, tt.class, application.Type())
			require.False(t, application.NonRetryable())
			require.Equal(t, tt.benign, application.Category() == temporal.ApplicationErrorCategoryBenign)
		})
	}
}

// What an earlier attempt has left in its heartbeat tells whether there was one, however attempts are counted.
func TestWhatAnEarlierAttemptLeft(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		left  any
		looks []string
	}{
		"nothing":                          {nil, []string{"whole"}},
		"a heartbeat":                      {lifecycle.Pulse{Attempt: 3}, []string{"whole", "changes", "changes"}},
		"it went back, and was then reset": {lifecycle.Pulse{Attempt: 3, WentBack: true}, []string{"whole", "changes", "changes"}},
		"the attempt before went back":     {lifecycle.Pulse{Attempt: 0, WentBack: true}, []string{"whole"}},
		"what nobody can read":             {[]string{"?"}, []string{"whole", "changes", "changes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := b.training(scope(), "desk")
			b.confirm(nil)
			b.began = len(b.service.Requests())
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			if tt.left != nil {
				env.SetHeartbeatDetails(tt.left)
			}
			activities.Register(env, b.doing)
			_, err := env.ExecuteActivity(b.doing.CreateVersion, in)
			require.NoError(t, err)
			require.Equal(t, tt.looks, b.looks())
			require.Equal(t, 1, b.posted("models"))
		})
	}
}

// day is longer than the crawl goes on when nobody looks.
const day = 24 * time.Hour

// direct is the way to a handler without a network, for tests on a virtual clock.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI = r.URL.RequestURI()
	answer := httptest.NewRecorder()
	d.handler.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// narrow is a client that may send a request every 12.5 seconds, beside the network.
func (b *bundle) narrow(t *testing.T) *speech.Client {
	t.Helper()
	client, err := speech.New(speech.Config{
		Access:    resource.Access{Endpoint: "https://calls.example", Key: "ours", QuotaShare: resource.MinQuotaShare},
		Transport: direct{b}, StartEmpty: true,
	})
	require.NoError(t, err)
	return client
}

// crowded asks for n lists that many wait for, which go before anything else.
func crowded(t *testing.T, crowd *sync.WaitGroup, client *speech.Client, n int) {
	for range n {
		crowd.Go(func() {
			_, _, err := client.ListEndpoints(speech.WithPriority(t.Context(), speech.PriorityWatch), speech.Filter{})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A wait whose looks find no turn heartbeats all the same, and keeps what it knows.
func TestAWaitForATurnHeartbeats(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.trained("desk", b.version("desk", made{}))
	synctest.Test(t, func(t *testing.T) {
		client := b.narrow(t)
		var crowd sync.WaitGroup
		crowded(t, &crowd, client, 40) // 8 minutes
		synctest.Wait()
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.SetTestTimeout(day)
		activities.Register(env, b.activities(b.runs, client))
		env.SetHeartbeatDetails(activities.Progress{Status: "Running", Polls: 7, Since: time.Now()})
		last, longest, beats, fewest := time.Now(), time.Duration(0), 0, 7
		env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
			var p activities.Progress
			if err := details.Get(&p); err != nil {
				t.Error(err)
			}
			longest, last = max(longest, time.Since(last)), time.Now()
			fewest = min(fewest, p.Polls)
			beats++
		})
		_, err := env.ExecuteActivity("AwaitVersion", in)
		require.NoError(t, err)
		require.Greater(t, beats, 10)
		require.Less(t, longest, time.Minute, "its heartbeat time-out")
		require.Equal(t, 7, fewest, "what it knew")
		crowd.Wait()
		time.Sleep(day) // nobody looks, so the crawl ends
	})
}

// What has ended within seconds has told Temporal nothing on the way: each heartbeat is a write of its server, and an
// action on a bill.
func TestWhatEndsAtOnceDoesNotHeartbeat(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.version("desk", made{})
	synctest.Test(t, func(t *testing.T) {
		client, err := speech.New(speech.Config{Access: resource.Access{Endpoint: "https://calls.example", Key: "ours"}, Transport: direct{b}})
		require.NoError(t, err)
		for name, in := range map[string]any{"AwaitVersion": b.trained("desk", id), "FindVersion": activities.AwaitInput{Scope: scope(), ID: id}} {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			activities.Register(env, b.activities(b.runs, client))
			beats := 0
			env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { beats++ })
			_, err := env.ExecuteActivity(name, in)
			require.NoError(t, err, name)
			require.Zero(t, beats, name)
		}
		time.Sleep(day) // nobody looks, so the crawl ends
	})
}

// The activities of the oldest run take their turns first.
func TestTheOldestRunGoesFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.version("v", made{})
	synctest.Test(t, func(t *testing.T) {
		client := b.narrow(t)
		doing := b.activities(b.runs, client)
		var crowd sync.WaitGroup
		var mu sync.Mutex
		var order []string
		crowded(t, &crowd, client, 1)
		for _, run := range []struct {
			name string
			ago  time.Duration
		}{{"an hour", time.Hour}, {"a minute", time.Minute}, {"a day", day}} {
			s := scope()
			s.Began = time.Now().Add(-run.ago)
			crowd.Go(func() {
				var suite testsuite.WorkflowTestSuite
				env := suite.NewTestActivityEnvironment()
				env.SetTestTimeout(day)
				activities.Register(env, doing)
				_, err := env.ExecuteActivity("FindVersion", activities.AwaitInput{Scope: s, ID: id})
				mu.Lock()
				defer mu.Unlock()
				order = append(order, run.name)
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		crowd.Wait()
		require.Equal(t, []string{"a day", "an hour", "a minute"}, order)
		time.Sleep(day)
	})
}

// A create that waits 45 s for its turn goes back before its POST. The attempt right after it counts as first, unless an
// attempt before may have sent something.
func TestACreateThatFindsNoRoomGoesBack(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// lost is that the answer to the first POST is lost, and only then there is no room.
		lost     bool
		attempts int
		looks    []string
	}{
		// What was listed is older than a minute at the second attempt.
		"at the first attempt": {false, 2, []string{"whole", "changes"}},
		// The second and the third look twice, afresh.
		"after a lost answer": {true, 3, []string{"whole", "changes", "changes", "changes", "changes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := b.training(scope(), "desk")
			if tt.lost {
				_, err := b.service.InjectFault(emulator.Fault{Operation: "Models_Create", Kind: emulator.FaultStatus, Status: 503})
				require.NoError(t, err)
			}
			b.began = len(b.service.Requests())
			synctest.Test(t, func(t *testing.T) { goesBack(t, b, in, tt.lost, tt.attempts, tt.looks) })
		})
	}
}

func goesBack(t *testing.T, b *bundle, in activities.VersionInput, lost bool, attempts int, looks []string) {
	client := b.narrow(t)
	runs := &confirming{knownRuns: b.runs}
	b.doing = b.activities(runs, client)

	// From the moment at which the create asks for its turn, five lists that many wait for are before it: 62.5 s.
	var crowd sync.WaitGroup
	none := func() { crowded(t, &crowd, client, 5) }
	if lost {
		b.after(http.MethodPost, "models", func() {
			b.after(http.MethodGet, "models", func() { b.after(http.MethodGet, "models", none) })
		})
	} else {
		b.after(http.MethodGet, "models", none)
	}

	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(day)
	activities.Register(env, b.doing)
	started, waited := 0, time.Duration(0)
	env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		started++
		require.Equal(t, started, int(info.Attempt))
	})
	began := time.Now()
	var beats []lifecycle.Pulse
	last, longest := began, time.Duration(0)
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var p lifecycle.Pulse
		if err := details.Get(&p); err != nil {
			t.Error(err)
		}
		beats = append(beats, p)
		longest, last = max(longest, time.Since(last)), time.Now()
	})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			ActivityID: "create-version", StartToCloseTimeout: time.Hour, HeartbeatTimeout: 45 * time.Second,
			RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Millisecond},
		})
		return workflow.ExecuteActivity(ctx, "CreateVersion", in).Get(ctx, nil)
	})
	waited = time.Since(began)
	crowd.Wait()
	looked := b.looks()
	time.Sleep(day)
	require.NoError(t, env.GetWorkflowError())
	require.Equal(t, attempts, started)
	require.Equal(t, looks, looked)
	posts := 1
	if lost {
		posts = 2
	}
	require.Equal(t, posts, b.posted("models"))
	require.Len(t, runs.asked, posts, "an attempt that goes back asks nothing")
	require.Less(t, waited, 10*time.Minute)
	require.Less(t, longest, 40*time.Second, "well within its heartbeat time-out")
	require.Contains(t, beats, lifecycle.Pulse{Attempt: attempts - 1, WentBack: !lost})
}
