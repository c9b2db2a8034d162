package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// gated is a request with a test and an endpoint; change edits it.
func gated(b *bundle, change func(map[string]any)) func(map[string]any) {
	return func(r map[string]any) {
		r["training"] = []any{map[string]any{"name": "text", "kind": "Language", "contentUrl": b.url + "/files/examples/training/related-text.txt"}}
		r["tests"] = []any{map[string]any{"name": "desk calls", "kind": "Acoustic", "contentUrl": b.url + "/files/examples/testing/audio-and-trans.zip"}}
		r["deploy"] = map[string]any{"endpoint": "Desk"}
		if change != nil {
			change(r)
		}
	}
}

func test(r map[string]any) map[string]any { return r["tests"].([]any)[0].(map[string]any) }

// serving is what the one endpoint serves, by the service's own word.
func (b *bundle) serving() string {
	b.t.Helper()
	list, _, err := b.client().ListEndpoints(b.t.Context(), speech.Filter{})
	require.NoError(b.t, err)
	if len(list) == 0 {
		return ""
	}
	require.Len(b.t, list, 1)
	return list[0].Model.ID()
}

// championed is a world in which a first run has put a champion on the endpoint.
func championed(t *testing.T, options ...option) (*bundle, lifecycle.Report) {
	t.Helper()
	b := setup(t, options...)
	report, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome, "%+v %+v", report.Verdict, report.Error)
	b.ofAnEarlierRun(report.Version.ID)
	return b.again(), report
}

func TestAFirstRunIsMeasuredAgainstTheBaseAndCreatesTheEndpoint(t *testing.T) {
	t.Parallel()
	b, report := championed(t)
	require.Equal(t, lifecycle.Pass, report.Verdict.Result, report.Verdict.Reason)
	require.Len(t, report.Tests, 1)
	result := report.Tests[0]
	require.Greater(t, *result.Words, int64(400))
	require.Nil(t, result.Champion)
	require.Less(t, *result.WordErrorRate, *result.Base, "the training taught the domain's words")
	require.InDelta(t, *result.WordErrorRate-*result.Base, *result.Difference, 1e-9)
	require.Less(t, result.Interval[0], *result.Difference)
	require.Greater(t, result.Interval[1], *result.Difference)
	require.Equal(t, report.Version.ID, b.serving())
	require.Equal(t, report.Version.ID, *report.Endpoint.VersionID)
	require.Nil(t, report.Endpoint.PreviousVersionID)
	require.Equal(t, lifecycle.StateChampion, report.Version.State)
	marks := b.models()[0].CustomProperties
	require.Regexp(t, `^pass; 0\.\d{3} vs 0\.\d{3}; q:[0-9a-f]{8}; at:\d{4}-\d\d-\d\d; h:0\.\d+$`, marks["sr.verdict"])
	var stages []string
	for _, s := range report.Stages {
		stages = append(stages, string(s.Name))
	}
	require.Equal(t, []string{"validate", "project", "base", "data", "train", "evaluate", "verdict", "deploy", "verify", "retire", "report"}, stages)
}

func TestASecondRunIsMeasuredAgainstTheChampionAndKeepsTheEndpoint(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	second, err := b.retrain(gated(b, func(r map[string]any) { r["compare"] = map[string]any{"base": true} }))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, second.Outcome, "%+v", second.Verdict)
	require.Equal(t, first.Version.ID, second.Champion.ID)
	require.NotNil(t, second.Tests[0].Champion)
	require.NotNil(t, second.Tests[0].Base, "compare.base measures the base too")
	require.Equal(t, first.Endpoint.ID, second.Endpoint.ID, "the endpoint keeps its ID")
	require.Equal(t, first.Version.ID, *second.Endpoint.PreviousVersionID)
	require.Equal(t, second.Version.ID, b.serving())
	states := map[string]string{}
	for _, m := range b.models() {
		states[m.ID()] = m.CustomProperties["sr.state"]
	}
	require.Equal(t, map[string]string{first.Version.ID: "retired", second.Version.ID: "champion"}, states)
	require.Equal(t, 2, b.sent("POST", "/datasets"), "training and test data are imported once")
}

// TestOnlyWhatEarnedItServes lists what goes wrong around the verdict and the deployment.
func TestOnlyWhatEarnedItServes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		options []option
		// prepare runs before the second run, during when an activity of that type begins in it.
		prepare func(*testing.T, *bundle, lifecycle.Report)
		at      string
		during  func(*testing.T, *bundle, lifecycle.Report)
		change  func(map[string]any)
		outcome lifecycle.Outcome
		verdict lifecycle.VerdictKind
		says    string
		// moved tells that the new version serves afterwards.
		moved bool
		class lifecycle.FailureClass
	}{
		{
			name:    "better than allowed",
			change:  func(r map[string]any) { test(r)["maxWordErrorRate"] = "100%" },
			outcome: lifecycle.Succeeded, verdict: lifecycle.Pass, says: "at most 100.0 % allowed", moved: true,
		},
		{
			name:    "worse than allowed",
			change:  func(r map[string]any) { test(r)["maxWordErrorRate"] = 0 },
			outcome: lifecycle.Rejected, verdict: lifecycle.Fail, says: "at most 0.0 % allowed",
		},
		{
			name: "too few words, and nobody is asked",
			change: func(r map[string]any) {
				test(r)["minWords"] = 100000
				r["approval"] = map[string]any{"when": "never"}
			},
			outcome: lifecycle.Rejected, verdict: lifecycle.Inconclusive, says: ", and 100000 are asked for",
		},
		{
			name: "too few words, and nobody answers",
			change: func(r map[string]any) {
				test(r)["minWords"] = 100000
			},
			outcome: lifecycle.Rejected, verdict: lifecycle.Inconclusive, says: "too few words",
		},
		{
			name: "nobody answers, and silence is consent",
			change: func(r map[string]any) {
				test(r)["minWords"] = 100000
				r["approval"] = map[string]any{"timeout": "1h", "onTimeout": "promote"}
			},
			outcome: lifecycle.Succeeded, verdict: lifecycle.Inconclusive, says: "too few words", moved: true,
		},
		{
			name: "an evaluation that fails",
			prepare: func(t *testing.T, b *bundle, _ lifecycle.Report) {
				require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "evaluation", Code: "InvalidTest", Message: "the audio is broken"}))
			},
			change:  func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} },
			outcome: lifecycle.Rejected, verdict: lifecycle.Inconclusive, says: "the audio is broken",
		},
		{
			name: "an improvement over a base that was not measured",
			change: func(r map[string]any) {
				test(r)["minImprovementOverBase"] = "1%"
				r["approval"] = map[string]any{"when": "never"}
			},
			outcome: lifecycle.Rejected, verdict: lifecycle.Inconclusive, says: "the base model was not measured (compare.base)",
		},
		{
			name: "a deployment that fails",
			prepare: func(t *testing.T, b *bundle, _ lifecycle.Report) {
				require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
			},
			outcome: lifecycle.Failed, verdict: lifecycle.Pass, class: lifecycle.DeployFailed, says: "was put back and serves",
		},
		{
			name: "the endpoint was changed by hand meanwhile",
			at:   "CreateEvaluation",
			during: func(t *testing.T, b *bundle, _ lifecycle.Report) {
				e := b.service.Objects("endpoint")[0]
				base, _, err := b.client().ListBaseModels(t.Context(), speech.Filter{Locale: "en-US", Statuses: []speech.Status{speech.StatusSucceeded}})
				require.NoError(t, err)
				for _, m := range base {
					if m.Properties.DeprecationDates.TranscriptionDateTime != nil && m.Properties.DeprecationDates.TranscriptionDateTime.After(b.service.Now()) {
						_, _, err = b.client().UpdateEndpoint(t.Context(), e.ID, speech.EndpointUpdate{Model: &speech.Ref{Self: m.Self}})
						require.NoError(t, err)
						return
					}
				}
			},
			change:  func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} },
			outcome: lifecycle.Rejected, verdict: lifecycle.Inconclusive, says: "was changed during the run",
		},
		{
			name: "the champion was deleted by hand",
			prepare: func(t *testing.T, b *bundle, first lifecycle.Report) {
				require.NoError(t, b.service.Remove(first.Version.ID))
			},
			outcome: lifecycle.Succeeded, verdict: lifecycle.Pass, says: "of the base model", moved: true,
		},
		{
			name: "the champion has expired",
			prepare: func(t *testing.T, b *bundle, first lifecycle.Report) {
				yesterday := b.service.Now().Add(-24 * time.Hour)
				require.NoError(t, b.service.Redate(first.Version.ID, nil, &yesterday))
			},
			outcome: lifecycle.Succeeded, verdict: lifecycle.Pass, says: "of the base model", moved: true,
		},
		{
			name:    "no tests, and that is not enough",
			change:  func(r map[string]any) { delete(r, "tests") },
			outcome: lifecycle.Rejected,
		},
		{
			name: "no tests, and that is accepted",
			change: func(r map[string]any) {
				delete(r, "tests")
				r["untested"] = "promote"
			},
			outcome: lifecycle.Succeeded, moved: true,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, first := championed(t, c.options...)
			if c.prepare != nil {
				c.prepare(t, b, first)
			}
			if c.at != "" {
				b.OnActivityStarted(c.at, func() { c.during(t, b, first) })
			}
			before := b.serving()
			report, err := b.retrain(gated(b, c.change))
			require.Equal(t, c.outcome, report.Outcome, "%+v", report.Error)
			if c.class != "" {
				require.Error(t, err)
				require.Equal(t, c.class, report.Error.Type)
				require.Contains(t, report.Error.Message, c.says)
			} else {
				require.NoError(t, err)
			}
			if c.verdict == "" {
				require.Nil(t, report.Verdict)
			} else {
				require.Equal(t, c.verdict, report.Verdict.Result, report.Verdict.Reason)
				if c.class == "" {
					require.Contains(t, report.Verdict.Reason, c.says)
				}
			}
			switch {
			case c.moved:
				require.Equal(t, report.Version.ID, b.serving())
				require.Equal(t, lifecycle.StateChampion, report.Version.State)
			case c.during == nil:
				require.Equal(t, before, b.serving(), "the endpoint is untouched")
			default:
				require.NotEqual(t, report.Version.ID, b.serving())
			}
			if c.outcome == lifecycle.Rejected {
				require.Equal(t, lifecycle.StateRejected, report.Version.State)
			}
		})
	}
}

func TestARefusedDeleteIsReported(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	_, err := b.service.InjectFault(emulator.Fault{
		Operation: "Models_Delete", Kind: emulator.FaultStatus,
		Status: 400, Code: "InvalidRequest", Message: "still in use", Count: -1,
	})
	require.NoError(t, err)
	m, _, err := b.client().GetModel(t.Context(), first.Version.ID)
	require.NoError(t, err)
	marks := m.CustomProperties
	marks["sr.state"] = "champion"
	old, _, err := b.client().CreateModel(t.Context(), speech.NewModel{
		DisplayName: "an earlier one", Locale: "en-US", BaseModel: m.BaseModel, Datasets: m.Datasets,
		CustomProperties: map[string]string{"sr.owner": "tests", "sr.model": "desk", "sr.state": "retired", "sr.run": "test/older", "sr.step": "train"},
	})
	require.NoError(t, err)
	report, err := b.retrain(gated(b, func(r map[string]any) { r["keep"] = 0 }))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	var reason string
	for _, k := range report.Kept {
		if k.ID == old.ID() {
			reason = k.Reason
		}
	}
	require.Contains(t, reason, "the service refused to delete it")
	require.Contains(t, reason, "still in use")
}
