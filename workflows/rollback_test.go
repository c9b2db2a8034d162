package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

func TestRollbackAndLaterTests(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	second, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, second.Version.ID, b.serving())
	b.ofAnEarlierRun(second.Version.ID) // the test environment gives all runs one ID

	later := b.again()
	later.SetStartWorkflowOptions(startOptions("evaluate/desk"))
	later.ExecuteWorkflow(workflows.TypeEvaluate, map[string]any{"request": b.request(gated(b, nil)), "versionId": strings.ToUpper(first.Version.ID)})
	evaluated, err := later.result()
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, evaluated.Outcome)
	require.Equal(t, first.Version.ID, evaluated.Version.ID)
	require.NotNil(t, evaluated.Tests[0].Champion, "it is measured against what serves")
	require.Equal(t, second.Version.ID, b.serving(), "a test changes nothing")

	input := map[string]any{"name": "desk", "locale": "en-US", "endpoint": "Desk", "by": "ann", "reason": "complaints"}
	busy := b.again()
	b.runs.stage = lifecycle.StageDeploy
	busy.ExecuteWorkflow(workflows.TypeRollback, input)
	refused, err := busy.result()
	require.Error(t, err)
	require.Contains(t, refused.Error.Message, "in stage deploy")
	b.runs.stage = lifecycle.StageTrain

	back := b.again()
	back.SetStartWorkflowOptions(startOptions("rollback/desk"))
	back.ExecuteWorkflow(workflows.TypeRollback, input)
	report, err := back.result()
	require.NoError(t, err)
	require.Equal(t, first.Version.ID, report.Version.ID)
	require.Equal(t, first.Version.ID, b.serving())
	require.Equal(t, second.Version.ID, *report.Endpoint.PreviousVersionID)
	require.Equal(t, "complaints", report.Approval.Reason)
	require.Contains(t, strings.Join(report.Notes, "\n"), "may serve until")
	states := map[string]string{}
	for _, m := range b.models() {
		states[m.ID()] = m.CustomProperties["sr.state"]
	}
	require.Equal(t, map[string]string{first.Version.ID: "champion", second.Version.ID: "rolledback"}, states)

	for name, version := range map[string]string{
		"is rolledback": second.Version.ID, "does not exist": "7768ee9c-ce71-4365-af5c-60daafebffa7",
		"versionId: must be the ID of a version, like 1aae1070": "nosuch",
		"versionId: is not the URL of a custom model":           "https://h/speechtotext/models/base/7768ee9c-ce71-4365-af5c-60daafebffa7",
	} {
		again := b.again()
		input["versionId"] = version
		again.ExecuteWorkflow(workflows.TypeRollback, input)
		report, err := again.result()
		require.Error(t, err)
		require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
		require.Contains(t, report.Error.Message, name)
	}

	seen := b.again()
	seen.ExecuteWorkflow(workflows.TypeObserve, map[string]any{"names": []string{"desk", "unknown"}})
	var observed workflows.Observed
	require.NoError(t, seen.GetWorkflowResult(&observed))
	rows := observed.Rows
	require.Len(t, rows, 2)
	require.Len(t, rows[0].Versions, 2)
	require.Empty(t, rows[1].Versions)
	require.NotEmpty(t, rows[0].Versions[0].Tests)
	require.Equal(t, first.Version.ID, *rows[0].Endpoint.VersionID)
	remembered, ok := lifecycle.RowReport(rows[0])
	require.True(t, ok)
	require.Contains(t, remembered.Notes[0], "built from the marks")
}

func TestACanceledDeploymentSaysWhatServes(t *testing.T) {
	t.Parallel()
	b, _ := championed(t)
	b.OnActivityStarted("AwaitDeployed", func() { b.CancelWorkflow() })
	report, err := b.retrain(gated(b, nil))
	require.Error(t, err)
	require.Equal(t, lifecycle.Canceled, report.Outcome)
	require.Equal(t, report.Version.ID, b.serving())
	require.Equal(t, lifecycle.StateChampion, report.Version.State, "what serves is no leftover for the sweep")
	require.Contains(t, report.Notes, "the run was canceled during the deployment: version "+report.Version.ID+" serves all the same")
}

// TestACanceledChangeThatFailedIsNotLost cancels a deployment and a rollback that the service then fails: the
// run ends as canceled, and still says what serves.
func TestACanceledChangeThatFailedIsNotLost(t *testing.T) {
	t.Parallel()
	said := func(report lifecycle.Report) string { return strings.Join(report.Notes, "; ") }
	b, first := championed(t)
	second, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(second.Version.ID)

	back := b.again()
	require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
	back.OnActivityStarted("AwaitDeployed", func() { back.CancelWorkflow() })
	back.SetStartWorkflowOptions(startOptions("rollback/desk"))
	back.ExecuteWorkflow(workflows.TypeRollback, map[string]any{
		"name": "desk", "locale": "en-US", "endpoint": "Desk", "by": "ann", "reason": "complaints",
		"versionId": "https://h/speechtotext/models/" + strings.ToUpper(first.Version.ID) + "?api-version=2025-10-15",
	})
	report, err := back.result()
	require.Error(t, err)
	require.Equal(t, lifecycle.Canceled, report.Outcome)
	require.Contains(t, said(report), "no capacity; the previous model "+second.Version.ID+" was put back and serves")
	require.Equal(t, second.Version.ID, b.serving())
}
