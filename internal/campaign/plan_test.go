package campaign

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A seed means the same whenever and wherever it is played, and seeds differ.
func TestPlanDependsOnItsSeedAlone(t *testing.T) {
	t.Parallel()
	require.Equal(t, PlanOf(17), PlanOf(17))
	require.NotEqual(t, PlanOf(17), PlanOf(18))
	for seed := range uint64(2000) {
		p := PlanOf(seed)
		require.NotEmpty(t, p.Steps)
		points := slices.Clone(p.Kills)
		for _, s := range p.Steps {
			if s.At != "" && s.Do != doRepeat {
				points = append(points, s.At)
			}
		}
		for _, a := range p.Neighbours.Acts {
			require.Less(t, a.Step, len(p.Steps))
			if a.At != "" {
				points = append(points, a.At)
			}
		}
		slices.Sort(points)
		require.Len(t, slices.Compact(slices.Clone(points)), len(points), "each point does one thing")
	}
}

// A campaign that never draws a kind of fault or step proves nothing about it.
func TestPlansDrawEverything(t *testing.T) {
	t.Parallel()
	steps, faults, profiles, points := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for seed := range uint64(500) {
		p := PlanOf(seed)
		profiles[p.Profile] = true
		for _, s := range p.Steps {
			steps[s.Do] = true
			points[s.At] = true
		}
		for _, f := range p.Faults {
			faults[f.Kind] = true
		}
		for _, k := range p.Kills {
			points[k] = true
		}
	}
	require.ElementsMatch(t, []string{
		doRetrain, doStrict, doNoDeploy, doTrainFail, doDataFail, doTestFail, doMoveFail, doApprove, doReject, doTimeout, doCancel,
		doTerminate, doReset, doRepeat, doCut, doJump, doRenew, doRollback, doEvaluate,
	}, slices.Collect(maps.Keys(steps)))
	require.ElementsMatch(t, []string{"status", "statusAfter", "delay", "dropBefore", "dropAfter", "truncate", "garbage", "html", "contentType", "throttle"},
		slices.Collect(maps.Keys(faults)))
	require.ElementsMatch(t, []string{"plain", "awkward"}, slices.Collect(maps.Keys(profiles)))
	for _, activity := range pointActivities {
		of := func(point string) bool { return strings.HasPrefix(point, "Retrain/"+activity+"/") }
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(points)), of), activity)
	}
}

// About half of the seeds have a neighbour and a third several; each kind of neighbour and of act is among them, each act
// between two steps and at a point.
func TestPlansDrawNeighbours(t *testing.T) {
	t.Parallel()
	const seeds = 1000
	some, several := 0, 0
	acts, kinds, watches := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for seed := range uint64(seeds) {
		n := PlanOf(seed).Neighbours
		who := map[string]bool{}
		for _, a := range n.Acts {
			acts[a.Do+map[bool]string{true: " between steps", false: " at a point"}[a.At == ""]] = true
			who[strings.Join(strings.Fields(a.Do)[:2], " ")] = true
		}
		if n.Dataset {
			who["dataset"] = true
		}
		if len(who) > 0 {
			some++
		}
		if len(who) > 1 {
			several++
		}
		kinds[n.Second], kinds[fmt.Sprint("fleet ", n.FleetID)], watches[n.Watch] = true, kinds[fmt.Sprint("fleet ", n.FleetID)] || n.Fleet, true
		require.Equal(t, len(who) > 0, n.Any())
	}
	require.InDelta(t, 0.5, float64(some)/seeds, 0.08)
	require.InDelta(t, 0.33, float64(several)/seeds, 0.08)
	want := []string{actFleet + " between steps"}
	for _, a := range []string{actRetrain, actRenew, actSweep, actTerminate, actCanary, actOlder, actBase, actForeign, actBack} {
		want = append(want, a+" between steps", a+" at a point")
	}
	require.ElementsMatch(t, want, slices.Collect(maps.Keys(acts)))
	require.Equal(t, map[string]bool{"": true, secondSame: true, secondOther: true, secondLocale: true, "fleet true": true, "fleet false": true}, kinds)
	require.ElementsMatch(t, []string{"", watchQuiet, watchKey, watchOutage, watchBase, watchForeign, watchTraining}, slices.Collect(maps.Keys(watches)))
}

// The seeds of `make test` are few, and leave out no kind of step, neighbour or trouble but the one that is named.
func TestQuickSeedsDrawEverything(t *testing.T) {
	t.Parallel()
	drawn := func(seeds []uint64) map[string]bool {
		all := map[string]bool{}
		for _, seed := range seeds {
			p := PlanOf(seed)
			all["profile "+p.Profile], all[fmt.Sprint("workers ", p.Workers)], all["second "+p.Neighbours.Second] = true, true, true
			all["watch "+p.Neighbours.Watch] = true
			if p.Neighbours.Fleet {
				all[fmt.Sprint("fleet ", p.Neighbours.FleetID)] = true
			}
			if p.Neighbours.Dataset {
				all["a person's dataset"] = true
			}
			if len(p.Kills) > 0 {
				all["a kill"] = true
			}
			for _, s := range p.Steps {
				all["step "+s.Do] = true
			}
			for _, f := range p.Faults {
				all["fault "+f.Kind] = true
			}
			for _, a := range p.Neighbours.Acts {
				all["act "+a.Do] = true
			}
		}
		return all
	}
	want := drawn(Seeds(1, 1000))
	delete(want, "watch "+watchForeign)
	require.Equal(t, want, drawn(Quick))
}
