package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// Temporal lets two rollbacks of one model run at once when they have two workflow IDs, and a hand in the portal knows no
// workflow at all. Whoever comes second changes nothing, and never undoes what the first one did: its own change was
// refused, or failed, and the model that served before both of them is not put back over what serves by then. When that is the
// version it wanted itself, it has what it wanted.
func TestARollbackLeavesWhatAnotherHasSet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// at is the step before which somebody else points the endpoint at a version, and ended whether that is through by then.
		at    string
		ended bool
		// same is whether it is the version that this rollback goes back to.
		same bool
		// fails is whether the service fails the first deployment.
		fails bool
		says  string
	}{
		"another rollback is on its way":               {at: "PointEndpoint", says: "was left as it is"},
		"another rollback, to the same, is on its way": {at: "PointEndpoint", same: true},
		"another rollback was faster":                  {at: "PointEndpoint", ended: true, says: "was left as it is"},
		"its own deployment failed, and a hand helped": {at: "AwaitEndpointEnd", ended: true, fails: true, says: "no capacity; "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			v0 := b.put("v0", "en-US", marks("retired", "test/zero"))
			v1 := b.put("v1", "en-US", marks("retired", "test/one"))
			v2 := b.put("v2", "en-US", marks("champion", "test/two"))
			endpoint := b.point("Desk", v2, map[string]string{"sr.owner": "tests", "sr.model": "desk"})
			if c.fails {
				require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
			}
			theirs := v0
			if c.same {
				theirs = v1
			}
			back := b.again()
			back.OnActivityStarted(c.at, func() {
				ref := b.client().Ref(speech.KindModel, theirs)
				if c.ended {
					b.repoint(endpoint, ref)
					return
				}
				_, _, err := b.client().UpdateEndpoint(t.Context(), endpoint, speech.EndpointUpdate{Model: &ref})
				require.NoError(t, err)
			})
			back.SetStartWorkflowOptions(startOptions("a-second-one"))
			back.ExecuteWorkflow(workflows.TypeRollback, map[string]any{
				"name": "desk", "locale": "en-US", "endpoint": "Desk", "by": "ann", "reason": "complaints", "versionId": v1,
			})
			report, err := back.result()
			b.eventually("endpoint", endpoint)
			require.Equal(t, theirs, b.serving())
			if c.same {
				require.NoError(t, err, "it serves, whoever has set it")
				require.Equal(t, v1, *report.Endpoint.VersionID)
				require.Equal(t, map[string]string{v0: "retired", v1: "champion", v2: "rolledback"}, b.states())
				return
			}
			require.Error(t, err)
			require.Equal(t, lifecycle.DeployFailed, report.Error.Type)
			require.Contains(t, report.Error.Message, c.says)
			require.Contains(t, report.Error.Message, "refers to model "+theirs+" now")
			require.Equal(t, theirs, *report.Endpoint.VersionID)
			require.Equal(t, map[string]string{v0: "retired", v1: "retired", v2: "champion"}, b.states(), "the marks are the other one's to write")
		})
	}
}

// The change of the endpoint was taken and its answer lost: the next attempt is refused while the deployment goes on. That
// is no failed deployment, and the version serves.
func TestALostAnswerOfADeploymentUndoesNothing(t *testing.T) {
	t.Parallel()
	b, first := championed(t, func(s *emulator.Settings, _ *speech.Config) { s.RedeployTime = emulator.Duration(200 * time.Second) })
	b.OnActivityStarted("PointEndpoint", func() {
		_, err := b.service.InjectFault(emulator.Fault{Operation: "Endpoints_Update", Kind: emulator.FaultDropAfter, Count: 1})
		require.NoError(t, err)
	})
	report, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	require.Equal(t, report.Version.ID, b.serving())
	require.Equal(t, map[string]string{first.Version.ID: "retired", report.Version.ID: "champion"}, b.states())
	require.Equal(t, 2, b.sent("PATCH", "/endpoints/"+first.Endpoint.ID), "the one that was taken, and the one that was refused")
}

// A rollback is refused while a retrain deploys. One that has passed that question just before leaves what the retrain has
// set, and the retrain leaves what the rollback has set: it fails, its version is kept, and the next check judges it anew
// against what serves then.
func TestARetrainLeavesWhatARollbackHasSetAtTheLastMoment(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	v0 := b.put("v0", "en-US", marks("retired", "test/zero"))
	b.OnActivityStarted("PointEndpoint", func() { b.repoint(first.Endpoint.ID, b.client().Ref(speech.KindModel, v0)) })
	report, err := b.retrain(gated(b, nil))
	require.Error(t, err)
	require.Equal(t, lifecycle.DeployFailed, report.Error.Type)
	require.Equal(t, v0, b.serving())
	require.Equal(t, v0, *report.Endpoint.VersionID)
	require.Contains(t, report.Error.Message, "refers to model "+v0+" now")
	require.Equal(t, map[string]string{v0: "retired", first.Version.ID: "champion", report.Version.ID: "failed"}, b.states())
}

// What somebody has set a moment ago is seen, although the worker's listing does not know it yet: it is what is rolled back
// from.
func TestARollbackLooksAtTheEndpointItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v0 := b.put("v0", "en-US", marks("retired", "test/zero"))
	v1 := b.put("v1", "en-US", marks("retired", "test/one"))
	v2 := b.put("v2", "en-US", marks("champion", "test/two"))
	endpoint := b.point("Desk", v2, map[string]string{"sr.owner": "tests", "sr.model": "desk"})
	back := b.again()
	back.OnActivityStarted("FindChampion", func() { b.repoint(endpoint, b.client().Ref(speech.KindModel, v0)) })
	back.SetStartWorkflowOptions(startOptions("rollback/desk"))
	back.ExecuteWorkflow(workflows.TypeRollback, map[string]any{"name": "desk", "locale": "en-US", "by": "ann", "reason": "complaints", "versionId": v1})
	report, err := back.result()
	require.NoError(t, err)
	require.Equal(t, v0, *report.Endpoint.PreviousVersionID)
	require.Equal(t, v1, b.serving())
}
