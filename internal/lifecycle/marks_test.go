package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestMergeMarks(t *testing.T) {
	t.Parallel()
	foreign := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprint("theirs", i)] = "x"
		}
		return m
	}
	t.Run("foreign keys stay and an empty value removes", func(t *testing.T) {
		t.Parallel()
		merged, dropped := lifecycle.MergeMarks(map[string]string{"theirs": "x", "sr.alarm": "30d"}, map[string]string{"sr.state": "champion", "sr.alarm": ""})
		require.Equal(t, map[string]string{"theirs": "x", "sr.state": "champion"}, merged)
		require.Empty(t, dropped)
	})
	t.Run("the alarm goes before the verdict", func(t *testing.T) {
		t.Parallel()
		merged, dropped := lifecycle.MergeMarks(foreign(9), map[string]string{"sr.alarm": "a", "sr.verdict": "v"})
		require.Equal(t, []string{"sr.alarm"}, dropped)
		require.Equal(t, "v", merged["sr.verdict"])
		_, dropped = lifecycle.MergeMarks(foreign(8), map[string]string{"sr.alarm": "a", "sr.verdict": "v", "sr.step": "train"})
		require.Equal(t, []string{"sr.step"}, dropped, "a version without it was trained all the same")
		_, dropped = lifecycle.MergeMarks(foreign(10), map[string]string{"sr.alarm": "a", "sr.verdict": "v"})
		require.Equal(t, []string{"sr.alarm", "sr.verdict"}, dropped)
	})
	t.Run("a long value is cut by characters", func(t *testing.T) {
		t.Parallel()
		merged, _ := lifecycle.MergeMarks(nil, map[string]string{"sr.verdict": strings.Repeat("ä", 300)})
		require.Equal(t, 256, utf8.RuneCountInString(merged["sr.verdict"]))
		require.True(t, utf8.ValidString(merged["sr.verdict"]))
	})
	t.Run("the given maps are not changed", func(t *testing.T) {
		t.Parallel()
		existing := map[string]string{"a": "1"}
		lifecycle.MergeMarks(existing, map[string]string{"b": "2"})
		require.Equal(t, map[string]string{"a": "1"}, existing)
	})
}

func TestDisplayNames(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 0, 30, 0, 0, time.FixedZone("east", 3600))
	name := lifecycle.RunDisplayName("support-calls", at, "run-1", "train")
	require.Regexp(t, `^support-calls 2026-11-22 [0-9a-f]{8}$`, name)
	require.Equal(t, name, lifecycle.RunDisplayName("support-calls", at, "run-1", "train"))
	require.NotEqual(t, name, lifecycle.RunDisplayName("support-calls", at, "run-2", "train"))
	require.NotEqual(t, name, lifecycle.RunDisplayName("support-calls", at, "run-1", "evaluate/x"))
	require.Equal(t, "calls 0123456789ab", lifecycle.DatasetDisplayName("calls", "0123456789abcdef"))
}

func TestInputMark(t *testing.T) {
	t.Parallel()
	require.Len(t, lifecycle.InputMark("base", []string{"a", "b"}), 16)
	require.Equal(t, lifecycle.InputMark("base", []string{"a", "b"}), lifecycle.InputMark("base", []string{"b", "a"}))
	require.NotEqual(t, lifecycle.InputMark("base", []string{"a", "b"}), lifecycle.InputMark("base2", []string{"a", "b"}))
	require.NotEqual(t, lifecycle.InputMark("base", []string{"a"}), lifecycle.InputMark("base", []string{"a", "b"}))
	require.Equal(t, "id:7", lifecycle.ContentOf("7", nil))
	require.Equal(t, "c", lifecycle.ContentOf("7", map[string]string{"sr.content": "c"}))
}

func TestOursNeedsAnOwner(t *testing.T) {
	t.Parallel()
	require.True(t, lifecycle.Ours(map[string]string{"sr.owner": "me"}, "me"))
	require.False(t, lifecycle.Ours(map[string]string{"sr.owner": "you"}, "me"))
	require.False(t, lifecycle.Ours(map[string]string{}, ""), "an unmarked object is nobody's, also for an empty owner")
}
