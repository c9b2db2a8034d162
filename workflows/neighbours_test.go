package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// Hand-made endpoints serve the version before; the one that the schedule names serves the bad one. Only that is switched.
func TestRollbackNeverTouchesAnEndpointThatNobodyNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v1 := b.put("v1", "en-US", marks("retired", "test/one"))
	v2 := b.put("v2", "en-US", marks("champion", "test/two"))
	production := b.point("production", v2, nil)
	canary, another := b.point("canary-1", v1, nil), b.point("canary-2", v1, nil)
	writes := func() int { return b.sent("PATCH", "/endpoints/"+canary) + b.sent("PATCH", "/endpoints/"+another) }

	report, err := b.rollback(map[string]any{})
	require.Error(t, err, "no schedule, no mark: it cannot be told which is meant")
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	for _, name := range []string{"production", "canary-1", "canary-2"} {
		require.Contains(t, report.Error.Message, name)
	}
	require.Contains(t, *report.Error.Next, "--endpoint")
	require.Equal(t, v2, b.serves(production))
	require.Equal(t, map[string]string{v1: "retired", v2: "champion"}, b.states(), "nothing was marked")

	b.scheduled("desk", "production")
	report, err = b.rollback(map[string]any{})
	require.NoError(t, err)
	require.Equal(t, production, report.Endpoint.ID)
	require.Equal(t, v1, b.serves(production))
	require.Equal(t, map[string]string{v1: "champion", v2: "rolledback"}, b.states())
	require.Zero(t, writes())
}

// Two endpoints that carry the model's mark: nobody is to guess.
func TestRollbackRefusesToGuess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put("v1", "en-US", marks("retired", "test/one"))
	v2 := b.put("v2", "en-US", marks("champion", "test/two"))
	ours := map[string]string{"sr.owner": "tests", "sr.model": "desk"}
	first := b.point("first", v2, ours)
	report, err := b.rollback(map[string]any{"endpoint": "nobody has it"})
	require.Error(t, err)
	require.Contains(t, report.Error.Message, `there is no endpoint "nobody has it"`)
	second := b.point("second", v2, ours)
	report, err = b.rollback(map[string]any{})
	require.Error(t, err)
	require.Contains(t, report.Error.Message, "2 endpoints carry the mark of the model desk")
	require.Equal(t, v2, b.serves(first))
	require.Equal(t, v2, b.serves(second))
}

// Somebody has set the endpoint to a base model: a rollback goes back to the champion, and the endpoint is seen to serve
// it before the run succeeds.
func TestRollbackFromABaseModelGoesBackToTheChampion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put("v1", "en-US", marks("retired", "test/one"))
	v2 := b.put("v2", "en-US", marks("champion", "test/two"))
	endpoint := b.point("Desk", v2, nil)
	b.scheduled("desk", "Desk")
	b.repoint(endpoint, b.base("en-US").Ref())
	report, err := b.rollback(map[string]any{})
	require.NoError(t, err)
	require.Equal(t, v2, report.Version.ID)
	require.Equal(t, v2, b.serves(endpoint))
	require.Equal(t, v2, *report.Endpoint.VersionID)
	require.Equal(t, "champion", b.states()[v2])
}

// Without an endpoint that serves anything of the model only marks change, and the report says so.
func TestRollbackWithoutAnEndpointSaysThatOnlyMarksChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v1 := b.put("v1", "en-US", marks("retired", "test/one"))
	v2 := b.put("v2", "en-US", marks("champion", "test/two"))
	report, err := b.rollback(map[string]any{})
	require.NoError(t, err)
	require.Contains(t, strings.Join(report.Notes, "\n"), "only the marks were changed")
	require.Equal(t, map[string]string{v1: "champion", v2: "rolledback"}, b.states())
}

// Observe tells the endpoint by the same rule: never the last one listed.
func TestObserveNamesTheEndpointOfTheSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v1 := b.put("v1", "en-US", marks("retired", "test/one"))
	v2 := b.put("v2", "en-US", marks("champion", "test/two"))
	german := b.put("german", "de-DE", marks("champion", "test/three"))
	b.point("canary", v1, nil)
	production := b.point("production", v2, nil)
	observe := func() []lifecycle.Row {
		seen, _, err := check[workflows.Observed](b, workflows.TypeObserve, map[string]any{"names": []string{"desk"}})
		require.NoError(t, err)
		return seen.Rows
	}
	rows := observe()
	require.Len(t, rows, 2, "a model of another locale is another model")
	require.Equal(t, "de-DE", rows[0].Locale)
	require.Equal(t, german, rows[0].Versions[0].ID)
	require.Nil(t, rows[1].Endpoint)
	require.Contains(t, rows[1].EndpointNote, "production")
	b.scheduled("desk", "production")
	rows = observe()
	require.Equal(t, production, rows[1].Endpoint.ID)
	require.Equal(t, v2, rows[1].Serving.ID)
	require.Nil(t, rows[0].Endpoint, "the schedule is the other locale's")
}

// A retrain of the same name in another locale leaves this one's champion alone: it neither retires nor deletes it.
func TestTheSameNameInAnotherLocaleIsAnotherModel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	german := b.put("german", "de-DE", marks("champion", "test/german"))
	old := b.put("german, old", "de-DE", marks("retired", "test/older"))
	left := b.put("german, canceled", "de-DE", marks("candidate", "test/canceled"))
	b.runs.states = map[string]lifecycle.RunState{"canceled": lifecycle.RunCanceled}
	report, err := b.again().retrain(func(r map[string]any) { r["keep"] = 0 })
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	require.Nil(t, report.Champion)
	require.Equal(t, map[string]string{german: "champion", old: "retired", left: "candidate", report.Version.ID: "champion"}, b.states())
}

// One endpoint, one model: the endpoint of another model is refused before anything is trained, unless it is taken over.
func TestAnEndpointOfAnotherModelIsRefusedUnlessItIsTakenOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	theirs := b.put("theirs", "en-US", marks("champion", "test/theirs", "sr.model", "field"))
	endpoint := b.point("Desk", theirs, map[string]string{"sr.owner": "tests", "sr.model": "field"})
	deploy := func(takeOver string) func(map[string]any) {
		return func(r map[string]any) {
			r["untested"] = "promote"
			r["deploy"] = map[string]any{"endpoint": "Desk"}
			if takeOver != "" {
				r["deploy"] = map[string]any{"endpoint": "Desk", "takeOver": takeOver}
			}
		}
	}
	report, err := b.again().retrain(deploy(""))
	require.Error(t, err)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Contains(t, report.Error.Message, "is the endpoint of the model field")
	require.Contains(t, report.Error.Message, "takeOver: field")
	require.Len(t, b.models(), 1, "nothing was trained")
	require.Equal(t, theirs, b.serves(endpoint))

	report, err = b.again().retrain(deploy("field"))
	require.NoError(t, err)
	require.Equal(t, report.Version.ID, b.serves(endpoint))
	require.Equal(t, map[string]string{theirs: "retired", report.Version.ID: "champion"}, b.states())
	e, _, err := b.client().GetEndpoint(t.Context(), endpoint)
	require.NoError(t, err)
	require.Equal(t, "desk", e.CustomProperties["sr.model"])
	require.Contains(t, strings.Join(report.Notes, "\n"), "its schedule renew/field goes on")

	b.ofAnEarlierRun(report.Version.ID)
	again, err := b.again().retrain(deploy("field"))
	require.NoError(t, err)
	require.NotContains(t, strings.Join(again.Notes, "\n"), "taken over", "done once, it has no effect")
}

// An endpoint made by hand that serves another model's champion is that model's, too.
func TestAnEndpointThatServesAnotherChampionIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	theirs := b.put("theirs", "en-US", marks("champion", "test/theirs", "sr.model", "field"))
	b.point("Desk", theirs, nil)
	plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(func(r map[string]any) { r["deploy"] = map[string]any{"endpoint": "Desk"} }))
	require.NoError(t, err)
	require.Contains(t, plan.Error.Message, "serves the champion of the model field")
	report, err := b.again().retrain(func(r map[string]any) { r["deploy"] = map[string]any{"endpoint": "Desk"} })
	require.Error(t, err)
	require.Contains(t, report.Error.Message, "serves the champion of the model field")
}

// A plan says what the retrain would be refused for, and creates no endpoint of that name.
func TestAnEndpointNamedByAnIDMustExist(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"0ddba11a-5f8f-4dc2-9f5b-5a8b3e7b6a41", "https://h/speechtotext/endpoints/0DDBA11A-5f8f-4dc2-9f5b-5a8b3e7b6a41"} {
		deploy := func(r map[string]any) { r["deploy"] = map[string]any{"endpoint": name} }
		plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(deploy))
		require.NoError(t, err)
		require.Contains(t, plan.Error.Message, name+" does not exist")
		require.Equal(t, "deploy.endpoint", plan.Error.Problems[0].Path)
		require.NotContains(t, *plan.Endpoint, "would be created")
		report, err := b.again().retrain(deploy)
		require.Error(t, err)
		require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
		require.Contains(t, report.Error.Message, name+" does not exist")
		b = b.again()
	}
	require.Empty(t, b.states(), "nothing was trained")
}

// A base model is denied however it is named.
func TestADeniedBaseModelIsNotTrainedFrom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(nil))
	require.NoError(t, err)
	for _, named := range []string{strings.ToUpper(plan.BaseModel.ID), "https://h/speechtotext/models/base/" + strings.ToUpper(plan.BaseModel.ID)} {
		b = b.again()
		other, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(func(r map[string]any) {
			r["baseModel"] = map[string]any{"choose": "latest", "deny": []any{named}}
		}))
		require.NoError(t, err)
		if other.BaseModel != nil {
			require.NotEqual(t, plan.BaseModel.ID, other.BaseModel.ID)
		}
		require.Contains(t, other.BaseModelsRefused,
			lifecycle.Refusal{ID: plan.BaseModel.ID, DisplayName: plan.BaseModel.DisplayName, Reason: "denied by the request"})
	}
}

// The numbers of a kept version stay when its opponent goes.
func TestAnEvaluationGoesWithTheVersionThatItMeasured(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	second, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(second.Version.ID)
	require.Equal(t, first.Version.ID, second.Champion.ID)
	third, err := b.again().retrain(gated(b, func(r map[string]any) { r["keep"], r["force"] = 0, true }))
	require.NoError(t, err)
	require.NotContains(t, b.states(), first.Version.ID, "it was let go")
	measured := map[string]int{}
	evaluations, _, err := b.client().ListEvaluations(t.Context(), speech.Filter{})
	require.NoError(t, err)
	for _, e := range evaluations {
		measured[e.Model2.ID()]++
	}
	require.Equal(t, map[string]int{second.Version.ID: 1, third.Version.ID: 1}, measured)
}

// What a person uploaded, and what a schedule names, stays whatever becomes of the versions; a run that uses what was
// found unused takes it back.
func TestDatasetsThatOthersNeedAreKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := func(name, content string, more ...string) string {
		properties := map[string]string{"sr.owner": "tests", "sr.content": content}
		for i := 0; i+1 < len(more); i += 2 {
			properties[more[i]] = more[i+1]
		}
		d, _, err := b.client().CreateDataset(t.Context(), speech.NewDataset{
			DisplayName: name, Locale: "en-US", Kind: "Language", ContentURL: b.url + "/files/text.txt", CustomProperties: properties,
		})
		require.NoError(t, err)
		b.eventually("dataset", d.ID())
		return d.ID()
	}
	byRun := []string{"sr.by", "run"}
	uploaded := made("uploaded 0123456789ab", "0123456789abcdef")
	named := made("named 0123456789ab", "1123456789abcdef", byRun...)
	spare := made("spare 0123456789ab", "2123456789abcdef", byRun...)
	reused := made("reused 0123456789ab", "3123456789abcdef", byRun...)
	b.runs.live = []lifecycle.LiveRequest{{Name: "other", Locale: "en-US", Training: []lifecycle.LiveData{{Dataset: "named 0123456789ab"}}}}
	sweep := func() {
		s := b.again()
		s.ExecuteWorkflow(workflows.TypeSweep, map[string]any{"name": "desk", "locale": "en-US"})
		require.NoError(t, s.GetWorkflowError())
	}
	sweep()
	require.NoError(t, b.service.Advance(t.Context(), 8*aDay))
	// The run's own pass deletes what nothing has used for a week, but not what its request names.
	report, err := b.again().retrain(func(r map[string]any) { r["training"] = []any{map[string]any{"dataset": reused}} })
	require.NoError(t, err)
	d, _, err := b.client().GetDataset(t.Context(), reused)
	require.NoError(t, err)
	require.Equal(t, lifecycle.NoMark, d.CustomProperties["sr.spare"], "it is used again")
	_, err = b.client().DeleteModel(t.Context(), report.Version.ID)
	require.NoError(t, err)
	require.NoError(t, b.service.Advance(t.Context(), 2*aDay))
	sweep()
	var left []string
	for _, d := range b.service.Objects("dataset") {
		left = append(left, d.ID)
	}
	require.ElementsMatch(t, []string{uploaded, named, reused}, left)
	require.NotContains(t, left, spare)

	b.put("theirs", "en-US", marks("candidate", "elsewhere/run"))
	require.NoError(t, b.service.Advance(t.Context(), 8*aDay))
	sweep()
	require.Contains(t, ids(b.service.Objects("dataset")), reused, "a run of another home may name it")
}

func ids(objects []emulator.Object) []string {
	var all []string
	for _, o := range objects {
		all = append(all, o.ID)
	}
	return all
}
