package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func TestPickTwinIsTheSameInEveryOrder(t *testing.T) {
	t.Parallel()
	type twin struct {
		id      string
		created time.Time
	}
	of := func(t twin) (string, time.Time) { return t.id, t.created }
	rapid.Check(t, func(t *rapid.T) {
		twins := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) twin {
			n := rapid.IntRange(0, 3).Draw(t, "id")
			// The same ID is the same object, so it has one time.
			return twin{id: fmt.Sprint(n), created: now.Add(-time.Duration(n%2) * time.Second)}
		}), 1, 6).Draw(t, "twins")
		winner, losers, ok := lifecycle.PickTwin(twins, of)
		require.True(t, ok)
		again, othersAgain, _ := lifecycle.PickTwin(rapid.Permutation(twins).Draw(t, "order"), of)
		require.Equal(t, winner, again)
		require.Equal(t, losers, othersAgain)
		seen := map[string]bool{winner.id: true}
		for _, l := range losers {
			require.False(t, seen[l.id], "once only")
			seen[l.id] = true
			require.False(t, l.created.Before(winner.created))
		}
		for _, other := range twins {
			require.True(t, seen[other.id])
		}
	})
	_, _, ok := lifecycle.PickTwin(nil, of)
	require.False(t, ok)
}

// What was listed first may be older than what was read of the same object afterwards.
func TestPickTwinTakesTheLastOfEach(t *testing.T) {
	t.Parallel()
	type seen struct{ id, status string }
	winner, losers, _ := lifecycle.PickTwin([]seen{{"a", "Running"}, {"b", "Running"}, {"a", "Succeeded"}, {"b", "Failed"}},
		func(s seen) (string, time.Time) { return s.id, now })
	require.Equal(t, seen{"a", "Succeeded"}, winner)
	require.Equal(t, []seen{{"b", "Failed"}}, losers)
}

// Of each group exactly one is never named, the earliest; what is used is never named; nothing is named twice.
func TestFindTwinsProperty(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOfNDistinct(rapid.Custom(func(rt *rapid.T) lifecycle.Item {
			return lifecycle.Item{
				Kind:      rapid.SampledFrom([]lifecycle.ObjectKind{lifecycle.ObjectDataset, lifecycle.ObjectProject}).Draw(rt, "kind"),
				Key:       rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "key"),
				ID:        rapid.StringMatching(`[a-f0-9]{4}`).Draw(rt, "id"),
				CreatedAt: start.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "hours")) * time.Hour),
				Terminal:  rapid.Bool().Draw(rt, "terminal"), Used: rapid.Bool().Draw(rt, "used"),
			}
		}), 0, 12, func(i lifecycle.Item) string { return i.ID }).Draw(rt, "items")
		byID := map[string]lifecycle.Item{}
		left := map[string]int{}
		for _, i := range items {
			byID[i.ID] = i
			left[string(i.Kind)+i.Key]++
		}
		spare, waiting := lifecycle.FindTwins(items)
		for n, d := range append(spare, waiting...) {
			named := byID[d.ID]
			require.False(rt, named.Used)
			require.Equal(rt, n < len(spare), named.Terminal)
			left[string(named.Kind)+named.Key]--
			earlier := false
			for _, other := range items {
				earlier = earlier || other.Kind == named.Kind && other.Key == named.Key && other.ID != named.ID && !other.CreatedAt.After(named.CreatedAt)
			}
			require.True(rt, earlier, "there is an earlier one")
		}
		for key, n := range left {
			require.Positive(rt, n, key)
		}
	})
}

func TestOldEnough(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	items := lifecycle.OldEnough([]lifecycle.Item{
		{ID: "old", CreatedAt: now.Add(-lifecycle.SpareAge)},
		{ID: "young", CreatedAt: now.Add(-lifecycle.SpareAge + time.Second)},
		{ID: "used", CreatedAt: now.Add(-100 * lifecycle.SpareAge), Used: true},
	}, now)
	used := map[string]bool{}
	for _, i := range items {
		used[i.ID] = i.Used
	}
	require.Equal(t, map[string]bool{"old": false, "young": true, "used": true}, used)
}

func TestServedBefore(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC) }
	version := func(id, run string, state lifecycle.State, hour int) lifecycle.Version {
		return lifecycle.Version{ID: id, Run: run, State: state, Status: lifecycle.StatusSucceeded, CreatedAt: lifecycle.Ptr(at(hour))}
	}
	for name, tt := range map[string]struct {
		versions []lifecycle.Version
		want     string
	}{
		"none":         {},
		"only its own": {[]lifecycle.Version{version("own", "r", lifecycle.StateChampion, 9)}, ""},
		"retired by it": {[]lifecycle.Version{
			version("own", "r", lifecycle.StateChampion, 9),
			version("old", "q", lifecycle.StateRetired, 1), version("older", "p", lifecycle.StateRetired, 0),
		}, "old"},
		"not retired yet": {[]lifecycle.Version{version("own", "r", lifecycle.StateCandidate, 9), version("old", "q", lifecycle.StateChampion, 1)}, "old"},
		"never a rejected": {[]lifecycle.Version{
			version("a", "q", lifecycle.StateRejected, 5),
			version("b", "q", lifecycle.StateRolledBack, 6), version("c", "q", lifecycle.StateFailed, 7),
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := lifecycle.ServedBefore(tt.versions, "r"); tt.want == "" {
				require.Nil(t, got)
			} else {
				require.Equal(t, tt.want, got.ID)
			}
		})
	}
}

func TestMismeasured(t *testing.T) {
	t.Parallel()
	wanted := lifecycle.Subjects{First: "a", Second: "b", Dataset: "d"}
	require.Empty(t, lifecycle.Mismeasured(wanted, wanted))
	for _, other := range []lifecycle.Subjects{
		{},
		{First: "x", Second: "b", Dataset: "d"},
		{First: "a", Second: "x", Dataset: "d"},
		{First: "a", Second: "b", Dataset: "x"},
	} {
		require.NotEmpty(t, lifecycle.Mismeasured(other, wanted), "%+v", other)
	}
}
