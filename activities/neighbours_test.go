package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// The same name in another locale is another model: what its runs left behind is not this one's to delete.
func TestASweepLeavesOtherLocales(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
	id := b.version("in German", made{marks: candidate(run("terminated")), locale: "de-DE"})
	b.evaluation("test in German", made{marks: ours("sr.run", run("terminated"), "sr.step", "evaluate/a"), locale: "de-DE", second: id})
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Empty(t, b.sent(http.MethodDelete))
	require.Equal(t, "candidate", b.stateOf(id))
}

// Evaluations in which an abandoned version was only the opponent are the numbers of another version.
func TestASweepLeavesTheNumbersOfOtherVersions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
	left := b.version("left behind", made{marks: candidate(run("terminated"))})
	kept := b.version("kept", made{marks: ours("sr.state", "champion", "sr.run", run("ended"), "sr.step", "train")})
	b.evaluation("its own", made{marks: ours("sr.run", run("terminated"), "sr.step", "evaluate/a"), first: kept, second: left})
	b.evaluation("of the other", made{marks: ours("sr.run", run("ended"), "sr.step", "evaluate/a"), first: left, second: kept})
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"its own", "left behind"}, b.sent(http.MethodDelete))
}

// What another home has not finished is that home's, with its evaluations, until a person says that it is lost: then
// that home's goes, and no other's.
func TestASweepLeavesOtherHomes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, home := range []string{"home-a", "home-b"} {
		for _, state := range []string{"candidate", "deploying", "abandoned", "champion", "retired"} {
			marks := ours("sr.state", state, "sr.run", home+"/terminated", "sr.step", "train")
			id := b.version(home+" "+state, made{marks: marks})
			for _, which := range []string{" test", " test again"} {
				b.evaluation(home+" "+state+which, made{marks: ours("sr.run", home+"/terminated", "sr.step", "evaluate/"+state), second: id})
			}
		}
	}
	b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Empty(t, b.sent(http.MethodDelete))
	require.Empty(t, b.sent(http.MethodPatch))

	lost := sweep()
	lost.Home = "home-a"
	require.NoError(t, b.run(b.doing.SweepPass, lost, nil))
	var want []string
	for _, state := range []string{"abandoned", "candidate", "deploying"} {
		want = append(want, "home-a "+state, "home-a "+state+" test", "home-a "+state+" test again")
	}
	require.Equal(t, want, b.sent(http.MethodDelete))
}

// That Temporal does not know a run is no proof that nobody waits for it: retention and a restored database forget.
func TestARunThatTemporalForgot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.runs.states = map[string]lifecycle.RunState{"known": lifecycle.RunTerminated}
	b.version("of this home", made{marks: candidate(run("forgotten"))})
	b.version("of before homes", made{marks: candidate("forgotten")})
	b.version("of before homes, and known", made{marks: candidate("known")})
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"of before homes, and known"}, b.sent(http.MethodDelete))
	b.advance(29 * 24 * time.Hour)
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Empty(t, b.sent(http.MethodDelete))
	b.advance(2 * 24 * time.Hour)
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"of this home"}, b.sent(http.MethodDelete))
}

// While the sweep looks, the run may be reset and go on, or let its version serve: it is asked about once more.
func TestASweepLooksOnceMoreBeforeItMarks(t *testing.T) {
	t.Parallel()
	for name, during := range map[string]func(b *bundle, id string){
		"its run goes on": func(b *bundle, _ string) { b.runs.states["terminated"] = lifecycle.RunActive },
		"it became champion": func(b *bundle, id string) {
			marks := candidate(run("terminated"))
			marks["sr.state"] = "champion"
			_, _, err := b.hand.UpdateModel(b.t.Context(), id, speech.ModelUpdate{CustomProperties: marks})
			require.NoError(b.t, err)
		},
		"it is being deployed": func(b *bundle, id string) { b.remark(id, ours("sr.state", "deploying", "sr.run", run("terminated"))) },
		"it was given away": func(b *bundle, id string) {
			_, _, err := b.hand.UpdateModel(b.t.Context(), id, speech.ModelUpdate{CustomProperties: map[string]string{"sr.owner": "theirs"}})
			require.NoError(b.t, err)
		},
		"it is gone": func(b *bundle, id string) { require.NoError(b.t, b.service.Remove(id)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
			id := b.version("left behind", made{marks: candidate(run("terminated"))})
			b.evaluation("its test", made{marks: ours("sr.run", run("terminated"), "sr.step", "evaluate/a"), second: id})
			b.remember()
			// Endpoints are listed before the version itself is read, and Temporal is asked once more after that.
			last := "endpoints"
			if name == "its run goes on" {
				last = "models/" + id
			}
			b.after(http.MethodGet, last, func() { during(b, id) })
			require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
			require.Empty(t, b.sent(http.MethodDelete))
		})
	}
}

// Retention is of this model: not of its name in another locale, nor of what another home made less than 90 days ago.
// What is marked champion stays, though another one serves.
func TestRetentionLeavesNeighbours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	foreign := func(s lifecycle.State) map[string]string {
		marks := state(s)
		marks["sr.run"] = "home-a/ended"
		return marks
	}
	b.version("of another home", made{marks: foreign(lifecycle.StateRetired)})
	b.version("failed, of another home: its base model can still be trained from", made{marks: foreign(lifecycle.StateFailed)})
	b.version("a candidate of another home", made{marks: foreign(lifecycle.StateCandidate)})
	b.version("deploying", made{marks: state(lifecycle.StateDeploying)})
	old := b.version("old", made{marks: state(lifecycle.StateRetired)})
	b.version("a second champion", made{marks: state(lifecycle.StateChampion)})
	german := b.version("in German", made{marks: state(lifecycle.StateRetired), locale: "de-DE"})
	b.evaluation("of the German one", made{marks: ours("sr.step", "evaluate/a"), second: german, locale: "de-DE"})
	champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
	b.evaluation("of the champion", made{marks: ours("sr.run", run("ended"), "sr.step", "evaluate/a"), first: old, second: champion})
	require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), nil))
	require.Equal(t, []string{"old"}, b.sent(http.MethodDelete))
	b.advance(91 * 24 * time.Hour)
	var retired activities.RetireResult
	require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), &retired))
	require.Equal(t, []string{"of another home"}, b.sent(http.MethodDelete))
	require.Contains(t, retired.Deleted[0].Reason, "another installation made it")
}

// A version is read once more before it is deleted: a rollback may have let it serve since the list was made.
func TestRetentionLooksOnceMoreBeforeItDeletes(t *testing.T) {
	t.Parallel()
	for _, now := range []lifecycle.State{lifecycle.StateChampion, lifecycle.StateDeploying} {
		t.Run(string(now), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			old := b.version("old", made{marks: state(lifecycle.StateRetired)})
			b.evaluation("its test", made{marks: ours("sr.run", run("ended"), "sr.step", "evaluate/a"), second: old})
			champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
			b.afterFreshLook(0, func() {
				_, _, err := b.hand.UpdateModel(t.Context(), old, speech.ModelUpdate{CustomProperties: state(now)})
				require.NoError(t, err)
			})
			require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), nil))
			require.Empty(t, b.sent(http.MethodDelete))
		})
	}
}
