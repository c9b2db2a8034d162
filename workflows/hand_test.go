package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// deployed is the change of a request that names the endpoint Desk and needs no tests.
func deployed(r map[string]any) {
	r["untested"] = "promote"
	r["deploy"] = map[string]any{"endpoint": "Desk"}
}

func (b *bundle) renew() lifecycle.RenewReport {
	b.t.Helper()
	report, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(deployed))
	require.NoError(b.t, err)
	return report
}

// An outage kept a run from marking what it had deployed: the next check does it, and alarms nobody.
func TestMarksThatARunCouldNotWriteAreHealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v1 := b.put("v1", "en-US", marks("champion", "test/one"))
	v2 := b.put("v2", "en-US", marks("deploying", "test/two", "sr.verdict", "pass; 0.1 vs 0.2"))
	b.point("Desk", v2, map[string]string{"sr.owner": "tests", "sr.model": "desk"})
	b.runs.states = map[string]lifecycle.RunState{"two": lifecycle.RunEnded, "one": lifecycle.RunEnded}
	report := b.renew()
	require.Equal(t, map[string]string{v1: "retired", v2: "champion"}, b.states())
	require.Contains(t, strings.Join(report.Notes, "\n"), "version v2 is marked champion now")
	require.NotContains(t, report.Reason, "by hand")
	require.Empty(t, report.Alarms)
}

// What a person has set the endpoint back to is not healed, and what a run is about to finish is that run's.
func TestOnlyWhatARunHadLetServeIsHealed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state, verdict string
		run            lifecycle.RunState
		home           string
	}{
		"an earlier champion, by hand":  {"retired", "pass", lifecycle.RunEnded, "test"},
		"a rejected version, by hand":   {"rejected", "fail", lifecycle.RunEnded, "test"},
		"a candidate without a verdict": {"candidate", "", lifecycle.RunEnded, "test"},
		"deploying in another home":     {"deploying", "pass", lifecycle.RunEnded, "elsewhere"},
		"deploying by a run that lives": {"deploying", "pass", lifecycle.RunActive, "test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			v1 := b.put("v1", "en-US", marks("champion", "test/one"))
			v2 := b.put("v2", "en-US", marks(c.state, c.home+"/two", "sr.verdict", c.verdict))
			b.point("Desk", v2, map[string]string{"sr.owner": "tests", "sr.model": "desk"})
			b.runs.states = map[string]lifecycle.RunState{"two": c.run, "one": lifecycle.RunEnded}
			b.renew()
			require.Equal(t, map[string]string{v1: "champion", v2: c.state}, b.states())
		})
	}
}

// A deployment that came to nothing while its run was terminated: the version becomes failed, when nothing can be on its
// way any more.
func TestADeploymentThatCameToNothingIsMarkedFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v1 := b.put("v1", "en-US", marks("champion", "test/one"))
	v2 := b.put("v2", "en-US", marks("deploying", "test/two"))
	b.point("Desk", v1, map[string]string{"sr.owner": "tests", "sr.model": "desk"})
	b.runs.states = map[string]lifecycle.RunState{"two": lifecycle.RunTerminated, "one": lifecycle.RunEnded}
	b.renew()
	require.Equal(t, "deploying", b.states()[v2], "the endpoint has changed within limits.deploy")
	require.NoError(t, b.service.Advance(t.Context(), 2*time.Hour))
	b.renew()
	require.Equal(t, map[string]string{v1: "champion", v2: "failed"}, b.states())
}

// In the middle of a PATCH the endpoint shows its old model, and the run is gone: no sweep takes the new version for
// abandoned, and no delete is even tried.
func TestASweepLeavesAVersionThatIsBeingDeployed(t *testing.T) {
	t.Parallel()
	b, first := championed(t, func(s *emulator.Settings, _ *speech.Config) { s.DeployTime = emulator.Duration(200 * time.Second) })
	b.OnActivityStarted("AwaitDeployed", func() {
		id := b.candidateOf("deploying")
		require.NotEmpty(t, id, "it is marked before the endpoint is changed")
		b.runs.states = map[string]lifecycle.RunState{"default-test-run-id": lifecycle.RunTerminated}
		s := b.again()
		s.SetStartWorkflowOptions(startOptions("sweep/desk"))
		s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
		require.NoError(t, s.GetWorkflowError())
		require.Zero(t, b.sent("DELETE", "/models/"+id))
		require.Equal(t, "deploying", b.states()[id])
	})
	report, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, report.Version.ID, b.serving())
	require.NotEqual(t, first.Version.ID, b.serving())
}

// candidateOf is the version in a state; empty when there is none.
func (b *bundle) candidateOf(state string) string {
	for id, s := range b.states() {
		if s == state {
			return id
		}
	}
	return ""
}

// Somebody has set the endpoint to a base model: nothing of the model serves, so it is due, and a person is asked before
// the endpoint is changed, whatever the request says.
func TestAnEndpointSetToABaseModelByHandIsRenewedWithAQuestion(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	endpoint, base := first.Endpoint.ID, b.base("en-US")
	b.repoint(endpoint, base.Ref())
	b.runs.states = map[string]lifecycle.RunState{}
	next := b.again()
	require.NoError(t, next.SetMemoOnStart(map[string]any{"cause": lifecycle.CauseSetByHand}))
	asked := ""
	next.RegisterDelayedCallback(func() {
		// The champion, which no endpoint refers to any more, is asked about: nothing is trained in its place.
		asked = first.Version.ID
		next.UpdateWorkflow(workflows.UpdateReject, "no", &callbacks{reject: func(err error) { t.Error(err) }, complete: func(any, error) {}},
			workflows.Answer{By: "ann", Reason: "the base is wanted", VersionID: asked})
	}, time.Hour)
	report, err := next.retrain(gated(next, func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} }))
	require.NoError(t, err)
	require.Equal(t, report.Version.ID, asked)
	require.Equal(t, lifecycle.Rejected, report.Outcome)
	require.Equal(t, base.ID(), b.serves(endpoint), "a person said no")

	// A day later the check is due, and starts such a run, which the test environment plays to its end.
	require.NoError(t, b.service.Advance(t.Context(), 25*time.Hour))
	b.ofAnEarlierRun(report.Version.ID)
	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(gated(b, nil)))
	require.NoError(t, err)
	require.True(t, renewed.Due, renewed.Reason)
	require.Equal(t, workflows.RenewStarted, renewed.Outcome)
	require.Equal(t, lifecycle.AlarmChanged, renewed.Alarms[0].Kind)
}

// Unanswered, a version takes the place of a base model that somebody set only when it passes and is better.
func TestAnUnansweredQuestionAboutABaseModelSetByHand(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	endpoint := first.Endpoint.ID
	b.repoint(endpoint, b.base("en-US").Ref())
	next := b.again()
	require.NoError(t, next.SetMemoOnStart(map[string]any{"cause": lifecycle.CauseSetByHand}))
	report, err := next.retrain(gated(next, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome, "%+v", report.Approval)
	require.Equal(t, lifecycle.AnswerTimeout, report.Approval.Answer)
	require.Contains(t, report.Approval.Reason, "is not worse than what somebody had set")
	require.Equal(t, report.Version.ID, b.serves(endpoint))
}

// The question is judged by what is left of the champion when it ends, not when the version was evaluated: with 15 days
// left the champion was compared with, three days later the base model is what would serve otherwise.
func TestAnUnansweredQuestionIsJudgedByWhatIsLeftAtItsEnd(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	b.expires(first.Version.ID, 15*aDay)
	b.snapshotAge = time.Nanosecond
	next := b.again()
	next.RegisterDelayedCallback(func() { require.NoError(t, b.service.Advance(t.Context(), 3*aDay)) }, 71*time.Hour)
	report, err := next.retrain(gated(next, func(r map[string]any) {
		r["approval"] = map[string]any{"when": "always", "timeout": "72h", "onTimeout": "reject"}
	}))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome, "%+v %v", report.Approval, report.Notes)
	require.Contains(t, report.Approval.Reason, "as last resort: it is better than the base model")
	require.NotNil(t, report.Tests[0].Base)
	require.Nil(t, report.Tests[0].Champion)
}

// expires lets a version expire in a while.
func (b *bundle) expires(version string, left time.Duration) {
	b.t.Helper()
	require.NoError(b.t, b.service.Redate(version, nil, lifecycle.Ptr(b.service.Now().Add(left))))
}

// Near the expiry a question ends while what comes of it can still be deployed.
func TestAQuestionEndsBeforeTheChampionExpires(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	b.expires(first.Version.ID, 20*time.Hour)
	next := b.again()
	began := next.Now()
	report, err := next.retrain(gated(next, func(r map[string]any) { r["approval"] = map[string]any{"when": "always", "timeout": "72h"} }))
	require.NoError(t, err)
	require.Less(t, report.Approval.At.Sub(began), 20*time.Hour)
	require.Contains(t, strings.Join(report.Notes, "\n"), "the champion expires then")
	require.Equal(t, lifecycle.Succeeded, report.Outcome, "%+v", report.Approval)
}

// A failed import is counted on its dataset, holds the next retrain back, and leaves one Failed dataset, not one a check.
func TestFailedImportsAreCountedAndTidiedUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fail := func() {
		require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "dataset", Code: "DataImportFailed", Message: "no rows"}))
		report, err := b.again().retrain(nil)
		require.Error(t, err)
		require.Equal(t, lifecycle.DatasetFailed, report.Error.Type)
	}
	fail()
	require.NoError(t, b.service.Advance(t.Context(), 2*aDay))
	fail()
	datasets, _, err := b.client().ListDatasets(t.Context(), speech.Filter{})
	require.NoError(t, err)
	require.Len(t, datasets, 2)
	var tries []string
	for _, d := range datasets {
		require.Equal(t, lifecycle.ByRun, d.CustomProperties["sr.by"])
		tries = append(tries, strings.Split(d.CustomProperties["sr.try"], "@")[0])
	}
	require.ElementsMatch(t, []string{"1", "2"}, tries)
	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(nil))
	require.NoError(t, err)
	require.False(t, renewed.Due)
	require.Contains(t, renewed.Reason, "the import of the data text has failed 2 times")

	require.NoError(t, b.service.Advance(t.Context(), 25*time.Hour))
	s := b.again()
	s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
	require.NoError(t, s.GetWorkflowError())
	left := b.service.Objects("dataset")
	require.Len(t, left, 1)
	require.Contains(t, left[0].CustomProperties["sr.try"], "2@")
}

// A deployment fails, and so does putting the model before back: what serves is not known, so the version is not marked
// failed. The next check finds out.
func TestWhatIsNotKnownToServeIsNotMarkedFailed(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	for range 2 {
		require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
	}
	report, err := b.again().retrain(gated(b, nil))
	require.Error(t, err)
	require.Contains(t, report.Error.Message, "could NOT be put back")
	require.Equal(t, "deploying", b.states()[report.Version.ID])
	require.Contains(t, strings.Join(report.Notes, "\n"), "the next check finds out")

	b.repoint(first.Endpoint.ID, b.client().Ref(speech.KindModel, first.Version.ID))
	require.NoError(t, b.service.Advance(t.Context(), 2*time.Hour))
	b.runs.states = map[string]lifecycle.RunState{*report.RunID: lifecycle.RunEnded}
	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(gated(b, nil)))
	require.NoError(t, err)
	require.False(t, renewed.Due, renewed.Reason)
	require.Equal(t, map[string]string{first.Version.ID: "champion", report.Version.ID: "failed"}, b.states())
}
