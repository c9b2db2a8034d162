package workflows_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// TestALostAnswerLeavesOneObject breaks the connection around every create, and the looks after it.
func TestALostAnswerLeavesOneObject(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"Projects_Create", "Datasets_Create", "Models_Create"} {
		for _, kind := range []string{
			emulator.FaultDropAfter, emulator.FaultDropBefore, emulator.FaultStatusAfter,
			emulator.FaultTruncate, emulator.FaultHTML, emulator.FaultGarbage,
		} {
			t.Run(operation+" "+kind, func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				_, err := b.service.InjectFault(emulator.Fault{Operation: operation, Kind: kind, Status: 502})
				require.NoError(t, err)
				report, err := b.retrain(func(r map[string]any) { r["project"] = "Wind farm" })
				require.NoError(t, err)
				require.Equal(t, lifecycle.Succeeded, report.Outcome)
				require.Equal(t, 1, b.service.Faults()[0].Hits, "the fault was met")
				for _, object := range []string{"project", "dataset", "model"} {
					require.Len(t, b.service.Objects(object), 1, object)
				}
			})
		}
	}
}

// TestATwinIsFoundAtTheEndOfTheStage lets a second version of the same run appear while the first trains,
// as a create that was on its way when its worker died.
func TestATwinIsFoundAtTheEndOfTheStage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	twin := ""
	b.OnActivityStarted("AwaitVersion", func() {
		own := b.models()[0]
		made, _, err := b.client().CreateModel(t.Context(), speech.NewModel{
			DisplayName: own.DisplayName, Locale: own.Locale, BaseModel: own.BaseModel, Datasets: own.Datasets, CustomProperties: own.CustomProperties,
		})
		require.NoError(t, err)
		twin = made.ID()
	})
	report, err := b.retrain(nil)
	require.NoError(t, err)
	require.NotEmpty(t, twin)
	var live []string
	for _, m := range b.models() {
		if m.CustomProperties["sr.state"] != "abandoned" {
			live = append(live, m.ID())
		}
	}
	require.Equal(t, []string{report.Version.ID}, live, "one of the two counts, the other is deleted or left to the sweep")
	require.Equal(t, lifecycle.StateChampion, report.Version.State)
}

func TestCancelEndsTheRunAndSweepsUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "training", Hang: true}))
	b.OnActivityStarted("AwaitVersion", func() {
		b.runs.states = map[string]lifecycle.RunState{"default-test-run-id": lifecycle.RunCanceled}
		require.NoError(t, b.service.Finish(b.models()[0].ID(), "", ""))
		b.CancelWorkflow()
	})
	report, err := b.retrain(nil)
	require.Error(t, err)
	require.Equal(t, lifecycle.Canceled, report.Outcome)
	require.Equal(t, lifecycle.StageTrain, *report.Stage)
	require.Contains(t, report.Notes, "what this run leaves behind is removed by workflow sweep/desk")
	require.NotEmpty(t, report.Version.ID)

	sweep := b.again()
	sweep.SetStartWorkflowOptions(startOptions("sweep/desk"))
	sweep.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
	var swept workflows.SweepReport
	require.NoError(t, sweep.GetWorkflowResult(&swept))
	require.Empty(t, swept.Waiting)
	require.Empty(t, b.models())
}

// TestACancelWhileTestingSweepsTheEvaluationToo cancels a run whose version is being measured: the sweep
// waits for the evaluation, deletes it, then the version.
func TestACancelWhileTestingSweepsTheEvaluationToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "evaluation", Hang: true}))
	var canceled, waited sync.Once
	b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		switch info.ActivityType.Name {
		case "AwaitEvaluation":
			canceled.Do(func() {
				b.runs.states = map[string]lifecycle.RunState{"default-test-run-id": lifecycle.RunCanceled}
				b.CancelWorkflow()
			})
		case "AwaitEnd": // of the sweep that the canceled run has started
			waited.Do(func() {
				require.Len(t, b.models(), 1, "a version that is being measured cannot be deleted")
				require.NoError(t, b.service.Finish(b.service.Objects("evaluation")[0].ID, "", ""))
			})
		}
	})
	report, err := b.retrain(gated(b, nil))
	require.Error(t, err)
	require.Equal(t, lifecycle.Canceled, report.Outcome)

	sweep := b.again()
	sweep.SetStartWorkflowOptions(startOptions("sweep/desk"))
	sweep.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
	var swept workflows.SweepReport
	require.NoError(t, sweep.GetWorkflowResult(&swept))
	require.Empty(t, swept.Waiting)
	require.Empty(t, b.models())
	require.Empty(t, b.service.Objects("evaluation"))
	require.Len(t, b.service.Objects("dataset"), 2, "data is no leftover: the next run uses it")
}

func TestSweepTouchesOnlyWhatIsAbandonedAndOurs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	base, _, err := b.client().ListBaseModels(t.Context(), speech.Filter{Locale: "en-US"})
	require.NoError(t, err)
	var usable *speech.Ref
	for _, m := range base {
		if m.Status == speech.StatusSucceeded && m.Properties.DeprecationDates.AdaptationDateTime != nil &&
			m.Properties.DeprecationDates.AdaptationDateTime.After(b.service.Now()) {
			ref := m.Ref()
			usable = &ref
		}
	}
	require.NotNil(t, usable)
	b.dataset(t, "text", "en-US", "/files/text.txt")
	datasets, _, err := b.client().ListDatasets(t.Context(), speech.Filter{})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return b.service.Objects("dataset")[0].Status == "Succeeded" }, 10*time.Second, 10*time.Millisecond)
	put := func(name, owner, model, state, run string) {
		_, _, err := b.client().CreateModel(t.Context(), speech.NewModel{
			DisplayName: name, Locale: "en-US", BaseModel: usable, Datasets: []speech.Ref{datasets[0].Ref()},
			CustomProperties: map[string]string{"sr.owner": owner, "sr.model": model, "sr.state": state, "sr.run": run, "sr.step": "train"},
		})
		require.NoError(t, err)
	}
	put("gone", "tests", "desk", "candidate", "test/terminated-run")
	put("from before homes", "tests", "desk", "candidate", "terminated-run")
	put("marked", "tests", "desk", "abandoned", "test/ended-run")
	put("active", "tests", "desk", "candidate", "test/active-run")
	put("deploying", "tests", "desk", "deploying", "test/terminated-run")
	put("of another home", "tests", "desk", "candidate", "elsewhere/terminated-run")
	put("marked in another home", "tests", "desk", "abandoned", "elsewhere/ended-run")
	put("forgotten", "tests", "desk", "candidate", "test/unknown-run")
	put("unknown, and from before homes", "tests", "desk", "candidate", "long-gone-run")
	put("champion", "tests", "desk", "champion", "test/terminated-run")
	put("another model", "tests", "other", "candidate", "test/terminated-run")
	put("another owner", "somebody", "desk", "candidate", "test/terminated-run")
	put("by hand", "", "", "", "")
	b.runs.states = map[string]lifecycle.RunState{
		"terminated-run": lifecycle.RunTerminated, "ended-run": lifecycle.RunEnded,
		"active-run": lifecycle.RunActive, "unknown-run": lifecycle.RunUnknown, "long-gone-run": lifecycle.RunUnknown,
	}

	b.SetStartWorkflowOptions(startOptions("sweep/desk"))
	b.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
	var swept workflows.SweepReport
	require.NoError(t, b.GetWorkflowResult(&swept))
	var deleted []string
	for _, d := range swept.Deleted {
		deleted = append(deleted, d.DisplayName)
		require.NotEmpty(t, d.Reason)
	}
	require.ElementsMatch(t, []string{"gone", "from before homes", "marked"}, deleted)
	var left []string
	for _, m := range b.models() {
		left = append(left, m.DisplayName)
	}
	require.ElementsMatch(t, []string{
		"active", "deploying", "of another home", "marked in another home", "forgotten", "unknown, and from before homes",
		"champion", "another model", "another owner", "by hand",
	}, left)

	s := b.again()
	s.SetStartWorkflowOptions(startOptions("sweep/desk"))
	s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US", "home": "elsewhere"})
	require.NoError(t, s.GetWorkflowResult(&swept))
	deleted = nil
	for _, d := range swept.Deleted {
		deleted = append(deleted, d.DisplayName)
	}
	require.ElementsMatch(t, []string{"of another home", "marked in another home"}, deleted, "a person says that this home is lost")

	s = b.again()
	s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US", "home": lifecycle.TestHome})
	require.ErrorContains(t, s.GetWorkflowError(), "is this installation's own home")
}

func TestSweepRefusesABadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "Desk", "model": 1})
	require.ErrorContains(t, b.GetWorkflowError(), "name: must be 1 to 40 of a-z, 0-9 and -; locale: is required, like en-US; model: unknown field")
}
