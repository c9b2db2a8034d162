package activities_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

const aDay = 24 * time.Hour

// byRun are the marks of a dataset that a run has made; further ones follow.
func byRun(more ...string) map[string]string {
	m := map[string]string{lifecycle.MarkOwner: "ours", lifecycle.MarkBy: lifecycle.ByRun, lifecycle.MarkContent: "0123456789abcdef"}
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

// unused is a dataset of a run that was found unused a while ago.
func (b *bundle) unused() map[string]string {
	return byRun("sr.spare", b.service.Now().Add(-30*aDay).Format(time.DateOnly))
}

// names is a schedule of another model that names a dataset.
func names(dataset string) lifecycle.LiveRequest {
	return lifecycle.LiveRequest{Name: "other", Locale: "en-US", Training: []lifecycle.LiveData{{Dataset: dataset}}}
}

// The first look that finds a dataset unused writes the day, a look a week later deletes it, and a use between them
// takes the mark away.
func TestAnUnusedDatasetGoesAfterAWeek(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dataset("text", made{marks: byRun()})
	used := b.dataset("used later", made{marks: byRun()})
	pass := func() {
		t.Helper()
		require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	}
	pass()
	require.Equal(t, []string{"text", "used later"}, b.sent(http.MethodPatch))
	b.version("theirs", made{marks: map[string]string{"sr.owner": "theirs"}, datasets: []string{used}})
	b.advance(6 * aDay)
	pass()
	require.Equal(t, []string{"used later"}, b.sent(http.MethodPatch))
	require.Empty(t, b.sent(http.MethodDelete))
	b.advance(2 * aDay)
	pass()
	require.Equal(t, []string{"text"}, b.sent(http.MethodDelete))
	require.Empty(t, b.sent(http.MethodPatch))
}

// Whoever refers to a dataset, it stays: a version or an evaluation of anybody, the request of a schedule or of a run
// that goes on, of any model. So does what a person uploaded, what is not ours, and what is of another locale.
func TestDatasetsThatStay(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(b *bundle){
		"a version of another owner was trained on it": func(b *bundle) {
			b.version("theirs", made{marks: map[string]string{"sr.owner": "theirs"}, datasets: []string{b.dataset("text", made{marks: b.unused()})}})
		},
		"a version made by hand was trained on it": func(b *bundle) {
			b.version("by hand", made{datasets: []string{b.dataset("text", made{marks: b.unused()})}})
		},
		"an evaluation of another owner was made on it": func(b *bundle) {
			b.evaluation("theirs", made{marks: map[string]string{"sr.owner": "theirs"}, dataset: b.data("text", "Acoustic", "audio.zip", made{marks: b.unused()})})
		},
		"an evaluation that goes on is made on it": func(b *bundle) {
			b.evaluation("goes on", made{hangs: true, dataset: b.data("text", "Acoustic", "audio.zip", made{marks: b.unused()})})
		},
		"a schedule names it": func(b *bundle) {
			b.runs.live = []lifecycle.LiveRequest{names(b.dataset("text", made{marks: b.unused()}))}
		},
		"a schedule names it by its ID in capitals": func(b *bundle) {
			b.runs.live = []lifecycle.LiveRequest{names(strings.ToUpper(b.dataset("text", made{marks: b.unused()})))}
		},
		"a schedule names it by its URL": func(b *bundle) {
			b.runs.live = []lifecycle.LiveRequest{names("https://h/speechtotext/datasets/" +
				strings.ToUpper(b.dataset("text", made{marks: b.unused()})) + "?api-version=1")}
		},
		"a schedule names it by what cannot be read": func(b *bundle) {
			b.runs.live = []lifecycle.LiveRequest{names("https://h/datasets/" + strings.ToUpper(b.dataset("text", made{marks: b.unused()})) + "/files")}
		},
		"a schedule names it by its name": func(b *bundle) {
			b.dataset("text", made{marks: b.unused()})
			b.runs.live = []lifecycle.LiveRequest{names("text")}
		},
		"a schedule may name it: its content cannot be asked for": func(b *bundle) {
			b.dataset("text 0123456789ab", made{marks: b.unused()})
			data := lifecycle.LiveData{Name: "text", Kind: "Language", ContentURLFrom: &lifecycle.FromEnv{Env: "NOT_SET"}}
			b.runs.live = []lifecycle.LiveRequest{{Name: "other", Locale: "en-US", Training: []lifecycle.LiveData{data}}}
		},
		"a person uploaded it": func(b *bundle) {
			marks := b.unused()
			delete(marks, lifecycle.MarkBy)
			b.dataset("text", made{marks: marks})
		},
		"it is of another owner": func(b *bundle) {
			marks := b.unused()
			marks[lifecycle.MarkOwner] = "theirs"
			b.dataset("text", made{marks: marks})
		},
		"it is nobody's": func(b *bundle) {
			marks := b.unused()
			delete(marks, lifecycle.MarkOwner)
			b.dataset("text", made{marks: marks})
		},
		"it is of another locale":  func(b *bundle) { b.dataset("text", made{marks: b.unused(), locale: "de-DE"}) },
		"its import has not ended": func(b *bundle) { b.dataset("text", made{marks: b.unused(), hangs: true}) },
		"it was marked not so long": func(b *bundle) {
			b.dataset("text", made{marks: byRun("sr.spare", b.service.Now().Add(-5*aDay).Format(time.DateOnly))})
		},
		"another home has not finished, and may use it": func(b *bundle) {
			b.dataset("text", made{marks: b.unused()})
			b.version("theirs to finish", made{marks: candidate("another-home/x")})
		},
		"another home has not finished another model, and may use it": func(b *bundle) {
			b.dataset("text", made{marks: b.unused()})
			marks := candidate("another-home/x")
			marks["sr.model"] = "other"
			b.version("theirs to finish", made{marks: marks})
		},
		"it is failed, the newest of its content": func(b *bundle) {
			b.dataset("text", made{marks: byRun("sr.try", "3@2026-01-01"), fails: true})
			b.advance(30 * aDay)
		},
		"it is failed, for less than a day": func(b *bundle) {
			b.dataset("text", made{marks: byRun(), fails: true})
			b.dataset("another try", made{marks: byRun(), fails: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			prepare(b)
			require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
			require.Empty(t, b.sent(http.MethodDelete))
		})
	}
}

// What the run or check at hand names stays, also when Temporal does not list it yet.
func TestARunsOwnDataStay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := sweep()
	in.Request = lifecycle.Ptr(names(b.dataset("text", made{marks: b.unused()})))
	require.NoError(t, b.run(b.doing.SweepPass, in, nil))
	require.Empty(t, b.sent(http.MethodDelete))
}

// Of failed imports of one content the newest stays, which remembers how many there were; a person's stay, too.
func TestFailedImportsGo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dataset("first try", made{marks: byRun(), fails: true})
	b.dataset("second try", made{marks: byRun("sr.try", "2@2026-01-01"), fails: true})
	b.dataset("of another content", made{marks: byRun("sr.content", "fedcba9876543210"), fails: true})
	b.dataset("a person's", made{marks: map[string]string{lifecycle.MarkOwner: "ours", lifecycle.MarkContent: "0123456789abcdef"}, fails: true})
	b.advance(2 * aDay)
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"first try"}, b.sent(http.MethodDelete))
}

// A run that means to use a dataset takes its mark away: it is read once more before it is deleted. Schedules are asked
// once more, too.
func TestADatasetIsReadOnceMoreBeforeItIsDeleted(t *testing.T) {
	t.Parallel()
	for name, during := range map[string]func(b *bundle, id string){
		"its mark is gone": func(b *bundle, id string) {
			_, _, err := b.hand.UpdateDataset(b.t.Context(), id, speech.DatasetUpdate{CustomProperties: map[string]string{"sr.spare": lifecycle.NoMark}})
			require.NoError(b.t, err)
		},
		"it was given away": func(b *bundle, id string) {
			_, _, err := b.hand.UpdateDataset(b.t.Context(), id, speech.DatasetUpdate{CustomProperties: map[string]string{"sr.owner": "theirs"}})
			require.NoError(b.t, err)
		},
		"a schedule names it": func(b *bundle, id string) { b.runs.live = []lifecycle.LiveRequest{names(id)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			// What schedules name is asked for, and remembered a while.
			b.dataset("another", made{marks: byRun()})
			require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
			id := b.dataset("text", made{marks: b.unused()})
			b.afterFreshLook(3, func() { during(b, id) })
			require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
			require.Empty(t, b.sent(http.MethodDelete))
		})
	}
}

// What a person wants deleted goes when nothing uses it, and only that; what stays is named with the reason.
func TestDeletingWhatAPersonNames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := map[string]string{lifecycle.MarkOwner: "ours"}
	uploaded := b.dataset("uploaded", made{marks: mine})
	b.dataset("not named", made{marks: b.unused()})
	used := b.dataset("used", made{marks: mine})
	b.version("by hand", made{datasets: []string{used}})
	scheduled := b.dataset("scheduled", made{marks: mine})
	b.runs.live = []lifecycle.LiveRequest{names(scheduled)}
	theirs := b.dataset("theirs", made{marks: map[string]string{lifecycle.MarkOwner: "theirs"}})
	german := b.dataset("German", made{marks: mine, locale: "de-DE"})
	running := b.dataset("running", made{marks: mine, hangs: true})
	in := sweep()
	in.Unused = []string{uploaded, used, scheduled, theirs, german, running}
	var swept activities.SweepResult
	require.NoError(t, b.run(b.doing.SweepPass, in, &swept))
	require.Equal(t, []string{"uploaded"}, b.sent(http.MethodDelete))
	require.ElementsMatch(t, []string{used, scheduled, theirs, german, running}, idsOf(swept.Refused))
	for _, d := range swept.Refused {
		require.NotEmpty(t, d.Reason)
	}
	again := b.dataset("uploaded again", made{marks: mine})
	b.version("theirs to finish", made{marks: candidate("another-home/x")})
	in.Unused = []string{again}
	require.NoError(t, b.run(b.doing.SweepPass, in, nil))
	require.Empty(t, b.sent(http.MethodDelete), "a run of another home may use it")
}

// Other properties of a dataset stay, on a service that replaces them too; one without room for the mark stays as it is.
func TestDatasetMarksLeaveOtherProperties(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings) { s.CustomPropertiesPatch = "replace" })
	id := b.dataset("text", made{marks: byRun("team", "wind")})
	full := byRun()
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		full[key] = "theirs"
	}
	crowded := b.dataset("full", made{marks: full})
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, byRun("team", "wind", "sr.spare", b.service.Now().Format(time.DateOnly)), b.marksOf(id))
	require.Equal(t, full, b.marksOf(crowded))
	require.Equal(t, []string{"text"}, b.sent(http.MethodPatch))
}

// A run that uses a dataset of ours takes away the mark that it is unused, so that no sweep deletes it; those of others
// are left as they are.
func TestAUseTakesTheMarkAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	named := b.dataset("named", made{marks: b.unused()})
	foreign := b.unused()
	foreign[lifecycle.MarkOwner] = "theirs"
	theirs := b.dataset("theirs", made{marks: foreign})
	for _, id := range []string{named, theirs} {
		in := activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Dataset: id}}
		require.NoError(t, b.run(b.doing.FindData, in, nil))
	}
	require.Equal(t, lifecycle.NoMark, b.marksOf(named)["sr.spare"])
	require.Equal(t, foreign, b.marksOf(theirs))

	held := b.dataset("text 0123456789ab", made{marks: b.unused()})
	require.Equal(t, held, b.ensure("0123456789abcdef"))
	require.Equal(t, lifecycle.NoMark, b.marksOf(held)["sr.spare"])
}

// ensure runs the activity that makes a dataset of the data "text" with a content, and returns its ID.
func (b *bundle) ensure(content string) string {
	b.t.Helper()
	data := lifecycle.Data{Name: "text", Kind: "Language", ContentURL: b.url + "/files/text.txt"}
	in := activities.EnsureDatasetsInput{Scope: scope(), Wanted: []activities.Wanted{{
		Path: "training[0]", Data: data,
		Found: activities.DataFound{DisplayName: "text " + content[:12], Kind: "Language", Content: content, Marked: true},
	}}}
	var ensured activities.EnsuredDatasets
	require.NoError(b.t, b.run(b.doing.EnsureDatasets, in, &ensured))
	require.Len(b.t, ensured.Datasets, 1)
	return ensured.Datasets[0].ID
}

// Of the datasets that have the name only one of ours with the content is used, and none whose import failed: what a
// run makes instead says that a run made it.
func TestARunAdoptsOnlyItsData(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const name = "text 0123456789ab"
	b.dataset(name, made{})
	b.dataset(name, made{marks: map[string]string{"sr.owner": "theirs", "sr.content": "0123456789abcdef"}})
	b.dataset(name, made{marks: byRun("sr.content", "0123456789abffff")})
	b.dataset(name, made{marks: byRun(), fails: true})
	id := b.ensure("0123456789abcdef")
	require.Equal(t, 1, b.posted("datasets"))
	for _, e := range b.service.Requests()[b.began:] {
		require.NotEqual(t, http.MethodPatch, e.Method, "all its marks are made with it")
	}
	require.Equal(t, byRun("sr.source", dataset.URLSource(b.url+"/files/text.txt", "Language", "en-US")), b.marksOf(id))
	require.Equal(t, id, b.ensure("0123456789abcdef"))
	require.Zero(t, b.posted("datasets"))
}
