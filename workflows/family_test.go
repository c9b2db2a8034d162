package workflows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// audible is a request with audio alone, which Whisper could be trained with, and a test; change edits it.
func audible(b *bundle, change func(map[string]any)) func(map[string]any) {
	return gated(b, func(r map[string]any) {
		r["training"] = []any{map[string]any{"name": "calls", "kind": "Acoustic", "contentUrl": b.url + "/files/examples/testing/audio-and-trans.zip"}}
		delete(r, "deploy")
		r["approval"] = map[string]any{"when": "never"}
		if change != nil {
			change(r)
		}
	})
}

func whisper(r map[string]any) {
	r["baseModel"] = map[string]any{"choose": "latest", "family": "whisper"}
}

func whisperID(b *bundle) string {
	return b.baseWith(func(m speech.BaseModel) bool { return strings.Contains(m.DisplayName, "Whisper") })
}

// baseWith is the newest usable base model that satisfies is.
func (b *bundle) baseWith(is func(speech.BaseModel) bool) string {
	b.t.Helper()
	bases, _, err := b.client().ListBaseModels(b.t.Context(), speech.Filter{Locale: "en-US", Statuses: []speech.Status{speech.StatusSucceeded}})
	require.NoError(b.t, err)
	slices.SortFunc(bases, func(a, b speech.BaseModel) int { return b.CreatedDateTime.Compare(a.CreatedDateTime) })
	i := slices.IndexFunc(bases, is)
	require.GreaterOrEqual(b.t, i, 0)
	return bases[i].ID()
}

// The newest base model that can be trained with audio is a Whisper model, which nobody gets who did not ask for it.
func TestLatestIsNoWhisper(t *testing.T) {
	t.Parallel()
	b := setup(t)
	report, err := b.retrain(audible(b, nil))
	require.NoError(t, err)
	require.Nil(t, report.BaseModel.Family)
	require.NotContains(t, report.BaseModel.DisplayName, "Whisper")
	require.Equal(t, lifecycle.Pass, report.Verdict.Result, report.Verdict.Reason)
	var refused string
	for _, r := range report.BaseModelsRefused {
		if strings.Contains(r.DisplayName, "Whisper") {
			refused = r.Reason
		}
	}
	require.Contains(t, refused, "family: whisper")
}

// Whatever the service makes of an evaluation of a model without lexical text, it is not asked for, paid for or believed.
func TestADisplayOnlyVersionHasNoRate(t *testing.T) {
	t.Parallel()
	for _, score := range []string{"none", "lexical", "fail"} {
		t.Run(score, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(s *emulator.Settings, _ *speech.Config) { s.DisplayOnlyScore = score })
			report, err := b.retrain(audible(b, func(r map[string]any) {
				whisper(r)
				r["compare"] = map[string]any{"base": true}
			}))
			require.NoError(t, err)
			require.Equal(t, lifecycle.FamilyWhisper, *report.BaseModel.Family)
			require.Equal(t, whisperID(b), report.BaseModel.ID)
			require.Equal(t, lifecycle.Rejected, report.Outcome)
			require.Equal(t, lifecycle.Inconclusive, report.Verdict.Result)
			require.Contains(t, report.Verdict.Reason, report.Version.DisplayName+" gives display text only, so it has no word error rate")
			require.Nil(t, report.Tests[0].WordErrorRate)
			require.Nil(t, report.Tests[0].EvaluationID)
			require.Equal(t, "the base model on 0 of 1 test", evaluated(t, report))
			require.Zero(t, b.sent("POST", "/evaluations"))

			plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(audible(b, whisper)))
			require.NoError(t, err)
			require.Equal(t, lifecycle.FamilyWhisper, *plan.BaseModel.Family)
			require.Contains(t, plan.Tests[0].Against, "nothing: ")
			untested, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(audible(b, func(r map[string]any) {
				whisper(r)
				r["tests"] = []any{}
			})))
			require.NoError(t, err)
			require.Equal(t, untested.Requests, plan.Requests, "an evaluation that is not made needs no request")

			tested, _, err := check[lifecycle.Report](b, workflows.TypeEvaluate, map[string]any{
				"request": b.request(audible(b, whisper)), "versionId": report.Version.ID,
			})
			require.NoError(t, err)
			require.Equal(t, lifecycle.Succeeded, tested.Outcome)
			require.Equal(t, lifecycle.Inconclusive, tested.Verdict.Result)
			require.Equal(t, "the base model on 0 of 1 test", evaluated(t, tested))
			require.Zero(t, b.sent("POST", "/evaluations"))
		})
	}
}

// evaluated is what a report says of its evaluations.
func evaluated(t *testing.T, report lifecycle.Report) string {
	for _, stage := range report.Stages {
		if stage.Name == lifecycle.StageEvaluate && stage.Note != nil {
			return *stage.Note
		}
	}
	require.Fail(t, "the stage says nothing")
	return ""
}

// An inspection shows what was recognised: a model without lexical text has that, too.
func TestADisplayOnlyVersionIsInspected(t *testing.T) {
	t.Parallel()
	b := setup(t)
	report, err := b.retrain(audible(b, func(r map[string]any) {
		whisper(r)
		test(r)["inspect"] = true
	}))
	require.NoError(t, err)
	require.NotEmpty(t, report.Inspections[0].Files)
	require.NotEmpty(t, *report.Inspections[0].Files[0].Text)
}

// A champion of Whisper is renewed from Whisper, without the request saying so; and an ordinary version is not measured
// against it.
func TestTheChampionsFamilyIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	untested := func(change func(map[string]any)) func(map[string]any) {
		return audible(b, func(r map[string]any) {
			if change != nil {
				change(r)
			}
			delete(r, "tests")
		})
	}
	first, err := b.retrain(untested(whisper))
	require.NoError(t, err)
	require.Equal(t, lifecycle.StateChampion, first.Version.State)
	b.ofAnEarlierRun(first.Version.ID)

	plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(untested(nil)))
	require.NoError(t, err)
	require.Equal(t, lifecycle.FamilyWhisper, *plan.BaseModel.Family)
	require.False(t, plan.Due, plan.Reason)

	b = b.again()
	second, err := b.retrain(untested(nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.FamilyWhisper, *second.BaseModel.Family)
	b.ofAnEarlierRun(second.Version.ID)

	b = b.again()
	ordinary := b.baseWith(func(m speech.BaseModel) bool {
		kinds := m.Properties.Features.SupportsAdaptationsWith
		return slices.Contains(kinds, "Acoustic") && slices.Contains(kinds, "Language")
	})
	third, err := b.retrain(audible(b, func(r map[string]any) {
		r["baseModel"], r["compare"] = ordinary, map[string]any{"base": true}
	}))
	require.NoError(t, err)
	require.Nil(t, third.BaseModel.Family)
	require.Equal(t, lifecycle.Inconclusive, third.Verdict.Result)
	require.Contains(t, third.Verdict.Reason, "of an earlier run")
	require.Contains(t, third.Verdict.Reason, "gives display text only")
	require.Zero(t, b.sent("POST", "/evaluations"))
}

// A Whisper model for an endpoint is refused before anything is made, whichever way it is named.
func TestNoWhisperForAnEndpoint(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		base  func(*bundle) any
		class lifecycle.FailureClass
		says  string
	}{
		"by family": {
			func(*bundle) any { return map[string]any{"family": "whisper"} }, lifecycle.InvalidRequest,
			"baseModel.family: a Whisper model cannot serve an endpoint",
		},
		"by ID": {func(b *bundle) any { return whisperID(b) }, lifecycle.NoUsableBaseModel, "versions of it cannot serve on an endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			report, err := b.retrain(audible(b, func(r map[string]any) {
				r["baseModel"], r["project"], r["deploy"] = tt.base(b), "Desk", map[string]any{"endpoint": "Desk"}
			}))
			require.Error(t, err)
			require.Equal(t, tt.class, report.Error.Type)
			require.Contains(t, report.Error.Message, tt.says)
			for _, e := range b.service.Requests() {
				require.Equal(t, "GET", e.Method, "nothing was made")
			}
		})
	}
}
