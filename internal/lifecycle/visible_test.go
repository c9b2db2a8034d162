package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words int64
		rate  float64
		want  float64
		need  int64
	}{
		{504, 0.027, 0.0214, 2400},
		{1000, 0.1, 0.0264, 7000},
		{1000, 0, 0.0038, 150},
		{100_000, 0.1, 0.0026, 7000},
	} {
		n := lifecycle.NumberAt(c.rate, c.words)
		got := lifecycle.Visible(n, n)
		require.InDelta(t, c.want, got, 0.0001, "%d words at %v", c.words, c.rate)
		require.Equal(t, c.need, lifecycle.WordsToShow(0.01, c.words, got), "%d words at %v", c.words, c.rate)
	}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.Int64Range(500, 5000).Draw(t, "words")
		rate := rapid.Float64Range(0.05, 0.5).Draw(t, "rate")
		n := lifecycle.NumberAt(rate, words)
		need := lifecycle.WordsToShow(0.01, words, lifecycle.Visible(n, n))
		then := lifecycle.NumberAt(rate, need)
		require.InDelta(t, 0.01, lifecycle.Visible(then, then), 0.001, "so many words show it, about")
	})
}

func TestEqualFails(t *testing.T) {
	t.Parallel()
	n := lifecycle.NumberAt(0.1, 1000)
	visible := lifecycle.Visible(n, n)
	one := lifecycle.Comparison{Limit: 0.005, Visible: visible}
	require.InDelta(t, 0.5, lifecycle.EqualFails([]lifecycle.Comparison{{Visible: visible}}), 1e-9, "with no regression allowed half of them fail")
	require.InDelta(t, 0.356, lifecycle.EqualFails([]lifecycle.Comparison{one}), 0.001)
	require.InDelta(t, 1-0.644*0.644*0.644, lifecycle.EqualFails([]lifecycle.Comparison{one, one, one}), 0.002)
	require.InDelta(t, 0.0099, lifecycle.EqualFails([]lifecycle.Comparison{{Limit: 0.005, Visible: visible, Strict: true}}), 0.001)
	require.Zero(t, lifecycle.EqualFails(nil))
	require.Zero(t, lifecycle.EqualFails([]lifecycle.Comparison{{}}))
}

func TestComparisonOf(t *testing.T) {
	t.Parallel()
	visible := lifecycle.Ptr(0.02)
	c, ok := lifecycle.ComparisonOf(lifecycle.Test{Strict: true}, visible)
	require.True(t, ok)
	require.Equal(t, lifecycle.Comparison{Limit: 0.005, Visible: 0.02, Strict: true}, c)
	for _, none := range []lifecycle.Test{{MaxWordErrorRate: visible}, {MinImprovementOverBase: visible}, {Inspect: true}} {
		_, ok := lifecycle.ComparisonOf(none, visible)
		require.False(t, ok)
	}
	_, ok = lifecycle.ComparisonOf(lifecycle.Test{}, nil)
	require.False(t, ok)
	c, ok = lifecycle.ComparisonOf(lifecycle.Test{MaxWordErrorRate: visible, MaxRegression: visible}, visible)
	require.True(t, ok)
	require.InDelta(t, 0.02, c.Limit, 1e-12)
}
