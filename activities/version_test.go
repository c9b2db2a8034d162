package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// mine is the run's own version: its name, and its marks.
func mine() (string, map[string]string) {
	s := scope()
	return lifecycle.RunDisplayName(s.Model, time.Now(), s.Run, lifecycle.StepTrain), candidate(s.Run)
}

func (b *bundle) training(of activities.Scope, name string) activities.VersionInput {
	base := b.base("en-US")
	return activities.VersionInput{Scope: of, DisplayName: name, BaseID: base.ID(), DatasetIDs: []string{b.shared("en-US")}, Input: "0123456789abcdef"}
}

// A run that was reset may have trained already, and the lists may miss that still: it looks twice before it pays for
// a second training.
func TestAResetRunLooksTwiceBeforeItTrains(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]string{"this home's mark": run("the-run-before-the-reset"), "a mark without home": "the-run-before-the-reset"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(s *emulator.Settings) { s.ListLag = emulator.Duration(time.Hour) })
			s := scope()
			s.Run = of
			in := b.training(s, "desk")
			own := b.version("desk", made{marks: candidate(of)})
			// What was listed, and the first fresh look, which reads it twice here, do not show it.
			for range 2 {
				b.after(http.MethodGet, "models", func() {})
			}
			b.after(http.MethodGet, "models", func() { b.advance(2 * time.Hour) })
			var created activities.VersionResult
			require.NoError(t, b.run(b.doing.CreateVersion, in, &created))
			require.Equal(t, own, created.Report.ID)
			require.Zero(t, b.posted("models"))
		})
	}
}

// like are the marks of the run's own version, with one of them changed.
func like(key, value string) map[string]string {
	_, marks := mine()
	marks[key] = value
	return marks
}

// What has the run's name is its version only with our owner, the model's name and its locale; what has its marks is it
// under any name.
func TestARunAdoptsOnlyItsOwnVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name, own := mine()
	for _, marks := range []map[string]string{nil, like("sr.owner", "theirs"), like("sr.model", "other"), like("sr.state", "abandoned")} {
		b.version(name, made{marks: marks})
	}
	b.version(name, made{marks: own, locale: "de-DE"})
	b.version("of another run", made{marks: like("sr.run", run("another"))})
	b.version("of another home", made{marks: like("sr.run", "another-home/"+thisRun)})
	b.version("of another step", made{marks: like("sr.step", "other")})
	var created activities.VersionResult
	require.NoError(t, b.run(b.doing.CreateVersion, b.training(scope(), name), &created))
	require.Equal(t, 1, b.posted("models"))
	require.Empty(t, b.sent(http.MethodDelete))
	require.Empty(t, b.sent(http.MethodPatch))
	require.Subset(t, b.marksOf(created.Report.ID), own)
	require.NoError(t, b.run(b.doing.CreateVersion, b.training(scope(), name), &created))
	require.Zero(t, b.posted("models"), "it is there")
}

// A person may have renamed the version of a run that was reset, or changed its marks.
func TestARunKnowsItsVersionByNameOrByMarks(t *testing.T) {
	t.Parallel()
	const before = "the-run-before-the-reset"
	for name, tt := range map[string]struct {
		name, run string
	}{"renamed": {"renamed", run(before)}, "marks of before homes": {"renamed", before}, "its run's mark is lost": {"desk", "none"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			own := b.version(tt.name, made{marks: candidate(tt.run), fails: true})
			s := scope()
			s.Run = run(before)
			var created activities.VersionResult
			require.NoError(t, b.run(b.doing.CreateVersion, b.training(s, "desk"), &created))
			require.Zero(t, b.posted("models"))
			require.Equal(t, own, created.Report.ID, "in any status")
		})
	}
}

// A run that was reset looks among all versions of the model, and takes none that another run made.
func TestAResetRunTakesNoOtherRunsVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	others := b.version("of another run", made{marks: candidate(run("another"))})
	s := scope()
	s.Run = run("the-run-before-the-reset")
	var created activities.VersionResult
	require.NoError(t, b.run(b.doing.CreateVersion, b.training(s, "desk"), &created))
	require.NotEqual(t, others, created.Report.ID)
	require.Equal(t, 1, b.posted("models"))
}

// Of twins the earliest counts. A later one is deleted when it is terminal, else marked for the sweep; one that serves,
// has served or is about to is neither.
func TestTwinsOfAVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name, marks := mine()
	first := b.version(name, made{marks: marks})
	ended := b.version(name, made{marks: marks})
	trains := b.version(name, made{marks: marks, hangs: true})
	b.names[first], b.names[ended], b.names[trains] = "first", "ended", "trains"
	for _, state := range []string{"champion", "deploying", "retired"} {
		b.names[b.version(name, made{marks: like("sr.state", state)})] = state
	}
	served := b.version(name, made{marks: marks})
	b.names[served] = "served by hand"
	b.endpoint("somebody's", made{serves: served})
	var settled activities.VersionResult
	require.NoError(t, b.run(b.doing.AwaitVersion, b.trained(name, ended), &settled))
	require.Equal(t, first, settled.Report.ID)
	require.Equal(t, []string{ended}, idsOf(settled.Twins))
	require.Equal(t, []string{"ended"}, b.sent(http.MethodDelete))
	require.Equal(t, []string{"trains"}, b.sent(http.MethodPatch))
	require.Equal(t, "abandoned", b.stateOf(trains))
	require.Equal(t, "candidate", b.stateOf(first))
	require.Equal(t, "candidate", b.stateOf(served), "an endpoint refers to it, whoever made that")
}

func idsOf(all []lifecycle.Disposed) []string {
	var ids []string
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

// A version that somebody else made under the same name is no twin, and not the run's to settle.
func TestForeignTwinsStay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name, marks := mine()
	b.version(name, made{marks: like("sr.owner", "theirs")})
	b.version("of another run", made{marks: like("sr.run", run("another"))})
	own := b.version(name, made{marks: marks})
	b.version(name, made{marks: like("sr.owner", "theirs")})
	b.version(name, made{marks: like("sr.model", "other")})
	b.version(name, made{marks: marks, locale: "de-DE"})
	var settled activities.VersionResult
	require.NoError(t, b.run(b.doing.AwaitVersion, b.trained(name, own), &settled))
	require.Equal(t, own, settled.Report.ID)
	require.Empty(t, b.sent(http.MethodDelete))
	require.Empty(t, b.sent(http.MethodPatch))
}

// Of twins of an evaluation the earliest counts, and a later one is deleted when it is terminal.
func TestTwinsOfAnEvaluation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := scope()
	version := b.version("v", made{marks: candidate(s.Run)})
	marks := func(key, value string) map[string]string {
		m := ours("sr.run", s.Run, "sr.step", "evaluate/a")
		m[key] = value
		return m
	}
	put := func(name string, m map[string]string, hangs bool) string {
		id := b.evaluation("desk", made{marks: m, second: version, hangs: hangs})
		b.names[id] = name
		return id
	}
	put("theirs", marks("sr.owner", "theirs"), false)
	put("of another model", marks("sr.model", "other"), false)
	b.evaluation("of another step", made{marks: marks("sr.step", "evaluate/b"), second: version})
	b.evaluation("of another run", made{marks: marks("sr.run", run("another")), second: version})
	first := put("first", marks("sr.model", "desk"), false)
	last := put("ended", marks("sr.model", "desk"), false)
	put("goes on", marks("sr.model", "desk"), true)
	in := b.tested("desk", "evaluate/a", last)
	in.Model2 = activities.ModelRef{ID: version, Custom: true}
	var measured activities.Measured
	require.NoError(t, b.run(b.doing.AwaitEvaluation, in, &measured))
	require.Equal(t, first, measured.ID)
	require.Equal(t, []string{"ended"}, b.sent(http.MethodDelete))
}

// A run that was reset looks among all evaluations of the model, and takes its own of this step, whatever it is called; that of
// another step measures another test.
func TestAResetRunTakesTheEvaluationOfItsStep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := scope()
	s.Run = run("the-run-before-the-reset")
	version := b.version("v", made{marks: candidate(s.Run)})
	put := func(name, step string) string {
		return b.evaluation(name, made{marks: ours("sr.run", s.Run, "sr.step", step), second: version})
	}
	put("renamed", "evaluate/b")
	own := put("renamed, too", "evaluate/a")
	base := b.base("en-US")
	in := activities.EvaluationInput{
		Scope: s, DisplayName: "desk", Step: "evaluate/a", DatasetID: b.audio("en-US"),
		Model1: activities.ModelRef{ID: base.ID()}, Model2: activities.ModelRef{ID: version, Custom: true},
	}
	var created activities.EvaluationCreated
	require.NoError(t, b.run(b.doing.CreateEvaluation, in, &created))
	require.Equal(t, own, created.ID)
	require.Zero(t, b.posted("evaluations"))
}
