package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/internal/stack"
)

// Facts come in the order in which a run learns them: what is shown once stands, whatever the run learns after it.
func TestFactsOf(t *testing.T) {
	t.Parallel()
	whole := sample.Rejected()
	whole.Version.Status = succeeded
	whole.Tests = []lifecycle.TestReport{{Name: "desk calls", Words: lifecycle.Ptr[int64](504), Visible: lifecycle.Ptr(0.0234)}}
	facts := factsOf(whole)
	var about []string
	for _, f := range facts {
		about = append(about, f.about)
		require.NotContains(t, f.says, "%!")
	}
	require.Equal(t, "base training test verdict", strings.Join(about, " "))
	require.Equal(t, whole.BaseModel.DisplayName+" (2 others refused; the report says why)", facts[0].says)
	alone := whole
	alone.BaseModelsRefused = nil
	require.Equal(t, whole.BaseModel.DisplayName, factsOf(alone)[0].says)
	require.Equal(t, "word error rates on desk calls, 504 words: ±2.3 points may be chance", facts[2].says)
	require.Equal(t, whole.Verdict.Reason, strings.TrimPrefix(facts[3].says, string(whole.Verdict.Result)+": "), "the gate's own arithmetic")

	require.Empty(t, factsOf(lifecycle.NewReport("a", "en-US")))
	part := whole
	part.Verdict = nil
	require.Equal(t, facts[:2], factsOf(part))
	training := *whole.Version
	training.Status = "Running"
	part.Version = &training
	require.Equal(t, facts[:1], factsOf(part))
}

// What is told of an endpoint is what the service shows: a report that says otherwise ends the demo.
func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	r := lifecycle.Report{
		Outcome: lifecycle.Succeeded, Version: &lifecycle.VersionReport{ID: "new"}, Champion: &lifecycle.ChampionReport{ID: "old"},
	}
	told, err := outcomeOf(r, stack.Serving{ServingID: "new"})
	require.NoError(t, err)
	require.Equal(t, "succeeded: endpoint wind-desk serves the new version, champion now", told.says)
	_, err = outcomeOf(r, stack.Serving{ServingID: "old"})
	require.ErrorContains(t, err, "serves old, and not new")

	r.Outcome = lifecycle.Rejected
	told, err = outcomeOf(r, stack.Serving{ServingID: "old"})
	require.NoError(t, err)
	require.Equal(t, "rejected: endpoint wind-desk still serves the version before", told.says)
	_, err = outcomeOf(r, stack.Serving{ServingID: "new"})
	require.ErrorContains(t, err, "serves new, and not old")
}

func TestAfterwards(t *testing.T) {
	t.Parallel()
	expires := time.Date(2031, 1, 15, 0, 0, 0, 0, time.UTC)
	last := lifecycle.Report{Version: &lifecycle.VersionReport{ID: "new", ExpiresAt: &expires}}
	kept, left := stack.Serving{ServingID: "new"}, stack.Serving{Status: succeeded, ServingID: "base", Base: true, Fallback: true}
	rates := measured{Status: succeeded}
	rates.Properties.First, rates.Properties.Second = 0.0412, 0.0201

	facts, err := afterwards(last, kept, left, rates)
	require.NoError(t, err)
	require.Contains(t, facts[0].says, "2.0 % of the words wrong")
	require.Contains(t, facts[1].says, "its status is Succeeded")
	require.Contains(t, facts[1].says, "4.1 % of the words wrong")

	_, err = afterwards(last, left, left, rates)
	require.ErrorContains(t, err, "wind-desk serves base, not new")
	_, err = afterwards(last, kept, kept, rates)
	require.ErrorContains(t, err, "left alone still serves new", "it has not expired")
}

func TestIDOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, "4acb", idOf("http://127.0.0.1:8090/speechtotext/endpoints/4acb?api-version=2025-10-15"))
}
