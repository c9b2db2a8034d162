package workflows_test

import (
	"context"
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

// A run that fails behind its deployment does not mark the version that serves as failed: the next checks would take
// it for a hand-made change, and retention would let it go.
func TestAVersionThatServesIsNeverMarkedFailed(t *testing.T) {
	t.Parallel()
	b, _ := championed(t)
	b.OnActivityStarted("PromoteVersion", func() {
		_, err := b.service.InjectFault(emulator.Fault{
			Operation: "Models_Update", Kind: emulator.FaultStatus,
			Status: 400, Code: "InvalidRequest", Message: "not now",
		})
		require.NoError(t, err)
	})
	report, err := b.retrain(gated(b, nil))
	require.Error(t, err)
	require.Equal(t, lifecycle.Failed, report.Outcome)
	require.Equal(t, report.Version.ID, b.serving())
	for _, m := range b.models() {
		require.NotEqual(t, string(lifecycle.StateFailed), m.CustomProperties["sr.state"], m.DisplayName)
	}
}

// An endpoint may show its old model, Succeeded, while a change to another one is on its way. A run whose deployment
// fails must not take that for the old model being back: it sends it again, and says what it does not know.
func TestAPendingChangeIsNotTakenForThePreviousModel(t *testing.T) {
	t.Parallel()
	b, first := championed(t, func(s *emulator.Settings, _ *speech.Config) {
		s.EndpointPatchStatus, s.RedeployTime = "succeeded", emulator.Duration(1000*time.Hour)
	})
	b.OnActivityStarted("AwaitDeployed", func() {
		_, err := b.service.InjectFault(emulator.Fault{Operation: "Endpoints_Get", Kind: emulator.FaultStatus, Status: 403, Code: "Forbidden", Message: "no role"})
		require.NoError(t, err)
	})
	report, err := b.retrain(gated(b, nil))
	require.Error(t, err)
	require.Equal(t, first.Version.ID, b.serving(), "as far as the service shows")
	require.NoError(t, b.service.Advance(t.Context(), 1000*time.Hour))
	require.Equal(t, report.Version.ID, b.serving())
	require.NotContains(t, report.Error.Message, "was put back and serves")
	require.Contains(t, report.Error.Message, "LOOK AT ENDPOINT")
	require.Nil(t, report.Endpoint.VersionID, "unknown")
	for _, m := range b.models() {
		require.NotEqual(t, string(lifecycle.StateFailed), m.CustomProperties["sr.state"], "it may serve")
	}
}

// What others listed up to a minute ago says that the model is due; what is acted on is listed anew. A version that
// somebody has promoted meanwhile is seen, and nothing is trained.
func TestACheckActsOnAFreshLook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(nil)
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	b.runs.states = map[string]lifecycle.RunState{"earlier": lifecycle.RunEnded}
	mark := func(state string) {
		m, _, err := b.client().GetModel(t.Context(), first.Version.ID)
		require.NoError(t, err)
		m.CustomProperties["sr.state"] = state
		_, _, err = b.client().UpdateModel(t.Context(), m.ID(), speech.ModelUpdate{CustomProperties: m.CustomProperties})
		require.NoError(t, err)
	}
	mark("retired")
	next, looks, trained := b.again(), 0, false
	next.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		switch info.ActivityType.Name {
		case "ObserveModel":
			if looks++; looks == 2 {
				mark("champion")
			}
		case "CheckService":
			trained = true
		}
	})
	next.SetStartWorkflowOptions(startOptions("check/desk"))
	next.ExecuteWorkflow(workflows.TypeRenew, b.request(nil))
	var report lifecycle.RenewReport
	require.NoError(t, next.GetWorkflowResult(&report))
	require.Equal(t, 2, looks)
	require.Equal(t, workflows.RenewCurrent, report.Outcome, report.Reason)
	require.False(t, trained)
}
