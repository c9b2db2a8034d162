package activities_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// What became of the pilot's trial decides about the fleet's retrains: a check that would act reads it as it is now.
func TestThePilotIsLookedAtAfresh(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trial := b.version("trial", made{marks: another(state(lifecycle.StateChampion), "sr.model", "pilot")})
	b.runs.live = []lifecycle.LiveRequest{{Name: "pilot", Locale: "en-US", TaskQueue: "default-test-taskqueue"}}
	b.remember()
	b.remark(trial, another(state(lifecycle.StateRolledBack), "sr.model", "pilot"))
	request := lifecycle.DefaultRequest()
	request.Name, request.Locale, request.Renew.Pilot = "desk", "en-US", "pilot"
	var seen activities.ModelObserved
	require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request, Fresh: true}, &seen))
	require.Empty(t, seen.Pilot.Fault)
	require.Len(t, seen.Pilot.Versions, 1)
	require.Equal(t, lifecycle.StateRolledBack, seen.Pilot.Versions[0].State)
}

// The endpoint that is about to be changed is read by its ID, whatever a list showed of it a moment before.
func TestTheEndpointIsReadBeforeItIsChanged(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]struct {
		do    func(b *bundle, endpoint, next string)
		found func(t *testing.T, next string, found activities.ChampionResult)
	}{
		"it serves another version": {
			func(b *bundle, endpoint, next string) { b.point(endpoint, next) },
			func(t *testing.T, next string, found activities.ChampionResult) {
				require.Equal(t, next, found.Endpoint.ModelID)
			},
		},
		"it was deleted": {
			func(b *bundle, endpoint, _ string) { require.NoError(b.t, b.service.Remove(endpoint)) },
			func(t *testing.T, _ string, found activities.ChampionResult) { require.Nil(t, found.Endpoint) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
			next := b.version("next", made{marks: state(lifecycle.StateRetired)})
			endpoint := b.endpoint("Desk", made{marks: ours(), serves: champion})
			b.remember()
			b.after(http.MethodGet, "endpoints", func() { byHand.do(b, endpoint, next) })
			var found activities.ChampionResult
			require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: "Desk", Fresh: true}, &found))
			byHand.found(t, next, found)
		})
	}
}

// An endpoint that has come to serve another model's champion since the resource was listed is refused before it is changed.
func TestWhoseChampionServesIsReadBeforeItIsChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	serves := b.version("serves", made{marks: another(candidate(run("another")), "sr.model", "other")})
	b.endpoint("Desk", made{serves: serves})
	b.remember()
	b.remark(serves, another(state(lifecycle.StateChampion), "sr.model", "other"))
	failure, _ := failureOf(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: "Desk", Fresh: true}, nil))
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
	require.Contains(t, failure.Message, "serves the champion of the model other")
}

// Of two versions of one run the later goes only while the earlier one is there.
func TestTheSecondVersionStaysWhenTheFirstIsGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"both are there": false, "the first was deleted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.runs.states = map[string]lifecycle.RunState{"ended": lifecycle.RunEnded}
			first := b.version("first", made{marks: candidate(run("ended"))})
			b.version("second", made{marks: candidate(run("ended"))})
			b.remember()
			want := []string{"second"}
			if gone {
				require.NoError(t, b.service.Remove(first))
				want = []string{}
			}
			require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
			require.Equal(t, want, b.sent(http.MethodDelete))
		})
	}
}

// A version that was trained stays when the earlier one of its run, which would count, was taken away since it was listed: it is the one
// that counts now. So does an evaluation.
func TestWhatWasMadeStaysWhenItsTwinIsGone(t *testing.T) {
	t.Parallel()
	for name, takeAway := range map[string]func(b *bundle, id string, marks map[string]string){
		"deleted": func(b *bundle, id string, _ map[string]string) { require.NoError(b.t, b.service.Remove(id)) },
		"given away": func(b *bundle, id string, marks map[string]string) {
			marks = another(marks, lifecycle.MarkOwner, "theirs")
			if b.names[id] == "first evaluation" {
				b.remarkEvaluation(id, marks)
			} else {
				b.remark(id, marks)
			}
		},
	} {
		t.Run("a version, "+name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			runs, marks := mine()
			first := b.version(runs, made{marks: marks})
			twin := b.version(runs, made{marks: marks})
			b.names[first], b.names[twin] = "first", "twin"
			in := b.trained(runs, twin)
			b.remember()
			takeAway(b, first, marks)
			var result activities.VersionResult
			require.NoError(t, b.run(b.doing.AwaitVersion, in, &result))
			require.Empty(t, b.sent(http.MethodDelete))
			require.Empty(t, b.sent(http.MethodPatch))
			require.Equal(t, twin, result.Report.ID)
		})
		t.Run("an evaluation, "+name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			marks := func() map[string]string { return ours("sr.run", scope().Run, "sr.step", "evaluate/a") }
			first := b.evaluation("desk", made{marks: marks()})
			twin := b.evaluation("desk", made{marks: marks()})
			b.names[first], b.names[twin] = "first evaluation", "twin"
			in := b.tested("desk", "evaluate/a", twin)
			b.remember()
			takeAway(b, first, marks())
			var result activities.Measured
			require.NoError(t, b.run(b.doing.AwaitEvaluation, in, &result))
			require.Empty(t, b.sent(http.MethodDelete))
			require.Equal(t, twin, result.ID)
		})
	}
}

// What was tried in vain is forgotten only when its base model cannot be trained from as the service says now.
func TestTheBaseIsLookedAtBeforeWhatWasTriedIsForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.version("rejected", made{marks: state(lifecycle.StateRejected)})
	champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
	base, yesterday, later := b.base("en-US").ID(), b.service.Now().Add(-aDay), b.service.Now().Add(300*aDay)
	require.NoError(t, b.service.Redate(base, &yesterday, nil))
	b.remember()
	require.NoError(t, b.service.Redate(base, &later, nil))
	require.NoError(t, b.run(b.doing.RetireVersions, keepsNone(champion, ""), nil))
	require.Empty(t, b.sent(http.MethodDelete))
}
