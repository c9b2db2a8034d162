package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func version(id string, state lifecycle.State, run lifecycle.RunState) lifecycle.Version {
	return lifecycle.Version{
		ID: id, DisplayName: id, CreatedAt: lifecycle.Ptr(now), State: state, Run: "test/r",
		Step: "train", Known: lifecycle.RunKnown{State: run},
	}
}

func TestFindAbandoned(t *testing.T) {
	t.Parallel()
	later := func(v lifecycle.Version) lifecycle.Version {
		v.CreatedAt = lifecycle.Ptr(v.CreatedAt.Add(time.Minute))
		return v
	}
	ended := func(v lifecycle.Version, days int) lifecycle.Version {
		v.EndedAt = lifecycle.Ptr(now.AddDate(0, 0, -days))
		return v
	}
	plain := func(v lifecycle.Version) lifecycle.Version {
		_, v.Run = lifecycle.SplitRun(v.Run)
		return v
	}
	cases := []struct {
		name     string
		versions []lifecycle.Version
		lost     string
		want     map[string]string
	}{
		{
			name: "candidate of a canceled run", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunCanceled)},
			want: map[string]string{"a": "its run r was canceled"},
		},
		{
			name: "candidate of a terminated run", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunTerminated)},
			want: map[string]string{"a": "its run r was terminated"},
		},
		{
			name: "candidate of a timed-out run", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunTimedOut)},
			want: map[string]string{"a": "its run r timed out"},
		},
		{
			name: "candidate of a forgotten run", versions: []lifecycle.Version{ended(version("a", lifecycle.StateCandidate, lifecycle.RunUnknown), 31)},
			want: map[string]string{"a": "Temporal no longer knows its run r, and its training ended on " + now.AddDate(0, 0, -31).Format(time.DateOnly)},
		},
		{name: "candidate of a run forgotten within a month", versions: []lifecycle.Version{ended(version("a", lifecycle.StateCandidate, lifecycle.RunUnknown), 30)}},
		{name: "candidate of a forgotten run that still trains", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunUnknown)}},
		{name: "candidate of another home, long ago", versions: []lifecycle.Version{ended(version("a", lifecycle.StateCandidate, lifecycle.RunForeign), 400)}},
		{name: "what another home marked abandoned", versions: []lifecycle.Version{version("a", lifecycle.StateAbandoned, lifecycle.RunForeign)}},
		{
			name: "candidate of a home that is said to be lost", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunForeign)},
			lost: "test", want: map[string]string{"a": "it was left unfinished by the home test, which is lost"},
		},
		{name: "candidate of a third home", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunForeign)}, lost: "third"},
		{name: "rejected version of a lost home", versions: []lifecycle.Version{version("a", lifecycle.StateRejected, lifecycle.RunForeign)}, lost: "test"},
		{name: "deploying version of a canceled run", versions: []lifecycle.Version{version("a", lifecycle.StateDeploying, lifecycle.RunCanceled)}},
		{
			name: "twin whose mark is from before homes",
			versions: []lifecycle.Version{
				later(plain(version("b", lifecycle.StateCandidate, lifecycle.RunEnded))),
				version("a", lifecycle.StateChampion, lifecycle.RunEnded),
			},
			want: map[string]string{"b": "it is a twin of a, made by the same run r"},
		},
		{name: "candidate of the active run", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunActive)}, want: nil},
		{name: "candidate of a run that ended", versions: []lifecycle.Version{version("a", lifecycle.StateCandidate, lifecycle.RunEnded)}, want: nil},
		{
			name: "marked abandoned earlier", versions: []lifecycle.Version{version("a", lifecycle.StateAbandoned, lifecycle.RunEnded)},
			want: map[string]string{"a": "it was marked abandoned earlier"},
		},
		{name: "champion of a canceled run", versions: []lifecycle.Version{version("a", lifecycle.StateChampion, lifecycle.RunCanceled)}, want: nil},
		{
			name: "later twin of a run that ended", versions: []lifecycle.Version{
				later(version("b", lifecycle.StateCandidate, lifecycle.RunEnded)),
				version("a", lifecycle.StateChampion, lifecycle.RunEnded),
			},
			want: map[string]string{"b": "it is a twin of a, made by the same run r"},
		},
		{
			name: "the champion wins over an earlier twin",
			versions: []lifecycle.Version{
				later(version("b", lifecycle.StateChampion, lifecycle.RunEnded)),
				version("a", lifecycle.StateCandidate, lifecycle.RunEnded),
			},
			want: map[string]string{"a": "it is a twin of b, made by the same run r"},
		},
		{
			name: "an abandoned twin does not win", versions: []lifecycle.Version{
				version("a", lifecycle.StateAbandoned, lifecycle.RunEnded),
				later(version("b", lifecycle.StateCandidate, lifecycle.RunEnded)),
			},
			want: map[string]string{"a": "it was marked abandoned earlier"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got map[string]string
			for _, f := range lifecycle.FindAbandoned(c.versions, c.lost, now) {
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
		lifecycle.StateRolledBack, lifecycle.StateFailed, lifecycle.StateDeploying, lifecycle.StateAbandoned, "somebody's own",
	}
	runs := []lifecycle.RunState{
		lifecycle.RunActive, lifecycle.RunEnded, lifecycle.RunCanceled, lifecycle.RunTerminated,
		lifecycle.RunTimedOut, lifecycle.RunUnknown, lifecycle.RunForeign,
	}
	rapid.Check(t, func(t *rapid.T) {
		var versions []lifecycle.Version
		for i := range rapid.IntRange(0, 6).Draw(t, "n") {
			v := version(fmt.Sprint(i), rapid.SampledFrom(states).Draw(t, "state"), "")
			v.Run = rapid.SampledFrom([]string{"test/r", "test/q"}).Draw(t, "run")
			v.Known.State = runs[rapid.IntRange(0, len(runs)-1).Draw(t, v.Run)]
			v.InUse = rapid.Bool().Draw(t, "in use")
			v.CreatedAt = lifecycle.Ptr(now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Second))
			versions = append(versions, v)
		}
		found := lifecycle.FindAbandoned(versions, "", now)
		again := lifecycle.FindAbandoned(rapid.Permutation(versions).Draw(t, "order"), "", now)
		require.Equal(t, found, again)
		for _, f := range found {
			require.Contains(t, []lifecycle.State{lifecycle.StateCandidate, lifecycle.StateAbandoned}, f.Version.State)
			require.NotEqual(t, lifecycle.RunActive, f.Version.Known.State)
			require.NotEqual(t, lifecycle.RunForeign, f.Version.Known.State)
			require.False(t, f.Version.InUse)
			require.NotEmpty(t, f.Reason)
		}
	})
}

func TestMarkedChampion(t *testing.T) {
	t.Parallel()
	require.Nil(t, lifecycle.MarkedChampion([]lifecycle.Version{
		{ID: "a", State: lifecycle.StateChampion, Status: "Failed", CreatedAt: lifecycle.Ptr(now)},
		{ID: "b", State: lifecycle.StateCandidate, Status: "Succeeded", CreatedAt: lifecycle.Ptr(now)},
	}))
	champion := lifecycle.MarkedChampion([]lifecycle.Version{
		{ID: "new", State: lifecycle.StateChampion, Status: "Succeeded", CreatedAt: lifecycle.Ptr(now)},
		{ID: "old", State: lifecycle.StateChampion, Status: "Succeeded", CreatedAt: lifecycle.Ptr(now.Add(-time.Hour))},
	})
	require.Equal(t, "new", champion.ID)
}
