package campaign

import (
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
			if s.At != "" {
				points = append(points, s.At)
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
		doTerminate, doReset, doJump, doRenew, doRollback, doEvaluate,
	}, slices.Collect(maps.Keys(steps)))
	require.ElementsMatch(t, []string{"status", "statusAfter", "delay", "dropBefore", "dropAfter", "truncate", "garbage", "html", "contentType", "throttle"},
		slices.Collect(maps.Keys(faults)))
	require.ElementsMatch(t, []string{"plain", "awkward"}, slices.Collect(maps.Keys(profiles)))
	for _, activity := range pointActivities {
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(points)), func(p string) bool { return strings.HasPrefix(p, "Retrain/"+activity+"/") }), activity)
	}
}
