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

	in := activities.PromoteInput{
		Scope: scope(), ID: next, Verdict: "pass", Former: lifecycle.StateRolledBack,
		Said: &activities.Said{What: "back", By: "ann", Reason: "noise"},
	}
	require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
	require.Equal(t, []string{"before", "before, and Failed since", "next"}, b.sent(http.MethodPatch))
	require.Equal(t, "champion", b.stateOf(next))
	require.Equal(t, "pass; "+b.today(), b.marksOf(next)["sr.verdict"])
	for _, id := range []string{before, broken} {
		require.Equal(t, "rolledback", b.stateOf(id))
		require.Equal(t, "back by ann: noise", b.marksOf(id)["sr.verdict"])
	}
	require.Equal(t, "retired", b.stateOf(retired))
}

// A version of another owner is never taken; one of nobody only when the operator asked for it.
func TestPromotionTakesOverOnlyWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hand := b.version("by hand", made{marks: map[string]string{"team": "wind"}})
	theirs := b.version("theirs", made{marks: map[string]string{lifecycle.MarkOwner: "theirs"}})
	other := b.version("of another model", made{marks: map[string]string{lifecycle.MarkOwner: "ours", lifecycle.MarkModel: "other"}})
	german := b.version("in another locale", made{marks: candidate(run("ended")), locale: "de-DE"})
	for _, in := range []activities.PromoteInput{
		{ID: hand}, {ID: theirs}, {ID: theirs, Adopt: true}, {ID: other}, {ID: other, Adopt: true}, {ID: german},
	} {
		in.Scope, in.Former = scope(), lifecycle.StateRetired
		failure, _ := failureOf(t, b.run(b.doing.PromoteVersion, in, nil))
		require.Equal(t, lifecycle.InvalidRequest, failure.Type)
		require.Empty(t, b.sent(http.MethodPatch))
	}
	in := activities.PromoteInput{Scope: scope(), ID: hand, Former: lifecycle.StateRetired, Adopt: true}
	require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
	require.Equal(t, ours("team", "wind", "sr.state", "champion", "sr.verdict", b.today()), b.marksOf(hand))
}

// With the endpoint of another model its champion is taken over: that one becomes retired, and nothing else of it changes.
func TestPromotionTakesOverAnEndpoint(t *testing.T) {
	t.Parallel()
	b := setup(t)
	of := func(model string, s lifecycle.State) map[string]string {
		marks := state(s)
		marks[lifecycle.MarkModel] = model
		return marks
	}
	former := b.version("its champion", made{marks: of("former", lifecycle.StateChampion)})
	b.version("its candidate", made{marks: of("former", lifecycle.StateCandidate)})
	b.version("of a third model", made{marks: of("third", lifecycle.StateChampion)})
	next := b.version("next", made{marks: candidate(run("ended"))})
	in := activities.PromoteInput{Scope: scope(), ID: next, Former: lifecycle.StateRolledBack, TakesOver: "former"}
	require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
	require.Equal(t, []string{"its champion", "next"}, b.sent(http.MethodPatch))
	require.Equal(t, "retired", b.stateOf(former))
}

// What a rollback takes from the endpoint is marked, also when it was no champion: a candidate that was put there by
// hand. A version that failed or was rejected keeps what is known of it.
func TestPromotionMarksWhatServed(t *testing.T) {
	t.Parallel()
	for _, was := range []lifecycle.State{lifecycle.StateCandidate, lifecycle.StateDeploying, lifecycle.StateRejected, lifecycle.StateFailed} {
		t.Run(string(was), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			served := b.version("served", made{marks: state(was)})
			other := b.version("another candidate", made{marks: state(lifecycle.StateCandidate)})
			back := b.version("back", made{marks: state(lifecycle.StateRetired)})
			in := activities.PromoteInput{Scope: scope(), ID: back, Former: lifecycle.StateRolledBack, Served: served}
			require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
			want := string(was)
			if was == lifecycle.StateCandidate || was == lifecycle.StateDeploying {
				want = "rolledback"
			}
			require.Equal(t, want, b.stateOf(served))
			require.Equal(t, "candidate", b.stateOf(other))
		})
	}
}
