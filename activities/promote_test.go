package activities_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// The version becomes champion, and every champion of the model before it what the run says: also one that the service
// shows as Failed, which nobody would mark otherwise. Those of others stay.
func TestPromotionLeavesOneChampion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.version("before", made{marks: state(lifecycle.StateChampion)})
	broken := b.version("before, and Failed since", made{marks: state(lifecycle.StateChampion), fails: true})
	retired := b.version("long retired", made{marks: state(lifecycle.StateRetired)})
	foreign, other := state(lifecycle.StateChampion), state(lifecycle.StateChampion)
	foreign[lifecycle.MarkOwner], other[lifecycle.MarkModel] = "theirs", "other"
	b.version("theirs", made{marks: foreign})
	b.version("of another model", made{marks: other})
	b.version("in another locale", made{marks: state(lifecycle.StateChampion), locale: "de-DE"})
	next := b.version("next", made{marks: candidate(run("ended"))})

	in := activities.PromoteInput{Scope: scope(), ID: next, Verdict: "pass", Former: lifecycle.StateRolledBack, FormerVerdict: "back"}
	require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
	require.Equal(t, []string{"before", "before, and Failed since", "next"}, b.sent(http.MethodPatch))
	require.Equal(t, "champion", b.stateOf(next))
	require.Equal(t, "pass", b.marksOf(next)["sr.verdict"])
	for _, id := range []string{before, broken} {
		require.Equal(t, "rolledback", b.stateOf(id))
		require.Equal(t, "back", b.marksOf(id)["sr.verdict"])
	}
	require.Equal(t, "retired", b.stateOf(retired))
}

// A version of another owner is never taken; one of nobody only when the operator asked for it.
func TestPromotionTakesOverOnlyWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hand := b.version("by hand", made{marks: map[string]string{"team": "wind"}})
	theirs := b.version("theirs", made{marks: map[string]string{lifecycle.MarkOwner: "theirs"}})
	for _, in := range []activities.PromoteInput{{ID: hand}, {ID: theirs}, {ID: theirs, Adopt: true}} {
		in.Scope, in.Former = scope(), lifecycle.StateRetired
		failure, _ := failureOf(t, b.run(b.doing.PromoteVersion, in, nil))
		require.Equal(t, lifecycle.InvalidRequest, failure.Type)
		require.Empty(t, b.sent(http.MethodPatch))
	}
	in := activities.PromoteInput{Scope: scope(), ID: hand, Former: lifecycle.StateRetired, Adopt: true}
	require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
	require.Equal(t, ours("team", "wind", "sr.state", "champion"), b.marksOf(hand))
}
