package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// unusedData are three datasets of two locales, not in their order.
func unusedData() []lifecycle.UnusedDataset {
	return []lifecycle.UnusedDataset{
		{
			ID: "d3d3", DisplayName: "words 1a2b3c4d5e6f", Kind: "Language", Locale: "en-us", CreatedAt: sample.At(0),
			Reason: "no version, evaluation, retrain or schedule names it", Spare: lifecycle.Ptr("2026-07-28"),
		},
		{
			ID: "d1d1", DisplayName: "Aufnahmen \x1b[31m1a2b3c4d5e6f mit einem sehr langen Namen", Kind: "Acoustic", Locale: "de-DE",
			CreatedAt: sample.At(0), Uploaded: true,
			Reason: "no version, evaluation, retrain or schedule names it since 2026-07-01, and a person uploaded it",
		},
		{ID: "d2d2", DisplayName: "calls 1a2b3c4d5e6f", Kind: "Acoustic", Locale: "en-US", CreatedAt: sample.At(0), Uploaded: true},
	}
}

func gone(id string) lifecycle.Disposed {
	return lifecycle.Disposed{Kind: "dataset", ID: id, DisplayName: "data " + id, Reason: "a person asked for it"}
}

// sweptData is what the sweeps of unusedData say: one of three was used meanwhile.
func sweptData() map[string]workflows.SweepReport {
	used := gone("d3d3")
	used.Reason = "model field-crew uses it by now"
	return map[string]workflows.SweepReport{
		"sweep/unused-de-de": {Deleted: []lifecycle.Disposed{gone("d1d1")}},
		"sweep/unused-en-us": {Deleted: []lifecycle.Disposed{gone("d2d2")}, Waiting: []lifecycle.Disposed{used}},
	}
}

func TestDataList(t *testing.T) {
	t.Parallel()
	s := &fakeTemporal{datasets: unusedData()}
	got := execute(t.Context(), s, "data", "list", "--unused")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Len(t, s.observed, 1)
	require.Equal(t, workflows.ObserveInput{Names: []string{}, Datasets: true}, s.observed[0].ObserveInput)
	require.NotContains(t, got.stdout, "\x1b")
	sample.Narrow(t, got.stdout)
	sample.Golden(t, "data-list", got.stdout)
	require.Equal(t, "delete them with: starter data delete --unused\n", got.stderr)

	got = execute(t.Context(), s, "data", "list", "--unused", "-o", "json")
	var back []lifecycle.UnusedDataset
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &back))
	require.Equal(t, "d1d1", back[0].ID)
	require.Len(t, back, 3)

	s.datasets = []lifecycle.UnusedDataset{}
	got = execute(t.Context(), s, "data", "list", "--unused")
	require.Equal(t, "every dataset that was made here is used\n", got.stdout)
	require.Empty(t, s.began)
}

func TestDataCommandsWantUnused(t *testing.T) {
	t.Parallel()
	for verb, says := range map[string]string{
		"list":   "only the datasets that nothing uses can be listed here; type: starter data list --unused; all others are in the Speech portal",
		"delete": "only the datasets that nothing uses can be deleted here; type: starter data delete --unused; all others are in the Speech portal",
	} {
		s := &fakeTemporal{datasets: unusedData()}
		got := execute(t.Context(), s, "data", verb)
		require.Equal(t, exit.Refused, got.code)
		require.Contains(t, got.stderr, says)
		require.Empty(t, s.observed)
	}
}

func TestDataDelete(t *testing.T) {
	t.Parallel()
	s := &fakeTemporal{datasets: unusedData(), swept: sweptData()}
	got := executeTyping(t.Context(), s, "y\n", "data", "delete", "--unused", "--task-queue", "west")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, "sweep/unused-de-de sweep/unused-en-us west", s.began[0].ID+" "+s.began[1].ID+" "+s.began[1].TaskQueue)
	require.JSONEq(t, `{"name": "unused", "locale": "de-DE", "unused": ["d1d1"]}`, s.inputs[0])
	require.JSONEq(t, `{"name": "unused", "locale": "en-US", "unused": ["d2d2", "d3d3"]}`, s.inputs[1])
	sample.Narrow(t, got.stdout+got.stderr)
	sample.Golden(t, "data-delete", got.stderr+"--\n"+got.stdout)

	got = execute(t.Context(), s, "data", "delete", "--unused", "--yes", "-o", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	var back workflows.SweepReport
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &back))
	require.Len(t, back.Deleted, 2)
	require.Len(t, back.Waiting, 1)
}

func TestDataDeleteAsks(t *testing.T) {
	t.Parallel()
	for typed, says := range map[string]string{
		"no\n": "the answer was not yes: nothing was changed",
		"":     "with --yes it is done without asking",
	} {
		s := &fakeTemporal{datasets: unusedData(), swept: sweptData()}
		got := executeTyping(t.Context(), s, typed, "data", "delete", "--unused")
		require.Equal(t, exit.Refused, got.code)
		require.Contains(t, got.stderr, says)
		require.Contains(t, got.stderr, "d3d3", "it is listed first")
		require.Empty(t, s.began)
	}
	s := &fakeTemporal{datasets: []lifecycle.UnusedDataset{}}
	got := execute(t.Context(), s, "data", "delete", "--unused")
	require.Equal(t, exit.Done, got.code, "nothing to delete, nothing to ask")
	require.Equal(t, "every dataset that was made here is used: nothing was deleted\n", got.stdout)
	require.Empty(t, s.began)
}

// What a sweep does not speak of has not been deleted.
func TestWhatASweepDoesNotSayStays(t *testing.T) {
	t.Parallel()
	s := &fakeTemporal{datasets: unusedData()[:1]}
	got := execute(t.Context(), s, "data", "delete", "--unused", "--yes")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, "left dataset words 1a2b3c4d5e6f: it is gone already, or in use by now\n  d3d3\n0 deleted, 1 left\n", got.stdout)
}

// One locale that fails does not hide what was deleted of the other.
func TestDataDeleteFailsHalfWay(t *testing.T) {
	t.Parallel()
	broken := asServer(temporal.NewApplicationErrorWithOptions("the key is wrong", string(lifecycle.Unauthorized), temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{
			lifecycle.Failure{Type: lifecycle.Unauthorized, Message: "the key is wrong"},
			workflows.SweepReport{Deleted: []lifecycle.Disposed{gone("d3d3")}},
		},
	}))
	s := &fakeTemporal{datasets: unusedData(), swept: sweptData(), failing: map[string]error{"sweep/unused-en-us": broken}}
	got := execute(t.Context(), s, "data", "delete", "--unused", "--yes", "-o", "json")
	require.Equal(t, exit.Failed, got.code)
	report := got.report(t)
	require.Equal(t, lifecycle.Unauthorized, report.Error.Type)
	require.Len(t, report.Deleted, 2)
	for _, id := range []string{"d1d1", "d3d3"} {
		require.Equal(t, 1, strings.Count(got.stderr, "before that: "+id), got.stderr)
	}

	s = &fakeTemporal{datasets: unusedData(), swept: sweptData(), going: []string{"sweep/unused-en-us"}}
	got = execute(t.Context(), s, "data", "delete", "--unused", "--yes", "-o", "json")
	require.Equal(t, exit.Failed, got.code, "the German ones are deleted by now: no refusal")
	require.Contains(t, got.stderr, "run run-7 of sweep/unused-en-us goes on already")
	require.Equal(t, "d1d1", got.report(t).Deleted[0].ID)

	s = &fakeTemporal{datasets: unusedData(), going: []string{"sweep/unused-de-de"}}
	got = execute(t.Context(), s, "data", "delete", "--unused", "--yes")
	require.Equal(t, exit.Refused, got.code)
	require.Empty(t, s.began)
	require.Equal(t, "lost", exit.As(errors.New("lost")).Cause.Message)
}
