package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// scheduledFake has the schedules of a fleet of three, and a run that ends well.
func scheduledFake(t *testing.T) *fakeTemporal {
	t.Helper()
	k := ended(sample.Succeeded(), nil)
	path := deskOf(t, "", "support-calls", "support-desk", "other")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	text = []byte(strings.Replace(string(text), "  - name: support-calls\n", "  - name: support-calls\n    taskQueue: west\n    renew: {budget: {month: 1}}\n", 1))
	require.NoError(t, os.WriteFile(path, text, 0o600))
	k.applied(t, path)
	k.kept[workflows.ScheduleID("backup")] = &client.ScheduleDescription{
		Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{Workflow: "Backup"}},
	}
	return k
}

// A model of a fleet is run now with the request of its schedule, on its task queue.
func TestRunOfAModelOfAFleet(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, tc := range []struct {
			args  []string
			force bool
		}{{args: nil}, {args: []string{"--force"}, force: true}} {
			k := scheduledFake(t)
			stored := k.kept[workflows.ScheduleID("support-calls")].Schedule.Action.(*client.ScheduleWorkflowAction).Args[0]
			got := execute(t.Context(), k, append([]string{"run", "support-calls"}, tc.args...)...)
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Contains(t, got.stdout, "retrain/support-calls: succeeded")
			require.Equal(t, []string{"retrain/support-calls", "west"}, []string{k.started.ID, k.started.TaskQueue})
			require.Equal(t, workflows.TypeRetrain, k.workflow)
			require.Nil(t, k.started.Memo, "a person has started it: no cause binds it to budget, back-off or window")
			var sent, kept map[string]any
			require.NoError(t, json.Unmarshal(k.input, &sent))
			require.NoError(t, json.Unmarshal(stored.(*commonpb.Payload).GetData(), &kept))
			require.Equal(t, tc.force, sent["force"] == true)
			delete(sent, "force")
			require.Equal(t, kept, sent)
			require.Empty(t, k.did(), "the schedule stays as it is")
		}
	})
}

func TestForceOfARequest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "request.yaml")
	for _, text := range []string{"", "force: true\n", "force: false\n"} {
		require.NoError(t, os.WriteFile(path, []byte("name: solo\nlocale: en-US\nkeep: 3\ntraining: [{dataset: words}]\n"+text), 0o600))
		bubble(t, func(t *testing.T) {
			k := ended(sample.Succeeded(), nil)
			got := execute(t.Context(), k, "run", "-f", path, "--force", "--detach")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.JSONEq(t, `{"name": "solo", "locale": "en-US", "keep": 3, "training": [{"dataset": "words"}], "force": true}`, string(k.input))
		})
	}
}

func TestRunOfWhatHasNoSchedule(t *testing.T) {
	t.Parallel()
	k := scheduledFake(t)
	none := func(name string) string {
		return "starter: there is no schedule renew/" + name + " whose request could be run; "
	}
	for _, tc := range []struct {
		typed []string
		says  string
		class lifecycle.FailureClass
	}{
		{[]string{"run", "suport-calls"}, none("suport-calls") + "did you mean support-calls? Or name a request: starter run --file FILE", exit.NotFound},
		{[]string{"run", "zebra"}, none("zebra") + "see those that are there: starter status; or name a request: starter run --file FILE", exit.NotFound},
		{[]string{"run", "backup"}, none("backup"), exit.NotFound},
		{[]string{"run"}, "starter: say what to run: NAME, a model that has a schedule, or --file, the request in YAML or JSON; see", lifecycle.InvalidRequest},
		{[]string{"run", "other", "-f", "x"}, "starter: starter run takes NAME or --file, not both", lifecycle.InvalidRequest},
		{[]string{"run", "other", "--task-queue", "east"}, "starter: --task-queue goes with --file: the schedule of other has its own", lifecycle.InvalidRequest},
		{[]string{"run", "fleet.yaml"}, "did you mean: starter run --file fleet.yaml", lifecycle.InvalidRequest},
	} {
		got := execute(t.Context(), k, tc.typed...)
		require.Equal(t, exit.Refused, got.code, got.stderr)
		require.Contains(t, strings.Join(strings.Fields(got.stderr), " "), tc.says)
		require.Nil(t, k.started)
		got = execute(t.Context(), k, append(tc.typed, "-o", "json")...)
		require.Equal(t, tc.class, got.report(t).Error.Type)
	}
}

// A request that somebody has changed in the schedule by hand is checked as any other.
func TestRunOfABadRequestOfASchedule(t *testing.T) {
	t.Parallel()
	k := scheduledFake(t)
	k.kept[workflows.ScheduleID("other")].Schedule.Action.(*client.ScheduleWorkflowAction).Args = []any{payload(map[string]any{"name": "other"})}
	got := execute(t.Context(), k, "run", "other")
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "locale: is required")
	require.Contains(t, strings.Join(strings.Fields(got.stderr), " "), "the request of schedule renew/other was refused with 2 problems: nothing was started")
	require.Nil(t, k.started)
}

// A schedule made by hand may have been given the request of another model: that is not run in its name.
func TestRunOfAScheduleWithAnothersRequest(t *testing.T) {
	t.Parallel()
	k := scheduledFake(t)
	action := func(model string) *client.ScheduleWorkflowAction {
		return k.kept[workflows.ScheduleID(model)].Schedule.Action.(*client.ScheduleWorkflowAction)
	}
	action("other").Args = action("support-calls").Args
	got := execute(t.Context(), k, "run", "other")
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, strings.Join(strings.Fields(got.stderr), " "),
		"schedule renew/other has the request of support-calls: other itself is checked by nobody; give it its own with starter apply")
	require.Nil(t, k.started)
}

// The first apply over a schedule of an earlier version says what is new by default, the second has nothing to say.
func TestApplyTellsOnceWhatIsNew(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	path := deskOf(t, "", "one")
	got := execute(t.Context(), k, "apply", "--file", path)
	require.NotContains(t, got.stderr, "new by default", "nothing is new to a new schedule")
	k.kept["renew/one"].Schedule.Action.(*client.ScheduleWorkflowAction).Args = []any{payload(map[string]any{
		"name": "one", "locale": "en-US", "deploy": map[string]string{"endpoint": "one"}, "training": []map[string]string{{"dataset": "words"}},
	})}
	for _, args := range [][]string{{"--dry-run"}, nil} {
		got = execute(t.Context(), k, append([]string{"apply", "--file", path}, args...)...)
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.Contains(t, strings.Join(strings.Fields(got.stderr), " "), "one: applied with an earlier version; new by default")
		require.Contains(t, got.stdout, `input.renew.window: (none) -> "21d"`)
		sample.Narrow(t, got.stderr)
	}
	got = execute(t.Context(), k, "apply", "--file", path)
	require.NotContains(t, got.stderr, "new by default")
	require.Contains(t, got.stdout, "0 changed, 1 unchanged")
}
