package activities_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// remember makes the activities of the bundle those of a worker that has just listed the resource, and looks again when a
// minute has passed: what happens now by hand it has not seen.
func (b *bundle) remember(change ...func(*activities.Options)) {
	b.t.Helper()
	o := activities.Options{
		Speech: shared.Client(b.t, b.url, "ours"), Owner: "ours", ListLag: lag, Pace: time.Millisecond, Runs: b.runs, Now: b.service.Now,
		Getenv: func(name string) string { return b.env[name] },
	}
	for _, f := range change {
		f(&o)
	}
	b.doing = activities.New(o)
	b.advance(time.Hour) // so that lists of what changed do not show what was there
	require.NoError(b.t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope()}, nil))
	require.NoError(b.t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope()}, nil))
	require.Empty(b.t, b.asked(), "it remembers")
	b.advance(time.Minute)
}

// asked are the requests of the last activity: their method, and what it is about.
func (b *bundle) asked() []string {
	var asked []string
	for _, e := range b.service.Requests()[b.began:] {
		asked = append(asked, e.Method+" "+e.Path[len("/speechtotext/"):])
	}
	return asked
}

// point lets an endpoint serve another version, by hand.
func (b *bundle) point(endpoint, version string) {
	b.t.Helper()
	_, _, err := b.hand.UpdateEndpoint(b.t.Context(), endpoint, speech.EndpointUpdate{Model: lifecycle.Ptr(b.hand.Ref(speech.KindModel, version))})
	require.NoError(b.t, err)
	b.advance(time.Minute)
}

// remarkEvaluation changes the marks of an evaluation by hand (Evaluations_Update), which the product never does.
func (b *bundle) remarkEvaluation(id string, marks map[string]string) {
	b.t.Helper()
	body, err := json.Marshal(map[string]any{"customProperties": marks})
	require.NoError(b.t, err)
	url := b.url + "/speechtotext/evaluations/" + id + "?api-version=2025-10-15"
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPatch, url, bytes.NewReader(body))
	require.NoError(b.t, err)
	request.Header.Set("Content-Type", "application/merge-patch+json")
	request.Header.Set("Ocp-Apim-Subscription-Key", "by hand")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	require.NoError(b.t, answer.Body.Close())
	require.Equal(b.t, http.StatusOK, answer.StatusCode)
}

// another is the marks with one changed.
func another(marks map[string]string, key, value string) map[string]string {
	marks[key] = value
	return marks
}

// What a person has changed since the resource was listed counts before a version is deleted.
func TestRetentionLooksAfresh(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]func(b *bundle, old, endpoint string){
		"our owner was taken away": func(b *bundle, old, _ string) {
			b.remark(old, another(state(lifecycle.StateRetired), lifecycle.MarkOwner, ""))
		},
		"it is champion": func(b *bundle, old, _ string) { b.remark(old, state(lifecycle.StateChampion)) },
		"it is another model's": func(b *bundle, old, _ string) {
			b.remark(old, another(state(lifecycle.StateRetired), "sr.model", "other"))
		},
		"an endpoint serves it":             func(b *bundle, old, endpoint string) { b.point(endpoint, old) },
		"an endpoint was made that does":    func(b *bundle, old, _ string) { b.endpoint("new", made{serves: old}) },
		"an evaluation of it has begun":     func(b *bundle, old, _ string) { b.evaluation("new", made{second: old, hangs: true}) },
		"somebody has deleted it meanwhile": func(b *bundle, old, _ string) { require.NoError(b.t, b.service.Remove(old)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			old := b.version("old", made{marks: state(lifecycle.StateRetired)})
			champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
			endpoint := b.endpoint("by hand", made{})
			b.remember()
			byHand(b, old, endpoint)
			var retired activities.RetireResult
			require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), &retired))
			require.Empty(t, b.sent(http.MethodDelete))
			require.Empty(t, retired.Deleted)
		})
	}
}

// Between the fresh look and the delete a version may still be taken away: it is read once more.
func TestRetentionReadsAVersionOnceMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.version("old", made{marks: state(lifecycle.StateRetired)})
	champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
	b.remember()
	// The last list of the fresh look.
	b.after(http.MethodGet, "evaluations", func() { b.remark(old, another(state(lifecycle.StateRetired), lifecycle.MarkOwner, "theirs")) })
	require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), nil))
	require.Empty(t, b.sent(http.MethodDelete))
}

// An evaluation goes with its version only as long as it carries the marks that it was listed with.
func TestAnEvaluationIsReadOnceMoreBeforeItIsDeleted(t *testing.T) {
	t.Parallel()
	of := func() map[string]string { return ours("sr.run", run("ended"), "sr.step", "evaluate/a") }
	for name, marks := range map[string]map[string]string{
		"our owner was taken away": another(of(), lifecycle.MarkOwner, ""),
		"it is somebody's":         another(of(), lifecycle.MarkOwner, "theirs"),
		"it is another model's":    another(of(), lifecycle.MarkModel, "other"),
		"it is another run's":      another(of(), lifecycle.MarkRun, run("another")),
		"it is another step's":     another(of(), lifecycle.MarkStep, "evaluate/b"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			old := b.version("old", made{marks: state(lifecycle.StateRetired)})
			champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
			b.evaluation("as it was", made{marks: of(), second: old})
			changed := b.evaluation("changed", made{marks: of(), second: old})
			b.remember()
			b.remarkEvaluation(changed, marks)
			require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), nil))
			require.Equal(t, []string{"as it was", "old"}, b.sent(http.MethodDelete))
		})
	}
}

// What a person has changed since the resource was listed counts before marks are healed.
func TestHealingLooksAfresh(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]func(b *bundle, champion, next, endpoint string){
		"a second endpoint has the name": func(b *bundle, champion, _, _ string) {
			b.endpoint("Desk", made{serves: champion})
		},
		"our owner was taken away": func(b *bundle, champion, next, _ string) {
			b.remark(champion, another(state(lifecycle.StateChampion), lifecycle.MarkOwner, ""))
			b.remark(next, another(ours("sr.state", "deploying", "sr.run", run("terminated")), lifecycle.MarkOwner, ""))
		},
		"the endpoint was set back": func(b *bundle, champion, _, endpoint string) { b.point(endpoint, champion) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, champion, next := interrupted(t)
			endpoint := b.endpoint("Desk", made{marks: ours(), serves: next})
			b.remember()
			byHand(b, champion, next, endpoint)
			var swept activities.SweepResult
			require.NoError(t, b.run(b.doing.SweepPass, healing("Desk"), &swept))
			require.Empty(t, swept.Healed)
			require.Empty(t, b.sent(http.MethodPatch))
		})
	}
}

// What a person has changed since the resource was listed counts when another version becomes champion.
func TestPromotionLooksAfresh(t *testing.T) {
	t.Parallel()
	b := setup(t)
	given := b.version("not ours any more", made{marks: state(lifecycle.StateChampion)})
	taken := b.version("champion by hand", made{marks: state(lifecycle.StateRetired)})
	next := b.version("next", made{marks: candidate(run("ended"))})
	b.remember()
	b.remark(given, another(state(lifecycle.StateChampion), lifecycle.MarkOwner, "theirs"))
	b.remark(taken, another(state(lifecycle.StateChampion), "team", "wind"))
	b.remark(next, another(candidate(run("ended")), "team", "calls"))
	require.NoError(t, b.run(b.doing.PromoteVersion, activities.PromoteInput{Scope: scope(), ID: next, Former: lifecycle.StateRetired}, nil))
	require.Equal(t, []string{"champion by hand", "next"}, b.sent(http.MethodPatch))
	require.Equal(t, another(state(lifecycle.StateRetired), "team", "wind"), b.marksOf(taken))
	served := another(another(candidate(run("ended")), "sr.state", "champion"), "team", "calls")
	require.Equal(t, another(served, "sr.verdict", b.today()), b.marksOf(next))
	require.Equal(t, "champion", b.stateOf(given))
}

// A version whose marks are to be changed is read as it is now, under any name.
func TestAVersionIsReadAfreshBeforeItsMarksAreChanged(t *testing.T) {
	t.Parallel()
	marks := func() map[string]string { return another(candidate(run("ended")), "team", "wind") }
	for name, byHand := range map[string]func(b *bundle, id string){
		"its marks": func(b *bundle, id string) { b.remark(id, marks()) },
		"its name, too": func(b *bundle, id string) {
			_, _, err := b.hand.UpdateModel(b.t.Context(), id, speech.ModelUpdate{DisplayName: lifecycle.Ptr("renamed"), CustomProperties: marks()})
			require.NoError(b.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.version("v", made{marks: candidate(run("ended"))})
			b.remember()
			byHand(b, id)
			require.NoError(t, b.run(b.doing.MarkVersion, activities.MarkInput{Scope: scope(), ID: id, State: lifecycle.StateRejected}, nil))
			require.Equal(t, another(marks(), "sr.state", "rejected"), b.marksOf(id))
		})
	}
	t.Run("it is somebody's", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		id := b.version("v", made{marks: candidate(run("ended"))})
		b.remember()
		b.remark(id, another(marks(), lifecycle.MarkOwner, "theirs"))
		failure, _ := failureOf(t, b.run(b.doing.MarkVersion, activities.MarkInput{Scope: scope(), ID: id, State: lifecycle.StateRejected}, nil))
		require.Equal(t, lifecycle.InvalidRequest, failure.Type)
		require.Empty(t, b.sent(http.MethodPatch))
	})
}

// The twin of a version that has got another owner, another run or a champion's mark since it was listed stays as it is,
// and so does one that an endpoint serves.
func TestTwinsAreReadOnceMore(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]func(b *bundle, twin, endpoint string){
		"our owner was taken away": func(b *bundle, twin, _ string) { b.remark(twin, like(lifecycle.MarkOwner, "theirs")) },
		"it is another run's":      func(b *bundle, twin, _ string) { b.remark(twin, like(lifecycle.MarkRun, run("another"))) },
		"it is champion":           func(b *bundle, twin, _ string) { b.remark(twin, like("sr.state", "champion")) },
		"an endpoint serves it":    func(b *bundle, twin, endpoint string) { b.point(endpoint, twin) },
	} {
		for which, hangs := range map[string]bool{"ended": false, "goes on": true} {
			t.Run(name+", "+which, func(t *testing.T) {
				t.Parallel()
				if hangs && name == "an endpoint serves it" {
					t.Skip("no endpoint takes a version that has not ended")
				}
				b := setup(t)
				runs, marks := mine()
				first := b.version(runs, made{marks: marks})
				twin := b.version(runs, made{marks: marks, hangs: hangs})
				b.names[first], b.names[twin] = "first", "twin"
				endpoint := b.endpoint("by hand", made{})
				in := b.trained(runs, first)
				b.remember()
				byHand(b, twin, endpoint)
				require.NoError(t, b.run(b.doing.AwaitVersion, in, nil))
				require.Empty(t, b.sent(http.MethodDelete))
				require.Empty(t, b.sent(http.MethodPatch))
			})
		}
	}
}

// Of two evaluations of one test the later goes only while the earlier one is there.
func TestTheSecondEvaluationStaysWhenTheFirstIsGone(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]func(b *bundle, first string){
		"deleted":   func(b *bundle, first string) { require.NoError(b.t, b.service.Remove(first)) },
		"not ours":  func(b *bundle, first string) { b.remarkEvaluation(first, map[string]string{lifecycle.MarkOwner: ""}) },
		"as it was": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.runs.states = map[string]lifecycle.RunState{"ended": lifecycle.RunEnded}
			champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
			of := ours("sr.run", run("ended"), "sr.step", "evaluate/a")
			first := b.evaluation("desk", made{marks: of, second: champion})
			b.names[b.evaluation("desk", made{marks: of, second: champion})] = "second"
			b.remember()
			want := []string{"second"}
			if byHand != nil {
				byHand(b, first)
				want = []string{}
			}
			require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
			require.Equal(t, want, b.sent(http.MethodDelete))
		})
	}
}

// Room that somebody has just made counts before a run is refused.
func TestRoomIsLookedForAfresh(t *testing.T) {
	t.Parallel()
	needed := activities.RoomData{Path: "training[0]", Label: "text", Found: activities.DataFound{DisplayName: "text 0123", Kind: "Language", Content: "0123"}}
	for name, in := range map[string]activities.RoomInput{
		"an endpoint": {Scope: scope(), Endpoint: "Desk"}, "a dataset": {Scope: scope(), Data: []activities.RoomData{needed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			endpoint, dataset := b.endpoint("of somebody", made{}), b.dataset("of somebody", made{})
			b.remember(func(o *activities.Options) { o.EndpointQuota, o.DatasetQuota = 1, 1 })
			failure, _ := failureOf(t, b.run(b.doing.CheckRoom, in, nil))
			require.Contains(t, failure.Message, "at least 1 of the 1 ")
			require.NoError(t, b.service.Remove(endpoint))
			require.NoError(t, b.service.Remove(dataset))
			require.NoError(t, b.run(b.doing.CheckRoom, in, nil))
		})
	}
}

// What is about to be acted on is looked at afresh: what serves, and which version of whom is what.
func TestWhatIsActedOnIsLookedAtAfresh(t *testing.T) {
	t.Parallel()
	type model struct {
		*bundle
		older, newer, champion, endpoint string
	}
	for name, try := range map[string]func(m model){
		"a check that would act": func(m model) {
			m.remark(m.newer, state(lifecycle.StateChampion))
			m.point(m.endpoint, m.newer)
			request := lifecycle.DefaultRequest()
			request.Name, request.Locale, request.Deploy = "desk", "en-US", &lifecycle.Deploy{Endpoint: "Desk"}
			var seen activities.ModelObserved
			require.NoError(m.t, m.run(m.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request, Fresh: true}, &seen))
			require.Equal(m.t, m.newer, seen.Endpoint.ModelID)
			states := map[string]lifecycle.State{}
			for _, v := range seen.Versions {
				states[v.ID] = v.State
			}
			require.Equal(m.t, lifecycle.StateChampion, states[m.newer])
		},
		"the champion before a deployment": func(m model) {
			m.point(m.endpoint, m.newer)
			var found activities.ChampionResult
			require.NoError(m.t, m.run(m.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: "Desk", Fresh: true}, &found))
			require.Equal(m.t, m.newer, found.Champion.ID)
		},
		"what a rollback goes back to": func(m model) {
			m.remark(m.newer, another(state(lifecycle.StateRetired), lifecycle.MarkOwner, "theirs"))
			var found activities.VersionFound
			require.NoError(m.t, m.run(m.doing.ChooseRollback, activities.RollbackInput{Scope: scope()}, &found))
			require.Equal(m.t, m.older, found.Report.ID)
		},
		"the endpoint that a rollback means": func(m model) {
			_, err := m.hand.DeleteEndpoint(m.t.Context(), m.endpoint)
			require.NoError(m.t, err)
			made := m.bundle.endpoint("Desk", made{marks: ours(), serves: m.champion})
			var own activities.OwnEndpoint
			require.NoError(m.t, m.run(m.doing.FindOwnEndpoint, activities.OwnEndpointInput{Scope: scope()}, &own))
			require.Equal(m.t, made, own.Endpoint)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			m := model{bundle: b}
			m.older = b.version("older", made{marks: state(lifecycle.StateRetired)})
			m.newer = b.version("newer", made{marks: state(lifecycle.StateRetired)})
			m.champion = b.version("champion", made{marks: state(lifecycle.StateChampion)})
			m.endpoint = b.endpoint("Desk", made{marks: ours(), serves: m.champion})
			b.remember()
			try(m)
		})
	}
}

// A dataset that somebody has begun to use since the resource was listed stays.
func TestTidyingLooksAfresh(t *testing.T) {
	t.Parallel()
	for name, pass := range map[string]func(id string) activities.SweepInput{
		"unused for a week": func(string) activities.SweepInput { return sweep() },
		"named by a person": func(id string) activities.SweepInput {
			return activities.SweepInput{Scope: scope(), Unused: []string{id}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.dataset("text", made{marks: b.unused()})
			b.remember()
			b.version("by hand", made{datasets: []string{id}})
			require.NoError(t, b.run(b.doing.SweepPass, pass(id), nil))
			require.Empty(t, b.sent(http.MethodDelete))
		})
	}
}

// A version that a run has left behind, and that somebody has let serve since the resource was listed, is neither marked
// nor deleted; nor is one that somebody has taken over.
func TestASweepLooksAfresh(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]func(b *bundle, left, endpoint string){
		"an endpoint serves it": func(b *bundle, left, endpoint string) { b.point(endpoint, left) },
		"it is somebody's": func(b *bundle, left, _ string) {
			b.remark(left, another(candidate(run("terminated")), lifecycle.MarkOwner, "theirs"))
		},
		"it is champion": func(b *bundle, left, _ string) { b.remark(left, state(lifecycle.StateChampion)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated, "ended": lifecycle.RunEnded}
			left := b.version("left behind", made{marks: candidate(run("terminated"))})
			endpoint := b.endpoint("by hand", made{})
			b.remember()
			byHand(b, left, endpoint)
			require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
			require.Empty(t, b.sent(http.MethodDelete))
			require.Empty(t, b.sent(http.MethodPatch))
		})
	}
}

// What somebody else has made since the resource was listed is adopted, and not made twice.
func TestWhatOthersHaveMadeMeanwhileIsAdopted(t *testing.T) {
	t.Parallel()
	for path, tt := range map[string]struct {
		byHand func(*bundle) string
		run    func(*bundle) string
	}{
		"projects": {
			func(b *bundle) string { return b.aProject("Wind farm", made{}) },
			func(b *bundle) string {
				var found activities.ProjectResult
				require.NoError(b.t, b.run(b.doing.EnsureProject, activities.ProjectInput{Scope: scope(), Project: "Wind farm"}, &found))
				return found.ID
			},
		},
		"datasets": {
			func(b *bundle) string { return b.dataset("text 0123456789ab", made{marks: byRun()}) },
			func(b *bundle) string { return b.ensure("0123456789abcdef") },
		},
		"endpoints": {
			func(b *bundle) string { return b.endpoint("Desk", made{marks: ours()}) },
			func(b *bundle) string {
				var found activities.EndpointSeen
				in := activities.EndpointInput{Scope: scope(), Name: "Desk", Version: activities.ModelRef{ID: b.base("en-US").ID()}}
				require.NoError(b.t, b.run(b.doing.EnsureEndpoint, in, &found))
				return found.ID
			},
		},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.base("en-US")
			b.remember()
			id := tt.byHand(b)
			require.Equal(t, id, tt.run(b))
			require.Zero(t, b.posted(path))
		})
	}
}
