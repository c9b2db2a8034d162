package words

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestWhatATestShows(t *testing.T) {
	t.Parallel()
	require.Equal(t, "504 words: ±2.1 points; for 1 point about 2,400 words", Shows(504, 0.0214))
	require.Equal(t, "100,000 words: ±0.3 points", Shows(100_000, 0.0026), "it shows a point already")
	require.Equal(t, "1,000 words: ±2.6 points; for 1 point about 7,000 words, at an assumed WER of 10.0 %", AssumedShows(1000, 0.1))
}

func TestWhatTestsShow(t *testing.T) {
	t.Parallel()
	require.Empty(t, TestsShow([]lifecycle.TestReport{{Name: "not measured"}, {Name: "nor this", Words: lifecycle.Ptr[int64](9)}}))
	require.Equal(t, "what the tests can show: calls: 504 words: ±2.1 points; for 1 point about 2,400 words; desk: 100,000 words: ±0.3 points "+
		"(words of one utterance are not independent, so the true intervals are wider)",
		TestsShow([]lifecycle.TestReport{
			{Name: "calls", Words: lifecycle.Ptr[int64](504), Visible: lifecycle.Ptr(0.0214)},
			{Name: "not measured"},
			{Name: "desk", Words: lifecycle.Ptr[int64](100_000), Visible: lifecycle.Ptr(0.0026)},
		}))
}

func TestEqualFails(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a version that is truly equal to the champion fails its test in 36 % of all cases, by chance", EqualFails(1, 0.356, "the champion"))
	require.Equal(t, "a version that is truly equal to the base model fails at least one of its tests in 73 % of all cases, by chance",
		EqualFails(3, 0.733, "the base model"))
}
