package activities_test

import (
	"context"
	"net/http"
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
)

// imports are contents that are to become datasets.
func (b *bundle) imports(names ...string) activities.EnsureDatasetsInput {
	in := activities.EnsureDatasetsInput{Scope: scope()}
	for _, name := range names {
		in.Wanted = append(in.Wanted, activities.Wanted{
			Path: "training[0]", Data: lifecycle.Data{Name: name, Kind: "Language", ContentURL: b.url + "/files/text.txt"},
			Found: activities.DataFound{DisplayName: name, Kind: "Language", Content: "content of " + name, Marked: true},
		})
	}
	return in
}

// ensureAll runs the activity that makes them as a workflow does, and returns also what its heartbeats held.
func ensureAll(
	t *testing.T, doing *activities.Activities, in activities.EnsureDatasetsInput,
) (made activities.EnsuredDatasets, attempts int, beats []lifecycle.Pulse) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(day)
	activities.Register(env, doing)
	env.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { attempts++ })
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var p lifecycle.Pulse
		if err := details.Get(&p); err != nil {
			t.Error(err)
		}
		beats = append(beats, p)
	})
	env.ExecuteWorkflow(func(ctx workflow.Context) (made activities.EnsuredDatasets, err error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			ActivityID: "ensure-datasets", StartToCloseTimeout: time.Hour, HeartbeatTimeout: 45 * time.Second,
			RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Millisecond},
		})
		err = workflow.ExecuteActivity(ctx, "EnsureDatasets", in).Get(ctx, &made)
		return made, err
	})
	require.NoError(t, env.GetWorkflowError())
	require.NoError(t, env.GetWorkflowResult(&made))
	return made, attempts, beats
}

// When one of several creates fails, the next attempt makes only what is missing, and still knows what this run has made.
func TestOfSeveralDatasetsOnlyTheMissingAreMadeAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	held := b.dataset("held", made{marks: byRun("sr.content", "content of held")})
	_, err := b.service.InjectFault(emulator.Fault{Operation: "Datasets_Create", Kind: emulator.FaultStatus, Status: 503})
	require.NoError(t, err)
	b.confirm(nil)
	b.began = len(b.service.Requests())
	ensured, attempts, _ := ensureAll(t, b.doing, b.imports("one", "held", "two", "three"))
	require.Equal(t, 2, attempts)
	require.Len(t, ensured.Datasets, 4)
	ids := map[string]bool{}
	for i, d := range ensured.Datasets {
		require.Equal(t, i != 1, d.Created, "of %d", i)
		ids[d.ID] = true
	}
	require.Equal(t, held, ensured.Datasets[1].ID)
	require.Len(t, ids, 4)
	require.Equal(t, 4, b.posted("datasets"), "three, and the one that failed")
	names := 0
	for _, e := range b.service.Requests()[b.began:] {
		if e.Method == http.MethodGet && strings.HasSuffix(e.Path, "/datasets") && strings.Contains(e.Query, "displayName") {
			names++
		}
	}
	require.LessOrEqual(t, names, 4, "they look together")
}

// A refusal of one ends the step at once, whatever the others could still try.
func TestARefusedDatasetEndsTheStep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.imports("one", "two")
	in.Wanted[1].Data.Kind, in.Wanted[1].Found.Kind = "Nonsense", "Nonsense"
	_, err := b.service.InjectFault(emulator.Fault{Operation: "Datasets_Create", Kind: emulator.FaultStatus, Status: 503, Contains: `"one"`})
	require.NoError(t, err)
	failure, application := failureOf(t, b.run(b.doing.EnsureDatasets, in, nil))
	require.Equal(t, lifecycle.DatasetFailed, failure.Type)
	require.True(t, application.NonRetryable())
}

// apart runs something elsewhere, one after the other: what the service begins for itself belongs to no bubble of time.
func apart(t *testing.T) func(do func()) {
	work, done := make(chan func()), make(chan struct{})
	go func() {
		for do := range work {
			do()
			done <- struct{}{}
		}
	}()
	t.Cleanup(func() { close(work) })
	var mu sync.Mutex
	return func(do func()) {
		mu.Lock()
		defer mu.Unlock()
		work <- do
		<-done
	}
}

// One create of several that finds no room goes back. It says that nothing was sent only when that is so of all.
func TestSeveralCreatesGoBackTogether(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// sent is how many have found room before there is none.
		sent     int
		attempts int
		back     bool
	}{
		"none was sent": {0, 2, true},
		"one was sent":  {1, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.outside = apart(t)
			in := b.imports("one", "two")
			b.began = len(b.service.Requests())
			synctest.Test(t, func(t *testing.T) {
				client := b.narrow(t)
				runs := &confirming{knownRuns: b.runs}
				b.doing = b.activities(runs, client)
				// Five lists that many wait for are before them: 62.5 s.
				var crowd sync.WaitGroup
				none := func() { crowded(t, &crowd, client, 5) }
				if tt.sent > 0 {
					b.after(http.MethodPost, "datasets", none)
				} else {
					// After the look by name nothing is left but to create them.
					b.after(http.MethodGet, "datasets", func() { b.after(http.MethodGet, "datasets", none) })
				}
				ensured, attempts, beats := ensureAll(t, b.doing, in)
				crowd.Wait()
				time.Sleep(day)
				require.Equal(t, tt.attempts, attempts)
				require.Equal(t, 2, b.posted("datasets"))
				require.Len(t, runs.asked, 2)
				for _, d := range ensured.Datasets {
					require.True(t, d.Created)
				}
				wentBack := false
				for _, p := range beats {
					wentBack = wentBack || p.WentBack
				}
				require.Equal(t, tt.back, wentBack)
			})
		})
	}
}

// The first import that fails ends the wait for all.
func TestTheFirstFailedImportEndsTheWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := activities.AwaitDatasetsInput{Scope: scope()}
	for _, name := range []string{"hangs", "fails"} {
		id := b.dataset(name, made{marks: byRun("sr.content", "content of "+name), hangs: name == "hangs", fails: name == "fails"})
		in.Datasets = append(in.Datasets, activities.Importing{ID: id, Label: name})
	}
	b.advance(time.Hour)
	failure, application := failureOf(t, b.run(b.doing.AwaitDatasets, in, nil))
	require.Equal(t, lifecycle.DatasetFailed, failure.Type)
	require.True(t, application.NonRetryable())
	require.Equal(t, "fails", *failure.Object)
}
