package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// A version of the champion's own input is taken as soon as it is worth as much: only for an expiry must it live longer.
func TestTakeBesideAChampionOfTheSameInput(t *testing.T) {
	t.Parallel()
	champion := trained("v2", lifecycle.StateChampion, 10, 300)
	for name, tt := range map[string]struct {
		left  int
		cause string
		taken bool
	}{
		"a person, it lives as long":       {300, "", true},
		"a person, it lives longer":        {310, "", true},
		"a person, it ends before":         {299, "", false},
		"for an expiry, it lives as long":  {300, lifecycle.CauseExpiry, false},
		"for an expiry, 30 days longer":    {330, lifecycle.CauseExpiry, true},
		"a person, within the lead anyway": {20, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := trained("v1", lifecycle.StateRetired, 30, tt.left)
			v.Input = champion.Input
			taken, _ := lifecycle.Take([]lifecycle.Version{champion, v}, lifecycle.TakeQuestion{
				Input: champion.Input, Champion: champion.ID, ChampionInput: champion.Input, ChampionExpires: champion.ExpiresAt, Cause: tt.cause,
				Lead: lifecycle.Duration(36 * aDay), Now: noon,
			})
			require.Equal(t, tt.taken, taken != nil)
		})
	}
}

// Who wants to be asked and has no tests is told that nobody is.
func TestUntestedNote(t *testing.T) {
	t.Parallel()
	r := desk()
	r.Tests, r.Untested, r.Approval.When = nil, lifecycle.Promote, lifecycle.WhenAlways
	require.Contains(t, lifecycle.UntestedNote(r), "nobody is asked")
	require.Contains(t, lifecycle.NewPlan(r, lifecycle.Planned{Observed: calm()}).Notes, lifecycle.UntestedNote(r))
	for _, change := range []func(*lifecycle.Request){
		func(r *lifecycle.Request) { r.Untested = lifecycle.Reject },
		func(r *lifecycle.Request) { r.Deploy = nil },
		func(r *lifecycle.Request) { r.Approval.When = lifecycle.WhenInconclusive },
		func(r *lifecycle.Request) { r.Tests = []lifecycle.Test{{}} },
	} {
		other := r
		change(&other)
		require.Empty(t, lifecycle.UntestedNote(other))
	}
}
