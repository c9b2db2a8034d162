package activities_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// state are the marks of a version in a state.
func state(s lifecycle.State) map[string]string {
	return ours("sr.state", string(s), "sr.run", run("ended"), "sr.step", "train")
}

// keepsNone is a run whose new champion leaves no room for earlier ones but the last.
func keepsNone(champion, previous string) activities.RetireInput {
	return activities.RetireInput{Scope: scope(), Champion: champion, Previous: previous}
}

// Retention deletes earlier champions of this model beyond those kept, with the evaluations that measured them, and
// asks the service to delete nothing else.
func TestRetentionDeletesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.version("old", made{marks: state(lifecycle.StateRetired)})
	served := b.version("served by hand", made{marks: state(lifecycle.StateRetired)})
	b.endpoint("by hand", made{serves: served})
	previous := b.version("previous", made{marks: state(lifecycle.StateRetired)})
	champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
	b.version("a candidate", made{marks: state(lifecycle.StateCandidate)})
	b.version("abandoned", made{marks: state(lifecycle.StateAbandoned)})
	b.version("trains", made{marks: state(lifecycle.StateRetired), hangs: true})
	foreign := state(lifecycle.StateRetired)
	foreign[lifecycle.MarkOwner] = "theirs"
	b.version("theirs", made{marks: foreign})
	hand := state(lifecycle.StateRetired)
	delete(hand, lifecycle.MarkOwner)
	b.version("by hand", made{marks: hand})
	other := state(lifecycle.StateRetired)
	other[lifecycle.MarkModel] = "other"
	b.version("of another model", made{marks: other})

	of := ours("sr.run", run("ended"), "sr.step", "evaluate/a")
	b.evaluation("its test", made{marks: of, first: previous, second: old})
	b.evaluation("their test of it", made{marks: map[string]string{lifecycle.MarkOwner: "theirs"}, second: old})
	b.evaluation("a test of it by hand", made{second: old})
	b.evaluation("test of the champion", made{marks: of, first: previous, second: champion})

	var retired activities.RetireResult
	require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, previous), &retired))
	require.Equal(t, []string{"its test", "old"}, b.sent(http.MethodDelete))
	require.Empty(t, b.sent(http.MethodPatch))
	require.ElementsMatch(t, []string{"its test", "old"}, namesOf(retired.Deleted))
	for _, d := range retired.Deleted {
		require.NotEmpty(t, d.Reason)
	}
}

// A version that somebody measures, or measures another one against, stays with all its evaluations until that is done.
func TestRetentionLeavesWhatIsBeingMeasured(t *testing.T) {
	t.Parallel()
	b := setup(t)
	measured := b.version("measured", made{marks: state(lifecycle.StateRetired)})
	opponent := b.version("opponent", made{marks: state(lifecycle.StateRetired)})
	champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
	b.evaluation("has ended", made{marks: ours("sr.run", run("ended"), "sr.step", "evaluate/a"), second: measured})
	b.evaluation("goes on", made{marks: ours("sr.run", run("ended"), "sr.step", "evaluate/b"), second: measured, hangs: true})
	b.evaluation("by hand", made{first: opponent, hangs: true})
	var retired activities.RetireResult
	require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), &retired))
	require.Empty(t, b.sent(http.MethodDelete))
	require.Subset(t, namesOf(retired.Kept), []string{"measured", "opponent"})
}

// The comparison of two base models that a run made goes with its version, and that of another run stays.
func TestRetentionTakesTheComparisonOfBasesAlong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	marks := func(of, model string) map[string]string {
		return map[string]string{"sr.owner": "ours", "sr.model": model, "sr.run": of, "sr.step": "evaluate/a/base"}
	}
	old := state(lifecycle.StateRetired)
	old["sr.run"] = run("old")
	b.version("old", made{marks: old})
	champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
	b.evaluation("of its run", made{marks: marks(run("old"), "desk")})
	b.evaluation("of another run", made{marks: marks(run("ended"), "desk")})
	b.evaluation("of another model's run", made{marks: marks(run("old"), "other")})
	b.evaluation("by hand", made{})
	require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), nil))
	require.Equal(t, []string{"of its run", "old"}, b.sent(http.MethodDelete))
}
