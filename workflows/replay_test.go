package workflows_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/workflows"
)

// histories are recorded by `make histories`, with search attributes and without.
const histories = "testdata/histories"

func recorded(t *testing.T) map[string]*historypb.History {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(histories, "*.json"))
	require.NoError(t, err)
	all := map[string]*historypb.History{}
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		history, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
		require.NoError(t, err, file)
		require.NoError(t, f.Close())
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = history
	}
	return all
}

// replayer has no watch for deadlocks, which counts the time of the machine: the test has one of its own.
func replayer(t *testing.T, register func(workflows.Registry)) worker.WorkflowReplayer {
	t.Helper()
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableDeadlockDetection: true})
	require.NoError(t, err)
	register(r)
	return r
}

// replay runs a history through the code. The workflow's ID matters: a retrain refuses any but its own.
func replay(r worker.WorkflowReplayer, history *historypb.History) error {
	started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	return r.ReplayWorkflowHistoryWithOptions(nil, history, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: started.GetWorkflowId(), RunID: started.GetOriginalExecutionRunId()},
	})
}

// asShipped registers the workflows as a worker does. Whether search attributes may be used is read from the history.
func asShipped(r workflows.Registry) { workflows.Register(r, workflows.Options{}) }

// Runs that wait for days meet newer code: it must make the same decisions from the same history.
func TestReplay(t *testing.T) {
	t.Parallel()
	all := recorded(t)
	for _, path := range []string{
		"success", "full", "success-next", "success-without-endpoint", "rejection", "approval", "approval-rejected", "approval-timeout", "failure-training",
		"failure-import", "failure-deployment", "failure-evaluation", "failure-request", "notification", "cancel", "sweep", "rollback", "evaluate", "adopt",
		"renew-started", "renew-current", "plan", "plans", "observe", "doctor",
	} {
		require.Contains(t, all, path)
		require.Contains(t, all, path+"-without-attributes")
	}
	for name, history := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, replay(replayer(t, asShipped), history))
		})
	}
}

// Attributes are set in the one half of the histories and not in the other: else half of them would prove nothing.
func TestHistoriesWithAndWithoutAttributes(t *testing.T) {
	t.Parallel()
	for name, history := range recorded(t) {
		upserts := 0
		for _, e := range history.GetEvents() {
			if e.GetUpsertWorkflowSearchAttributesEventAttributes() != nil {
				upserts++
			}
		}
		switch {
		case strings.HasSuffix(name, "-without-attributes"):
			require.Zero(t, upserts, name)
		case name != "observe" && name != "doctor" && name != "plan" && name != "plans" && name != "sweep":
			require.Positive(t, upserts, name)
		}
	}
}

// A run costs Temporal few events: a full path (training data by contentUrl, two tests, a project, an endpoint) at most
// these, whatever steps of it side by side end at once.
func TestAFullPathHasFewEvents(t *testing.T) {
	t.Parallel()
	all := recorded(t)
	require.LessOrEqual(t, len(all["full"].GetEvents()), 190)
	upserts := 0
	for _, e := range all["full"].GetEvents() {
		if e.GetUpsertWorkflowSearchAttributesEventAttributes() != nil {
			upserts++
		}
	}
	require.Equal(t, 6, upserts, "at its start and its end, and where it can stay: data, train, evaluate, deploy")
}

// The replay test must be able to fail: with code that does one thing more, and with a history in which one thing
// was another.
func TestReplayFindsWhatChanged(t *testing.T) {
	t.Parallel()
	for name, history := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Error(t, replay(replayer(t, oneStepMore), history), "code that waits first")
			changed := 0
			for _, e := range history.GetEvents() {
				if a := e.GetActivityTaskScheduledEventAttributes(); a != nil {
					a.ActivityType.Name += "Renamed"
					changed++
				}
			}
			if changed > 0 {
				require.Error(t, replay(replayer(t, asShipped), history), "other activities")
			}
		})
	}
}

// oneStepMore registers workflows that wait before they do what they do.
func oneStepMore(r workflows.Registry) { workflows.Register(delayed{r}, workflows.Options{}) }

type delayed struct{ workflows.Registry }

// RegisterWorkflowWithOptions registers a workflow with a timer before it.
func (d delayed) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) {
	d.Registry.RegisterWorkflowWithOptions(func(ctx workflow.Context, _ json.RawMessage) (json.RawMessage, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		var a *activities.Activities
		return nil, workflow.ExecuteActivity(ctx, a.CheckService, activities.Scope{}).Get(ctx, nil)
	}, o)
}

// Nothing in a committed history says who recorded it, and where.
func TestHistoriesAreAnonymous(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(histories, "*.json"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NotContains(t, string(text), "@"+host, file)
	}
}
