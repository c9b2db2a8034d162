package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	row := sample.Observed()[0]
	earlier := row.Versions[0]
	earlier.ID, earlier.DisplayName, earlier.State = "e1e1", "support-calls 2025-06-01 \x1b[31mffff", lifecycle.StateRejected
	earlier.CreatedAt, earlier.ExpiresAt = lifecycle.Ptr(sample.At(-400*24*time.Hour)), lifecycle.Ptr(sample.At(24*time.Hour))
	earlier.Verdict, earlier.Tests = "fail; 0.192 vs 0.131; the difference of +6.1 points is above the limit of 1.0 points that the test allows", nil
	row.Versions = append(row.Versions, earlier)
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls")
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.NotContains(t, got.stdout, "\x1b")
		sample.Narrow(t, got.stdout)
		sample.Golden(t, "history", got.stdout)
	})
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "-o", "json")
		require.Equal(t, exit.Done, got.code, got.stderr)
		var back lifecycle.Row
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &back))
		require.Len(t, back.Versions, 2)
	})
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{}}, "history", "support-calls")
		require.Equal(t, exit.Failed, got.code)
		require.Empty(t, got.stdout)
		require.Contains(t, got.stderr, "has no version of support-calls")
	})
}

// Who served on a day is told from the marks, with what they do not tell.
func TestHistoryOn(t *testing.T) {
	t.Parallel()
	row := sample.Champion("support-calls")
	row.Versions[0].Verdict = "pass; 0.112 vs 0.131; at:2026-07-29"
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "--on", "2026-07-30")
		require.Equal(t, exit.Done, got.code, got.stderr)
		sample.Narrow(t, got.stdout)
		sample.Golden(t, "history-on", got.stdout)
	})
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "--on", "2026-07-28", "-o", "json")
		require.Equal(t, exit.Done, got.code, got.stderr)
		var on lifecycle.ServedOn
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &on))
		require.Nil(t, on.Version)
	})
	for on, why := range map[string]string{"2026-07-32": "--on must be a day", "2027-01-01": "is yet to come"} {
		bubble(t, func(t *testing.T) {
			got := execute(t.Context(), &fakeTemporal{rows: []lifecycle.Row{row}}, "history", "support-calls", "--on", on)
			require.Equal(t, exit.Refused, got.code, got.stderr)
			require.Contains(t, got.stderr, why)
		})
	}
}
