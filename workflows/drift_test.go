package workflows_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// remark changes marks of a version as a hand would.
func (b *bundle) remark(id string, changes map[string]string) {
	b.t.Helper()
	m, _, err := b.client().GetModel(b.t.Context(), id)
	require.NoError(b.t, err)
	marks := maps.Clone(m.CustomProperties)
	maps.Copy(marks, changes)
	_, _, err = b.client().UpdateModel(b.t.Context(), id, speech.ModelUpdate{CustomProperties: marks})
	require.NoError(b.t, err)
}

// marksOf are the marks of a version.
func (b *bundle) marksOf(id string) map[string]string {
	b.t.Helper()
	m, _, err := b.client().GetModel(b.t.Context(), id)
	require.NoError(b.t, err)
	return m.CustomProperties
}

// What a champion scored is kept on it by the content of the test, and the next version is told from it.
func TestTheBestIsCarriedOn(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	result := first.Tests[0]
	require.Nil(t, result.Best, "there was no champion before")
	require.InDelta(t, (result.Interval[1]-result.Interval[0])/2, *result.Visible, 1e-12)
	require.Contains(t, first.Notes, "a version that is truly equal to the base model fails its test in 35 % of all cases, by chance")
	content := *first.Datasets[1].Content
	best := lifecycle.ParseBest(b.marksOf(first.Version.ID)["sr.best"])
	require.Len(t, best, 1)
	require.Equal(t, content[:8], best[0].Content)
	require.InDelta(t, *result.WordErrorRate, best[0].Rate, 0.00005)
	require.Equal(t, *result.Words, best[0].Words)

	early := ""
	b.OnActivityStarted("PointEndpoint", func() {
		for _, m := range b.models() {
			if m.CustomProperties["sr.state"] == "deploying" {
				early = m.CustomProperties["sr.best"]
			}
		}
	})
	second, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, second.Outcome, "%+v", second.Verdict)
	require.Equal(t, early, b.marksOf(second.Version.ID)["sr.best"], "it is written, or left out, before the endpoint is changed")
	require.InDelta(t, best[0].Rate, *second.Tests[0].Best, 1e-12)
	carried := lifecycle.ParseBest(b.marksOf(second.Version.ID)["sr.best"])
	require.Len(t, carried, 1)
	require.InDelta(t, min(*second.Tests[0].WordErrorRate, best[0].Rate), carried[0].Rate, 0.00005)
	require.LessOrEqual(t, len(b.marksOf(second.Version.ID)), 8, "marks of a champion without an alarm")
}

// A version that is no worse than the champion, and farther above the best than its words leave open, is asked about, never
// failed.
func TestADriftIsAskedAbout(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	content := *first.Datasets[1].Content
	b.remark(first.Version.ID, map[string]string{"sr.best": content[:8] + "=0.0001@504"})
	second, err := b.retrain(gated(b, func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} }))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, second.Outcome)
	require.Equal(t, lifecycle.Inconclusive, second.Verdict.Result)
	require.Contains(t, second.Verdict.Reason, "above the best that a champion has had here, 0.0 % in 504 words: more than")
	require.InDelta(t, 0.0001, *second.Tests[0].Best, 1e-12)
	require.Equal(t, first.Version.ID, b.serving())
	require.NotContains(t, b.marksOf(second.Version.ID), "sr.best", "it is no champion")
}
