package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func version(id string, state lifecycle.State, run lifecycle.RunState) lifecycle.MarkedVersion {
	return lifecycle.MarkedVersion{ID: id, DisplayName: id, CreatedAt: now, State: state, Run: "r", Step: "train", RunState: run}
}

func TestFindAbandoned(t *testing.T) {
	t.Parallel()
	later := func(v lifecycle.MarkedVersion) lifecycle.MarkedVersion {
		v.CreatedAt = v.CreatedAt.Add(time.Minute)
		return v
	}
	cases := []struct {
		name     string
		versions []lifecycle.MarkedVersion
		want     map[string]string
	}{
		{"candidate of a canceled run", []lifecycle.MarkedVersion{version("a", lifecycle.StateCandidate, lifecycle.RunCanceled)}, map[string]string{"a": "its run r was canceled"}},
		{"candidate of a terminated run", []lifecycle.MarkedVersion{version("a", lifecycle.StateCandidate, lifecycle.RunTerminated)}, map[string]string{"a": "its run r was terminated"}},
		{"candidate of a timed-out run", []lifecycle.MarkedVersion{version("a", lifecycle.StateCandidate, lifecycle.RunTimedOut)}, map[string]string{"a": "its run r timed out"}},
		{"candidate of a forgotten run", []lifecycle.MarkedVersion{version("a", lifecycle.StateCandidate, lifecycle.RunUnknown)}, map[string]string{"a": "its run r is unknown to Temporal"}},
		{"candidate of the active run", []lifecycle.MarkedVersion{version("a", lifecycle.StateCandidate, lifecycle.RunActive)}, nil},
		{"candidate of a run that ended", []lifecycle.MarkedVersion{version("a", lifecycle.StateCandidate, lifecycle.RunEnded)}, nil},
		{"marked abandoned earlier", []lifecycle.MarkedVersion{version("a", lifecycle.StateAbandoned, lifecycle.RunEnded)}, map[string]string{"a": "it was marked abandoned earlier"}},
		{"champion of a canceled run", []lifecycle.MarkedVersion{version("a", lifecycle.StateChampion, lifecycle.RunCanceled)}, nil},
		{
			"later twin of a run that ended",
			[]lifecycle.MarkedVersion{later(version("b", lifecycle.StateCandidate, lifecycle.RunEnded)), version("a", lifecycle.StateChampion, lifecycle.RunEnded)},
			map[string]string{"b": "it is a twin of a, made by the same run r"},
		},
		{
			"the champion wins over an earlier twin",
			[]lifecycle.MarkedVersion{later(version("b", lifecycle.StateChampion, lifecycle.RunEnded)), version("a", lifecycle.StateCandidate, lifecycle.RunEnded)},
			map[string]string{"a": "it is a twin of b, made by the same run r"},
		},
		{
			"an abandoned twin does not win",
			[]lifecycle.MarkedVersion{version("a", lifecycle.StateAbandoned, lifecycle.RunEnded), later(version("b", lifecycle.StateCandidate, lifecycle.RunEnded))},
			map[string]string{"a": "it was marked abandoned earlier"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got map[string]string
			for _, f := range lifecycle.FindAbandoned(c.versions) {
				if got == nil {
					got = map[string]string{}
				}
				got[f.Version.ID] = f.Reason
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestFindAbandonedNeverNamesWhatServedOrIsAtWork(t *testing.T) {
	t.Parallel()
	states := []lifecycle.State{
		lifecycle.StateCandidate, lifecycle.StateChampion, lifecycle.StateRetired, lifecycle.StateRejected,
		lifecycle.StateRolledBack, lifecycle.StateFailed, lifecycle.StateAbandoned, "somebody's own",
	}
	runs := []lifecycle.RunState{lifecycle.RunActive, lifecycle.RunEnded, lifecycle.RunCanceled, lifecycle.RunTerminated, lifecycle.RunTimedOut, lifecycle.RunUnknown}
	rapid.Check(t, func(t *rapid.T) {
		var versions []lifecycle.MarkedVersion
		for i := range rapid.IntRange(0, 6).Draw(t, "n") {
			v := version(fmt.Sprint(i), rapid.SampledFrom(states).Draw(t, "state"), "")
			v.Run = rapid.SampledFrom([]string{"r", "q"}).Draw(t, "run")
			v.RunState = runs[rapid.IntRange(0, len(runs)-1).Draw(t, v.Run)]
			v.InUse = rapid.Bool().Draw(t, "in use")
			v.CreatedAt = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Second)
			versions = append(versions, v)
		}
		found := lifecycle.FindAbandoned(versions)
		again := lifecycle.FindAbandoned(rapid.Permutation(versions).Draw(t, "order"))
		require.Equal(t, found, again)
		for _, f := range found {
			require.Contains(t, []lifecycle.State{lifecycle.StateCandidate, lifecycle.StateAbandoned}, f.Version.State)
			require.NotEqual(t, lifecycle.RunActive, f.Version.RunState)
			require.False(t, f.Version.InUse)
			require.NotEmpty(t, f.Reason)
		}
	})
}

func TestMarkedChampion(t *testing.T) {
	t.Parallel()
	_, ok := lifecycle.MarkedChampion([]lifecycle.Version{
		{ID: "a", State: lifecycle.StateChampion, Status: "Failed", CreatedAt: now},
		{ID: "b", State: lifecycle.StateCandidate, Status: "Succeeded", CreatedAt: now},
	})
	require.False(t, ok)
	champion, ok := lifecycle.MarkedChampion([]lifecycle.Version{
		{ID: "new", State: lifecycle.StateChampion, Status: "Succeeded", CreatedAt: now},
		{ID: "old", State: lifecycle.StateChampion, Status: "Succeeded", CreatedAt: now.Add(-time.Hour)},
	})
	require.True(t, ok)
	require.Equal(t, "new", champion.ID)
}
