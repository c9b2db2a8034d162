package workflows_test

import (
	"context"
	"strings"
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

// The test environment gives all runs one ID, so a second run in the same world is what a reset is: the same run,
// from the beginning.

// A run that is reset behind its deployment finds its own version on the endpoint. It comes to the same verdict, and
// measures nothing again.
func TestAResetBehindTheFirstDeployment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	again, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, first.Version.ID, again.Version.ID)
	require.Nil(t, again.Champion, "there was none before this run")
	require.Nil(t, again.Endpoint.PreviousVersionID)
	require.Equal(t, first.Verdict, again.Verdict)
	require.Equal(t, first.Tests, again.Tests)
	require.Len(t, b.service.Objects("evaluation"), 1)
	require.Len(t, b.service.Objects("endpoint"), 1)
}

func TestAResetBehindALaterDeployment(t *testing.T) {
	t.Parallel()
	b, champion := championed(t)
	first, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, champion.Version.ID, first.Champion.ID)
	again, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, first.Version.ID, again.Version.ID)
	require.Equal(t, champion.Version.ID, again.Champion.ID, "the champion before this run, not its own version")
	require.Equal(t, champion.Version.ID, *again.Endpoint.PreviousVersionID)
	require.Equal(t, first.Tests, again.Tests)
	require.Equal(t, first.Version.ID, b.serving())
	require.Len(t, b.models(), 2)
}

// A base model that came out before the reset is for the next run: this one's version was not trained from it.
func TestAResetAfterANewBaseModel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	newer, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US"})
	require.NoError(t, err)
	again, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	require.NotEqual(t, newer, first.BaseModel.ID)
	require.Equal(t, first.BaseModel.ID, again.BaseModel.ID)
	require.Equal(t, first.Version.ID, again.Version.ID)
	require.Equal(t, first.Verdict, again.Verdict)
	require.Contains(t, strings.Join(again.Notes, "\n"), "is for the next run")
}

// Without an endpoint the marks tell what serves, and must not name the run's own version either.
func TestAResetBehindAPromotionWithoutEndpoint(t *testing.T) {
	t.Parallel()
	b := setup(t)
	earlier, err := b.retrain(nil)
	require.NoError(t, err)
	b.ofAnEarlierRun(earlier.Version.ID)
	first, err := b.again().retrain(nil)
	require.NoError(t, err)
	again, err := b.again().retrain(nil)
	require.NoError(t, err)
	require.Equal(t, first.Version.ID, again.Version.ID)
	require.Equal(t, earlier.Version.ID, again.Champion.ID)
}

// When what serves was changed by hand between the first pass and the reset, the evaluation that the run adopts
// answers another question: its numbers must not decide.
func TestAnAdoptedEvaluationOfAnotherOpponentDoesNotCount(t *testing.T) {
	t.Parallel()
	b, _ := championed(t)
	request := gated(b, func(r map[string]any) { r["approval"] = map[string]any{"when": "always", "timeout": "1h"} })
	first, err := b.retrain(request)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, first.Outcome, "nobody answered")
	bases, _, err := b.client().ListBaseModels(t.Context(), speech.Filter{Locale: "en-US", Statuses: []speech.Status{speech.StatusSucceeded}})
	require.NoError(t, err)
	for _, m := range bases {
		if end := m.Properties.DeprecationDates.TranscriptionDateTime; end != nil && end.After(b.service.Now()) {
			_, _, err = b.client().UpdateEndpoint(t.Context(), b.service.Objects("endpoint")[0].ID, speech.EndpointUpdate{Model: lifecycle.Ptr(m.Ref())})
			require.NoError(t, err)
			break
		}
	}
	require.NoError(t, b.service.Advance(t.Context(), time.Minute))
	again, err := b.again().retrain(request)
	require.NoError(t, err)
	require.Equal(t, first.Version.ID, again.Version.ID)
	require.Equal(t, lifecycle.Inconclusive, again.Verdict.Result)
	require.Contains(t, again.Verdict.Reason, "is what to compare with")
	require.Nil(t, again.Tests[0].WordErrorRate)
}

// A second evaluation that a lost answer has left comes into the lists after the run has looked: the sweep finds it.
// While its run goes on it is left alone.
func TestASecondEvaluationIsSweptAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	report, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	first, _, err := b.client().GetEvaluation(t.Context(), *report.Tests[0].EvaluationID)
	require.NoError(t, err)
	require.NoError(t, b.service.Advance(t.Context(), time.Minute))
	_, _, err = b.client().CreateEvaluation(t.Context(), speech.NewEvaluation{
		DisplayName: first.DisplayName, Locale: "en-US", Model1: *first.Model1, Model2: *first.Model2, Dataset: *first.Dataset,
		CustomProperties: first.CustomProperties,
	})
	require.NoError(t, err)
	sweep := func() {
		s := b.again()
		s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
		require.NoError(t, s.GetWorkflowError())
	}
	sweep() // the run is active as far as Temporal knows
	require.Len(t, b.service.Objects("evaluation"), 2)
	b.runs.states = map[string]lifecycle.RunState{"default-test-run-id": lifecycle.RunEnded}
	sweep()
	left := b.service.Objects("evaluation")
	require.Len(t, left, 1)
	require.Equal(t, first.ID(), left[0].ID, "the earliest counts")
}

// The answer to the create of the endpoint is lost, and the lists miss it when the run looks again: the second one is
// found before the run ends, and nobody pays for it.
func TestASecondEndpointIsRemoved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.service.InjectFault(emulator.Fault{Kind: emulator.FaultDropAfter, Operation: "Endpoints_Create"})
	require.NoError(t, err)
	b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		switch info.ActivityType.Name {
		case "EnsureEndpoint":
			lagging := b.service.Settings()
			lagging.ListLag = emulator.Duration(time.Hour)
			require.NoError(t, b.service.SetSettings(lagging))
		case "SettleEndpoint":
			require.NoError(t, b.service.Advance(t.Context(), time.Hour))
		}
	})
	report, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, 2, b.sent("POST", "/endpoints"), "it was created twice")
	left := b.service.Objects("endpoint")
	require.Len(t, left, 1)
	require.Equal(t, left[0].ID, report.Endpoint.ID)
	require.Equal(t, report.Version.ID, b.serving())
	require.Contains(t, kinds(report.Deleted), "endpoint")
}

func kinds(of []lifecycle.Disposed) []string {
	var all []string
	for _, d := range of {
		all = append(all, string(d.Kind))
	}
	return all
}

// A second project is deleted after a day, when nothing refers to it; a dataset a week after it was found unused.
func TestSpareDatasetsAndProjectsAreSweptAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	report, err := b.retrain(func(r map[string]any) { r["project"] = "Wind farm" })
	require.NoError(t, err)
	used, _, err := b.client().GetDataset(t.Context(), report.Datasets[0].ID)
	require.NoError(t, err)
	require.NoError(t, b.service.Advance(t.Context(), time.Minute))
	_, _, err = b.client().CreateDataset(t.Context(), speech.NewDataset{
		DisplayName: used.DisplayName, Locale: "en-US", Kind: used.Kind, ContentURL: b.url + "/files/text.txt", CustomProperties: used.CustomProperties,
	})
	require.NoError(t, err)
	for _, owner := range []string{"tests", "somebody else"} {
		_, _, err = b.client().CreateProject(t.Context(),
			speech.NewProject{DisplayName: "Wind farm", Locale: "en-US", CustomProperties: map[string]string{"sr.owner": owner}})
		require.NoError(t, err)
	}
	sweep := func() {
		s := b.again()
		s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
		require.NoError(t, s.GetWorkflowError())
	}
	sweep()
	require.Len(t, b.service.Objects("dataset"), 2, "they may be on their way into a run")
	require.Len(t, b.service.Objects("project"), 3)
	require.NoError(t, b.service.Advance(t.Context(), 25*time.Hour))
	sweep()
	require.Len(t, b.service.Objects("dataset"), 2, "it was found unused yesterday")
	require.Len(t, b.service.Objects("project"), 2, "somebody else's stays")
	require.NoError(t, b.service.Advance(t.Context(), 6*aDay))
	sweep()
	require.Len(t, b.service.Objects("dataset"), 1)
	require.Equal(t, used.ID(), b.service.Objects("dataset")[0].ID)
}

// A run that was terminated during its first deployment leaves a version that serves, on an endpoint that lists do not
// show yet: the sweep must not touch it.
func TestASweepWaitsForEndpointsThatListsDoNotShowYet(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings, _ *speech.Config) { s.ListLag = emulator.Duration(300 * time.Millisecond) })
	b.listLag = 500 * time.Millisecond
	report, err := b.again().retrain(nil)
	require.NoError(t, err)
	m, _, err := b.client().GetModel(t.Context(), report.Version.ID)
	require.NoError(t, err)
	m.CustomProperties["sr.state"] = "candidate"
	_, _, err = b.client().UpdateModel(t.Context(), m.ID(), speech.ModelUpdate{CustomProperties: m.CustomProperties})
	require.NoError(t, err)
	b.runs.states = map[string]lifecycle.RunState{"default-test-run-id": lifecycle.RunTerminated}
	require.NoError(t, b.service.Advance(t.Context(), time.Minute)) // the version is in the lists
	_, _, err = b.client().CreateEndpoint(t.Context(), speech.NewEndpoint{DisplayName: "Desk", Locale: "en-US", Model: lifecycle.Ptr(speech.Ref{Self: m.Self})})
	require.NoError(t, err)
	s := b.again()
	s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
	require.NoError(t, s.GetWorkflowError())
	left, _, err := b.client().GetModel(t.Context(), report.Version.ID)
	require.NoError(t, err)
	require.Equal(t, "candidate", left.CustomProperties["sr.state"])
	require.Zero(t, b.sent("DELETE", "/models/"+report.Version.ID), "not even tried")
}

// A first deployment that fails at once is a failed deployment: it is not sent again behind the operator's back.
func TestAFirstDeploymentThatFailsAtOnceIsNotSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings, _ *speech.Config) { s.QueueTime, s.DeployTime = 0, 0 })
	require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
	report, err := b.retrain(gated(b, nil))
	require.Error(t, err)
	require.Equal(t, lifecycle.DeployFailed, report.Error.Type)
	require.Contains(t, report.Error.Message, "no capacity")
	require.Zero(t, b.sent("PATCH", "/endpoints/"+report.Endpoint.ID))
}
