package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func TestParseBest(t *testing.T) {
	t.Parallel()
	a, b := lifecycle.BestRate{Content: "1a2b3c4d", Rate: 0.1034, Words: 2310}, lifecycle.BestRate{Content: "00000000", Rate: 1.25, Words: 8}
	cases := []struct {
		name, mark string
		want       []lifecycle.BestRate
	}{
		{"nothing", "", nil},
		{"two", "1a2b3c4d=0.1034@2310 00000000=1.2500@8", []lifecycle.BestRate{a, b}},
		{"the lower of two", "1a2b3c4d=0.2@9 1a2b3c4d=0.1034@2310", []lifecycle.BestRate{a}},
		{"cut in the last", "1a2b3c4d=0.1034@2310 00000000=1.2500@", []lifecycle.BestRate{a}},
		{"cut in the rate", "1a2b3c4d=0.1034@2310 00000000=1.…", []lifecycle.BestRate{a}},
		{"written by hand", "none, 1A2B3C4D=0.1@5 1a2b3c4=0.1@5 1a2b3c4d=-1@5 1a2b3c4d=NaN@5 1a2b3c4d=0.1@0 1a2b3c4d=0.1034@2310 x", []lifecycle.BestRate{a}},
		{"more words than there are", "1a2b3c4d=0.1@99999999999999999999", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, lifecycle.ParseBest(c.mark))
		})
	}
}

func TestFormatBestFitsByWholeEntries(t *testing.T) {
	t.Parallel()
	var all []lifecycle.BestRate
	for i := range 30 {
		all = append(all, lifecycle.BestRate{Content: fmt.Sprintf("%08x", i), Rate: 0.1234, Words: 12345})
	}
	mark := lifecycle.FormatBest(all)
	require.LessOrEqual(t, len(mark), lifecycle.MaxMarkValue)
	require.Equal(t, all[:11], lifecycle.ParseBest(mark), "21 characters each, and a blank between")
	require.False(t, strings.HasPrefix(mark, " "))
	require.Empty(t, lifecycle.FormatBest(nil))
	rapid.Check(t, func(t *rapid.T) {
		var some []lifecycle.BestRate
		for i := range rapid.IntRange(0, 11).Draw(t, "n") {
			some = append(some, lifecycle.BestRate{
				Content: fmt.Sprintf("%08x", i), Rate: float64(rapid.IntRange(0, 20000).Draw(t, "rate")) / 10000, Words: rapid.Int64Range(1, 99999).Draw(t, "words"),
			})
		}
		require.Equal(t, some, lifecycle.ParseBest(lifecycle.FormatBest(some)))
	})
}

func TestMergeBest(t *testing.T) {
	t.Parallel()
	entry := func(content string, rate float64, words int64) lifecycle.BestRate {
		return lifecycle.BestRate{Content: content, Rate: rate, Words: words}
	}
	require.Equal(t, []lifecycle.BestRate{entry("b", 0.2, 10), entry("a", 0.1, 20), entry("c", 0.3, 1)},
		lifecycle.MergeBest([]lifecycle.BestRate{entry("b", 0.3, 10), entry("a", 0.1, 10)},
			[]lifecycle.BestRate{entry("a", 0.1, 20), entry("c", 0.3, 1), entry("b", 0.2, 10)}))
	require.Empty(t, lifecycle.MergeBest(nil, nil))
}

func TestBestOfChampions(t *testing.T) {
	t.Parallel()
	day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	version := func(id string, age int, state lifecycle.State, mark string) lifecycle.Version {
		return lifecycle.Version{ID: id, State: state, CreatedAt: lifecycle.Ptr(day.AddDate(0, 0, -age)), Best: mark}
	}
	got := lifecycle.BestOfChampions([]lifecycle.Version{
		version("old", 9, lifecycle.StateRetired, "aaaaaaaa=0.1000@100 cccccccc=0.3000@100"),
		version("now", 1, lifecycle.StateChampion, "bbbbbbbb=0.2000@100 aaaaaaaa=0.1100@100"),
		version("back", 3, lifecycle.StateRolledBack, "bbbbbbbb=0.1900@100"),
		version("never served", 0, lifecycle.StateDeploying, "aaaaaaaa=0.0100@100"),
		version("nor this", 0, lifecycle.StateFailed, "aaaaaaaa=0.0100@100"),
		{ID: "of the run", Run: "home/run", State: lifecycle.StateChampion, Best: "aaaaaaaa=0.0100@100"},
	}, "home/run")
	require.Equal(t, "bbbbbbbb=0.1900@100 aaaaaaaa=0.1000@100 cccccccc=0.3000@100", lifecycle.FormatBest(got))
}

func TestBestContent(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0123abcd", lifecycle.BestContent("0123abcd99887766"))
	require.Regexp(t, "^[0-9a-f]{8}$", lifecycle.BestContent("id:0b1c2d3e"))
	require.NotEqual(t, lifecycle.BestContent("id:0b1c2d3e"), lifecycle.BestContent("id:0b1c2d3f"))
	all := []lifecycle.BestRate{{Content: lifecycle.BestContent("id:x"), Rate: 0.1, Words: 9}}
	require.Equal(t, &all[0], lifecycle.FindBest(all, "id:x"))
	require.Nil(t, lifecycle.FindBest(all, "id:y"))
}

func TestBestMeasured(t *testing.T) {
	t.Parallel()
	j := lifecycle.Judge(lifecycle.Test{}, against(measured(123, 999), measured(100, 999)))
	require.Equal(t, []lifecycle.BestRate{{Content: "0123abcd", Rate: 0.1001, Words: 999}},
		lifecycle.BestMeasured(lifecycle.Test{}, "0123abcd", j, j.Compared), "the champion before it was better")
	require.Equal(t, []lifecycle.BestRate{{Content: "0123abcd", Rate: 0.1231, Words: 999}},
		lifecycle.BestMeasured(lifecycle.Test{}, "0123abcd", j, nil), "compared with a base model")
	require.Empty(t, lifecycle.BestMeasured(lifecycle.Test{MinWords: 1000}, "0123abcd", j, nil), "too few words")
	require.Empty(t, lifecycle.BestMeasured(lifecycle.Test{}, "0123abcd", lifecycle.Judge(lifecycle.Test{}, lifecycle.Measured{}), nil))
}

// The marks of a version in the worst case: one place is left for somebody else's, and what goes first is what is missed
// least.
func TestTheMarksOfAVersionFit(t *testing.T) {
	t.Parallel()
	all := map[string]string{}
	for _, key := range []string{
		lifecycle.MarkOwner, lifecycle.MarkModel, lifecycle.MarkRun, lifecycle.MarkStep, lifecycle.MarkInput, lifecycle.MarkState,
		lifecycle.MarkVerdict, lifecycle.MarkAlarm, lifecycle.MarkBest,
	} {
		all[key] = "x"
	}
	require.LessOrEqual(t, len(all), lifecycle.MaxMarks)
	for n, want := range [][]string{
		nil, nil, {"sr.step"}, {"sr.step", "sr.alarm"}, {"sr.step", "sr.alarm", "sr.best"}, {"sr.step", "sr.alarm", "sr.best", "sr.verdict"},
	} {
		foreign := map[string]string{}
		for i := range n {
			foreign[fmt.Sprint("theirs", i)] = "x"
		}
		merged, dropped := lifecycle.MergeMarks(foreign, all)
		require.Equal(t, want, dropped, "%d foreign", n)
		require.LessOrEqual(t, len(merged), lifecycle.MaxMarks)
	}
}

// What is there already is not left out for a new sr.best: a service that merges would keep it, and refuse the change.
func TestANewBestPushesNothingOut(t *testing.T) {
	t.Parallel()
	existing := map[string]string{"sr.step": "train"}
	for i := range 8 {
		existing[fmt.Sprint("theirs", i)] = "x"
	}
	merged, dropped := lifecycle.MergeMarks(existing, map[string]string{"sr.verdict": "pass", "sr.best": "x"})
	require.Equal(t, []string{"sr.best"}, dropped)
	require.Equal(t, "train", merged["sr.step"])
	require.Len(t, merged, lifecycle.MaxMarks)
	existing["sr.best"] = "x"
	_, dropped = lifecycle.MergeMarks(existing, map[string]string{"sr.verdict": "pass"})
	require.Equal(t, []string{"sr.step"}, dropped, "one that is there stays in its order")
}
