package activities_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// sweep is one pass for the model desk.
func sweep() activities.SweepInput { return activities.SweepInput{Scope: scope()} }

// candidate are the marks of a version that its run has not finished.
func candidate(of string) map[string]string {
	return ours("sr.state", "candidate", "sr.run", of, "sr.step", "train")
}

// A sweep deletes what a run of this home left behind, with its evaluations, and asks the service to delete nothing
// else: not one refused delete is sent.
func TestASweepDeletesOnlyWhatIsAbandoned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.runs.states = map[string]lifecycle.RunState{
		"terminated": lifecycle.RunTerminated, "canceled": lifecycle.RunCanceled, "timed-out": lifecycle.RunTimedOut,
		"ended": lifecycle.RunEnded, "active": lifecycle.RunActive,
	}
	tested := func(name string, marks map[string]string) {
		id := b.version(name, made{marks: marks})
		of := maps.Clone(marks)
		of["sr.step"] = "evaluate/" + name
		b.evaluation("test of "+name, made{marks: of, second: id})
	}
	for _, of := range []string{"terminated", "canceled", "timed-out", "ended", "active"} {
		tested("of a run "+of, candidate(run(of)))
	}
	tested("of another home", candidate("another-home/terminated"))
	for _, state := range []string{"champion", "deploying", "retired", "rejected", "rolledback", "failed"} {
		marks := candidate(run("terminated"))
		marks["sr.state"] = state
		tested(state, marks)
	}
	for _, owner := range []string{"theirs", ""} {
		marks := candidate(run("terminated"))
		marks["sr.owner"] = owner
		tested("of owner "+owner, marks)
	}
	marks := candidate(run("terminated"))
	marks["sr.model"] = "other"
	tested("of another model", marks)
	marks = ours("sr.state", "abandoned", "sr.run", run("ended"), "sr.step", "train")
	tested("marked abandoned", marks)
	b.endpoint("by hand", made{serves: b.version("served", made{marks: candidate(run("terminated"))})})

	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{
		"marked abandoned", "of a run canceled", "of a run terminated", "of a run timed-out",
		"test of marked abandoned", "test of of a run canceled", "test of of a run terminated", "test of of a run timed-out",
	}, b.sent(http.MethodDelete))
	require.Equal(t, []string{"of a run canceled", "of a run terminated", "of a run timed-out"}, b.sent(http.MethodPatch))
}

// An endpoint that was made a moment ago is not in the lists yet. What it serves is looked for again, when the lists
// have caught up, before anything is marked or deleted.
func TestASweepLooksForEndpointsOnceMore(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings) { s.ListLag = emulator.Duration(time.Hour) })
	b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
	left := b.version("left behind", made{marks: candidate(run("terminated"))})
	b.advance(2 * time.Hour)
	b.endpoint("new", made{serves: left})
	b.after(http.MethodGet, "endpoints", func() { b.advance(2 * time.Hour) })
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Empty(t, b.sent(http.MethodDelete))
	require.Equal(t, "candidate", b.stateOf(left))
}

// What is not terminal is named as waiting and left; a version stays while an evaluation of it goes on.
func TestASweepWaitsForWhatIsNotTerminal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
	tested := b.version("tested", made{marks: candidate(run("terminated"))})
	b.evaluation("goes on", made{marks: ours("sr.run", run("terminated"), "sr.step", "evaluate/a"), second: tested, hangs: true})
	b.evaluation("has ended", made{marks: ours("sr.run", run("terminated"), "sr.step", "evaluate/b"), second: tested})
	training := b.version("trains", made{marks: candidate(run("terminated")), hangs: true})
	var swept activities.SweepResult
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), &swept))
	require.Equal(t, []string{"has ended"}, b.sent(http.MethodDelete))
	require.ElementsMatch(t, []string{"goes on", "trains"}, namesOf(swept.Waiting))
	require.Equal(t, "abandoned", b.stateOf(training))
	require.Equal(t, "abandoned", b.stateOf(tested))
}

func namesOf(all []lifecycle.Disposed) []string {
	var names []string
	for _, d := range all {
		names = append(names, d.DisplayName)
	}
	return names
}

// Of two evaluations of one test the second goes, unless the run that made them goes on, as a retrain or as a later test.
func TestSecondEvaluations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.runs.states = map[string]lifecycle.RunState{"ended": lifecycle.RunEnded, "active": lifecycle.RunActive}
	champion := b.version("champion", made{marks: ours("sr.state", "champion", "sr.run", run("ended"), "sr.step", "train")})
	twice := func(name string, marks map[string]string) {
		for _, which := range []string{"first ", "second "} {
			b.evaluation(which+name, made{marks: marks, second: champion})
		}
	}
	twice("ended", ours("sr.run", run("ended"), "sr.step", "evaluate/a"))
	twice("active", ours("sr.run", run("active"), "sr.step", "evaluate/a"))
	theirs := ours("sr.run", run("ended"), "sr.step", "evaluate/b")
	theirs["sr.owner"] = "theirs"
	twice("theirs", theirs)
	other := ours("sr.run", run("ended"), "sr.step", "evaluate/c")
	other["sr.model"] = "other"
	twice("of another model", other)
	twice("by hand", nil)
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"second ended"}, b.sent(http.MethodDelete))
}

// Of two projects of a name the later goes, when it is ours, a day old, and nothing is in it.
func TestSecondProjects(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := map[string]string{lifecycle.MarkOwner: "ours"}
	b.aProject("first", made{marks: mine})
	twin := func(name, as string, m made) string {
		id := b.aProject(as, m)
		b.names[id] = name
		return id
	}
	twin("empty", "first", made{marks: mine})
	twin("theirs", "first", made{marks: map[string]string{lifecycle.MarkOwner: "theirs"}})
	twin("by hand", "first", made{})
	twin("of another locale", "first", made{marks: mine, locale: "de-DE"})
	b.dataset("in it", made{project: twin("with data", "first", made{marks: mine})})
	b.version("in it", made{marks: state(lifecycle.StateChampion), project: twin("with a version", "first", made{marks: mine})})
	b.evaluation("in it", made{project: twin("with a test", "first", made{marks: mine})})
	b.endpoint("in it", made{project: twin("with an endpoint", "first", made{marks: mine})})
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Empty(t, b.sent(http.MethodDelete), "a run may be about to use it")
	b.advance(25 * time.Hour)
	twin("new", "first", made{marks: mine})
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"empty"}, b.sent(http.MethodDelete))
}
