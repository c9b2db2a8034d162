package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// A version costs its training, where that is charged, and each of its evaluations once.
func TestVersionCost(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	v := lifecycle.Version{
		Status: lifecycle.StatusSucceeded, CreatedAt: &at, EndedAt: lifecycle.Ptr(at.Add(3 * time.Hour)),
		Tests: []lifecycle.ObservedTest{
			{EvaluationID: "a", Words: lifecycle.Ptr(int64(9000))},
			{EvaluationID: "a", Words: lifecycle.Ptr(int64(9000))},
			{EvaluationID: "b", Words: lifecycle.Ptr(int64(18000))},
			{EvaluationID: "c"},
		},
	}
	prices := lifecycle.PriceList{Currency: "EUR", TrainingHour: 10, EvaluationAudioHour: 0.5}
	for name, tt := range map[string]struct {
		charged *bool
		amount  float64
	}{
		"charged": {lifecycle.Ptr(true), 33}, "not known to be": {nil, 33}, "not charged": {lifecycle.Ptr(false), 3},
	} {
		cost := lifecycle.VersionCost(v, at, tt.charged, prices)
		require.InDelta(t, tt.amount, cost.Amount, 1e-9, name)
		require.Equal(t, 2, cost.Evaluations, name)
		require.InDelta(t, 3, cost.AudioHours, 1e-9, name)
		require.Contains(t, cost.Formula, "estimate: ", name)
	}
	v.Status = "Running"
	require.InDelta(t, 5, lifecycle.VersionCost(v, at.Add(5*time.Hour), nil, prices).TrainingHours, 1e-9, "up to now")
}
