package workflows_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// check runs a workflow that looks at the model, and counts its activities.
func check[T any](b *bundle, kind string, input any) (result T, ran []string, err error) {
	b.t.Helper()
	next := b.again()
	next.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		ran = append(ran, info.ActivityType.Name)
	})
	next.SetStartWorkflowOptions(startOptions("check/desk"))
	next.ExecuteWorkflow(kind, input)
	require.True(b.t, next.IsWorkflowCompleted())
	if err := next.GetWorkflowError(); err != nil {
		return result, ran, err
	}
	return result, ran, next.GetWorkflowResult(&result)
}

func TestRenew(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	b.runs.states = map[string]lifecycle.RunState{}
	var hook func(map[string]any)
	renew := func() (lifecycle.RenewReport, []string) {
		report, ran, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(gated(b, hook)))
		require.NoError(t, err)
		return report, ran
	}

	report, ran := renew()
	require.Equal(t, workflows.RenewCurrent, report.Outcome, report.Reason)
	require.Contains(t, report.Reason, "current: the champion")
	require.Equal(t, []string{"ObserveModel"}, ran, "not due is cheap")
	require.Empty(t, report.Alarms)
	require.NotNil(t, report.NextCheck)

	require.NoError(t, b.service.SetTime(t.Context(), first.Version.ExpiresAt.Add(-80*24*time.Hour)))
	report, ran = renew()
	require.Equal(t, workflows.RenewCurrent, report.Outcome, report.Reason)
	require.Len(t, report.Alarms, 1)
	require.False(t, report.Alarms[0].Sent)
	require.Equal(t, []string{"ObserveModel"}, ran, "what nobody listens to costs no second listing")
	require.Empty(t, b.models()[0].CustomProperties["sr.alarm"])

	url, heard := receiver(t)
	b.env, hook = map[string]string{"OPS_HOOK": url}, hooked
	report, _ = renew()
	require.Len(t, report.Alarms, 1)
	require.Equal(t, report.Alarms, heard()[0].Alarms, "a hook that was added later hears of what stands")
	require.Equal(t, lifecycle.AlarmExpiring, report.Alarms[0].Kind)
	require.False(t, report.Alarms[0].Sent)
	require.Contains(t, b.models()[0].CustomProperties["sr.alarm"], "expiring-90")
	report, ran = renew()
	require.True(t, report.Alarms[0].Sent, "once per state")
	require.Equal(t, []string{"ObserveModel"}, ran)

	require.NoError(t, b.service.SetTime(t.Context(), first.Version.ExpiresAt.Add(-20*24*time.Hour)))
	b.runs.running = "another-run"
	report, _ = renew()
	require.Equal(t, workflows.RenewSkipped, report.Outcome)
	require.Equal(t, "another-run", *report.RetrainRunID)
	b.runs.running = ""
	report, _ = renew()
	require.Equal(t, workflows.RenewStarted, report.Outcome)
	require.True(t, report.Due)
	require.Contains(t, report.Reason, "within the lead")
	require.NotEmpty(t, *report.RetrainRunID)
}

func TestRenewRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, json.RawMessage(`{"name":"desk","locle":"en-US"}`))
	require.ErrorContains(t, err, "locle")
	require.ErrorContains(t, err, "training")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan, ran, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(gated(b, nil)))
	require.NoError(t, err)
	require.True(t, plan.Due)
	require.Equal(t, "no version of the model has served yet", plan.Reason)
	require.NotNil(t, plan.BaseModel)
	require.NotEmpty(t, plan.BaseModelsRefused)
	require.NotNil(t, plan.BaseModel.Charged)
	require.Equal(t, lifecycle.ActionCreate, plan.Datasets[0].Action)
	require.Contains(t, *plan.Endpoint, "would be created")
	require.Contains(t, plan.Tests[0].Against, "there is no champion yet")
	require.Positive(t, plan.Requests)
	require.Nil(t, plan.Error)
	require.ElementsMatch(t, []string{"PlanModel"}, ran)
	require.Empty(t, b.models(), "a plan changes nothing")
	for _, e := range b.service.Requests() {
		require.Equal(t, "GET", e.Method)
	}

	plan, _, err = check[lifecycle.Plan](b, workflows.TypePlan, b.request(func(r map[string]any) {
		r["training"] = []any{map[string]any{"dataset": "nobody has it"}, map[string]any{"dataset": "text 0123456789ab"}}
		r["baseModel"] = "7768ee9c-ce71-4365-af5c-60daafebffa7"
	}))
	require.NoError(t, err)
	require.Equal(t, lifecycle.InvalidRequest, plan.Error.Type)
	require.Equal(t, lifecycle.ActionUpload, plan.Datasets[1].Action)
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	second, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	adopt := func(name, version string) (lifecycle.Report, error) {
		report, _, err := check[lifecycle.Report](b, workflows.TypeAdopt, map[string]any{"name": name, "locale": "en-US", "versionId": version, "by": "ann"})
		return report, err
	}
	_, err = adopt("other", first.Version.ID)
	require.ErrorContains(t, err, "belongs to the model desk")
	report, err := adopt("desk", strings.ToUpper(first.Version.ID))
	require.NoError(t, err)
	require.Equal(t, lifecycle.StateChampion, report.Version.State)
	require.Equal(t, lifecycle.AnswerAdopt, report.Approval.Answer)
	states := map[string]string{}
	for _, m := range b.models() {
		states[m.ID()] = m.CustomProperties["sr.state"]
	}
	require.Equal(t, map[string]string{first.Version.ID: "champion", second.Version.ID: "retired"}, states)
	require.Equal(t, second.Version.ID, b.serving(), "the endpoint is left as it is")

	plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(gated(b, nil)))
	require.NoError(t, err)
	require.False(t, plan.Due)
	require.Contains(t, plan.Reason, "changed by hand", "it serves what is no champion any more")
	require.Equal(t, lifecycle.AlarmChanged, plan.Alarms[0].Kind)

	_, err = adopt("desk", "7768ee9c-ce71-4365-af5c-60daafebffa7")
	require.ErrorContains(t, err, "does not exist")
}

// A retrain that ends while a check lists the resource must not be started again: the check asks whether one goes on
// before it lists, so that it sees either the run or what it has promoted.
func TestACheckThatMeetsTheEndOfARetrainStartsNoOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(nil)
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	b.runs.states = map[string]lifecycle.RunState{}
	mark := func(state string) {
		m, _, err := b.client().GetModel(t.Context(), first.Version.ID)
		require.NoError(t, err)
		m.CustomProperties["sr.state"] = state
		_, _, err = b.client().UpdateModel(t.Context(), m.ID(), speech.ModelUpdate{CustomProperties: m.CustomProperties})
		require.NoError(t, err)
	}
	mark("candidate")
	b.runs.states["earlier"] = lifecycle.RunActive
	asked := 0
	b.runs.asked = func() {
		if asked++; asked == 2 { // the run ends just before the second look
			mark("champion")
		}
	}
	report, ran, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(nil))
	require.NoError(t, err)
	require.Equal(t, workflows.RenewCurrent, report.Outcome, report.Reason)
	require.Equal(t, 2, asked, "%v", ran)
}
