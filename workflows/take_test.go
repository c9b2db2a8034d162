package workflows_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// posts counts what costs: trainings and evaluations that were asked for.
func (b *bundle) posts() (trainings, evaluations int) {
	return b.sent(http.MethodPost, "/models"), b.sent(http.MethodPost, "/evaluations")
}

func limited(b *bundle, limit float64, change func(map[string]any)) func(map[string]any) {
	return gated(b, func(r map[string]any) {
		test(r)["maxWordErrorRate"] = limit
		if change != nil {
			change(r)
		}
	})
}

func (b *bundle) verdictOf(id string) lifecycle.Record {
	b.t.Helper()
	m, _, err := b.client().GetModel(b.t.Context(), id)
	require.NoError(b.t, err)
	return lifecycle.ReadRecord(m.CustomProperties["sr.verdict"])
}

// What did not pass is not paid for again: the same question has the same answer, another one is asked of the version that
// is there, by the numbers that are there.
func TestAVersionThatWasTriedIsTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(limited(b, 0.0001, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, first.Outcome)
	require.False(t, first.Version.Taken)
	b.ofAnEarlierRun(first.Version.ID)

	again, err := b.again().retrain(limited(b, 0.0001, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, again.Outcome)
	require.Equal(t, first.Version.ID, again.Version.ID)
	require.True(t, again.Version.Taken)
	require.Contains(t, again.Verdict.Reason, "already judged")
	require.Contains(t, strings.Join(again.Notes, "\n"), "has the same base model and data, so nothing is trained")

	other, err := b.again().retrain(limited(b, 0.9, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, other.Outcome, "%+v", other.Verdict)
	require.Equal(t, first.Version.ID, other.Version.ID)
	require.Equal(t, first.Version.ID, b.serving())
	for _, part := range []string{"taken: " + other.Version.DisplayName, " from " + other.BaseModel.DisplayName + ", paid for then"} {
		require.Contains(t, stageNote(other, lifecycle.StageTrain), part)
	}
	require.Nil(t, first.Dates, "nothing served yet")
	require.Equal(t, other.Version.ExpiresAt.UTC(), *other.Dates.ExpiresAt, "those of what serves now")
	require.True(t, other.Dates.DueAt.Before(*other.Dates.LastResortAt))
	require.Equal(t, *first.Tests[0].WordErrorRate, *other.Tests[0].WordErrorRate)
	trainings, evaluations := b.posts()
	require.Equal(t, []int{1, 1}, []int{trainings, evaluations})
	m, _, err := b.client().GetModel(t.Context(), first.Version.ID)
	require.NoError(t, err)
	require.Equal(t, "champion", m.CustomProperties["sr.state"])
	require.NotEqual(t, "test/earlier", m.CustomProperties["sr.run"], "it is the version of the run that has taken it")
}

// Only force buys the same twice.
func TestForceTrainsInAnyCase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(limited(b, 0.0001, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	again, err := b.again().retrain(limited(b, 0.0001, func(r map[string]any) { r["force"] = true }))
	require.NoError(t, err)
	require.NotEqual(t, first.Version.ID, again.Version.ID)
	require.False(t, again.Version.Taken)
	trainings, _ := b.posts()
	require.Equal(t, 2, trainings)
	// Renew starts no such run.
	b.ofAnEarlierRun(again.Version.ID)
	next := b.again()
	require.NoError(t, next.SetMemoOnStart(map[string]any{"cause": lifecycle.CauseFirst}))
	scheduled, err := next.retrain(limited(b, 0.0001, func(r map[string]any) { r["force"] = true }))
	require.NoError(t, err)
	require.True(t, scheduled.Version.Taken)
	require.Contains(t, strings.Join(scheduled.Notes, "\n"), "force has no effect")
}

// A failed evaluation and a failed deployment are repeated with the version that is there.
func TestWhatFailsAfterTheTrainingIsRepeatedWithoutIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	request := gated(b, func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} })
	for range 2 {
		require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "evaluation", Code: "Broken", Message: "no reference"}))
	}
	first, err := b.retrain(request)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, first.Outcome)
	require.Equal(t, 1, b.verdictOf(first.Version.ID).Failures)
	b.ofAnEarlierRun(first.Version.ID)
	second, err := b.again().retrain(request)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, second.Outcome)
	require.Equal(t, 2, b.verdictOf(first.Version.ID).Failures)
	b.ofAnEarlierRun(first.Version.ID)

	require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
	third, err := b.again().retrain(request)
	require.Error(t, err, "%s %+v %v", third.Outcome, third.Verdict, third.Notes)
	require.Equal(t, lifecycle.DeployFailed, third.Error.Type)
	require.Equal(t, 3, b.verdictOf(first.Version.ID).Failures)
	require.Equal(t, "failed", b.states()[first.Version.ID])
	b.ofAnEarlierRun(first.Version.ID)

	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(request))
	require.NoError(t, err)
	require.False(t, renewed.Due)
	require.Contains(t, renewed.Reason, "an evaluation or deployment of")
	last, err := b.again().retrain(request)
	require.NoError(t, err, "a person knows no back-off")
	require.Equal(t, lifecycle.Succeeded, last.Outcome)
	require.Contains(t, last.Verdict.Reason, "already judged")
	require.Equal(t, first.Version.ID, b.serving())
	require.Zero(t, b.verdictOf(first.Version.ID).Failures)
	trainings, evaluations := b.posts()
	require.Equal(t, []int{1, 3}, []int{trainings, evaluations})
}

// A run that is canceled after it has taken a version leaves that as it was.
func TestACanceledRunLeavesWhatItHadTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(limited(b, 0.0001, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	before := b.service.Objects("model")
	next := b.again()
	next.RegisterDelayedCallback(next.CancelWorkflow, time.Hour)
	report, err := next.retrain(limited(b, 0.9, func(r map[string]any) { r["approval"] = map[string]any{"when": "always"} }))
	require.Error(t, err)
	require.Equal(t, lifecycle.Canceled, report.Outcome)
	require.True(t, report.Version.Taken)
	s := b.again()
	s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
	require.NoError(t, s.GetWorkflowError())
	require.Equal(t, before, b.service.Objects("model"))
}

// A person's no binds: whatever the request says, the same input is not let serve by silence.
func TestAPersonsNoBinds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := limited(b, 0.9, func(r map[string]any) { r["approval"] = map[string]any{"when": "always", "timeout": "1h"} })
	b.answer(workflows.UpdateReject)
	first, err := b.retrain(ask)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, first.Outcome)
	require.Equal(t, lifecycle.SaidNo, b.verdictOf(first.Version.ID).Said)
	b.ofAnEarlierRun(first.Version.ID)
	silent := func(r map[string]any) {
		limited(b, 0.8, nil)(r)
		r["approval"] = map[string]any{"when": "never", "onTimeout": "promote"}
	}
	second, err := b.again().retrain(silent)
	require.NoError(t, err)
	require.True(t, second.Version.Taken)
	require.Equal(t, lifecycle.Rejected, second.Outcome)
	require.Equal(t, lifecycle.AnswerTimeout, second.Approval.Answer)
	require.Contains(t, second.Approval.Reason, "a person has rejected the same input before")
	require.Equal(t, lifecycle.SaidNo, b.verdictOf(first.Version.ID).Said, "and is remembered")
	third := b.again()
	third.answer(workflows.UpdateApprove)
	report, err := third.retrain(limited(b, 0.7, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	trainings, _ := b.posts()
	require.Equal(t, 1, trainings)
}

// A question that nobody has answered is asked again a week later, of the same version and by the same numbers.
func TestAnOpenQuestionIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := limited(b, 0.9, func(r map[string]any) { r["approval"] = map[string]any{"when": "always", "timeout": "1h"} })
	first, err := b.retrain(ask)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, first.Outcome)
	b.ofAnEarlierRun(first.Version.ID)
	require.NoError(t, b.service.Advance(t.Context(), 5*aDay))
	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(ask))
	require.NoError(t, err)
	require.False(t, renewed.Due)
	require.Contains(t, renewed.Reason, "nobody has answered what is to become of "+earlierName(first.Version.ID))
	require.NoError(t, b.service.Advance(t.Context(), 2*aDay))
	next := b.again()
	next.answer(workflows.UpdateApprove)
	require.NoError(t, next.SetMemoOnStart(map[string]any{"cause": lifecycle.CauseFirst}))
	second, err := next.retrain(ask)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, second.Outcome)
	require.Equal(t, first.Tests[0].WordErrorRate, second.Tests[0].WordErrorRate)
	trainings, evaluations := b.posts()
	require.Equal(t, []int{1, 1}, []int{trainings, evaluations})
}

// answer is what a person says a minute after they were asked.
func (b *bundle) answer(update string) {
	b.RegisterDelayedCallback(func() {
		var report lifecycle.Report
		value, err := b.QueryWorkflow(workflows.QueryStatus)
		if err == nil {
			err = value.Get(&report)
		}
		if err != nil || report.Version == nil {
			b.t.Errorf("nobody is asked: %v", err)
			return
		}
		b.UpdateWorkflow(update, update, &callbacks{reject: func(err error) { b.t.Error(err) }, complete: func(any, error) {}},
			workflows.Answer{By: "ann", Reason: "heard", VersionID: report.Version.ID})
	}, 30*time.Minute)
}

// stageNote is what a stage came to.
func stageNote(r lifecycle.Report, name lifecycle.Stage) string {
	for _, s := range r.Stages {
		if s.Name == name && s.Note != nil {
			return *s.Note
		}
	}
	return ""
}

// An endpoint that somebody has deleted is made again in minutes, with the version that served: nothing is trained or
// measured again for it.
func TestADeletedEndpointTakesTheChampion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, first.Version.ID, b.serving())
	b.ofAnEarlierRun(first.Version.ID)
	require.NoError(t, b.service.Remove(first.Endpoint.ID))

	again, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, again.Outcome)
	require.True(t, again.Version.Taken)
	require.Equal(t, first.Version.ID, again.Version.ID)
	require.NotEqual(t, first.Endpoint.ID, again.Endpoint.ID)
	require.Equal(t, first.Version.ID, b.serves(again.Endpoint.ID))
	require.Equal(t, "champion", b.states()[first.Version.ID])
	trainings, evaluations := b.posts()
	require.Equal(t, []int{1, 1}, []int{trainings, evaluations})
}

// A champion that another endpoint serves is not taken for a new one: it would be marked deploying while it serves.
func TestAChampionThatServesElsewhereIsNotTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	again, err := b.again().retrain(gated(b, func(r map[string]any) { r["deploy"] = map[string]any{"endpoint": "another desk"} }))
	require.NoError(t, err)
	require.NotEqual(t, first.Version.ID, again.Version.ID)
	require.False(t, again.Version.Taken)
}

// A request that names another endpoint than before is told as that, and not as a deletion.
func TestAnEndpointThatNobodyHasMadeIsNotCalledDeleted(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(gated(b, func(r map[string]any) {
		r["deploy"] = map[string]any{"endpoint": "another desk"}
	})))
	require.NoError(t, err)
	require.Equal(t, lifecycle.AlarmEndpointGone, renewed.Alarms[0].Kind)
	require.Contains(t, renewed.Alarms[0].Message, `endpoint "another desk" of the request does not exist`)
	require.Contains(t, renewed.Alarms[0].Message, "("+first.Endpoint.ID+"), which nothing renews")
}
