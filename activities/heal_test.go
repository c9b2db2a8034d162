package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// healing is a pass that knows the model's endpoint, and that a deployment takes at most an hour.
func healing(endpoint string) activities.SweepInput {
	in := sweep()
	in.Heal = &activities.HealInput{Endpoint: endpoint, Deploy: lifecycle.Duration(time.Hour)}
	return in
}

// interrupted is a model whose retrain was terminated after the endpoint had been changed, and before it could mark
// the version champion.
func interrupted(t *testing.T, change ...func(*emulator.Settings)) (b *bundle, champion, next string) {
	t.Helper()
	b = setup(t, change...)
	champion = b.version("champion", made{marks: state(lifecycle.StateChampion)})
	next = b.version("next", made{marks: ours("sr.state", "deploying", "sr.run", run("terminated"), "sr.verdict", "pass")})
	b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated, "ended": lifecycle.RunEnded}
	b.runs.closed = b.service.Now()
	return b, champion, next
}

func (b *bundle) remark(id string, marks map[string]string) {
	b.t.Helper()
	_, _, err := b.hand.UpdateModel(b.t.Context(), id, speech.ModelUpdate{CustomProperties: marks})
	require.NoError(b.t, err)
}

// What serves because a run let it serve is champion, and the one before it retired: an interrupted run is not taken
// for a change by hand.
func TestTheMarksOfAnInterruptedDeploymentAreHealed(t *testing.T) {
	t.Parallel()
	b, champion, next := interrupted(t)
	b.endpoint("Desk", made{marks: ours(), serves: next})
	var swept activities.SweepResult
	require.NoError(t, b.run(b.doing.SweepPass, healing("Desk"), &swept))
	require.Equal(t, []string{"champion", "next"}, b.sent(http.MethodPatch))
	require.Equal(t, "champion", b.stateOf(next))
	require.Equal(t, "retired", b.stateOf(champion))
	require.Len(t, swept.Healed, 2)
	require.NoError(t, b.run(b.doing.SweepPass, healing("Desk"), nil))
	require.Empty(t, b.sent(http.MethodPatch), "once")
	require.Empty(t, b.sent(http.MethodDelete))
}

// Anything else that serves was set by hand, or is not this home's to say, and its marks are left as they are.
func TestWhatIsNotHealed(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(b *bundle, champion, next string){
		"its run goes on": func(b *bundle, _, next string) {
			b.runs.states["terminated"] = lifecycle.RunActive
			b.endpoint("Desk", made{marks: ours(), serves: next})
		},
		"its run is of another home": func(b *bundle, _, next string) {
			b.remark(next, ours("sr.state", "deploying", "sr.run", "another-home/terminated"))
			b.endpoint("Desk", made{marks: ours(), serves: next})
		},
		"a candidate that nobody let serve": func(b *bundle, _, next string) {
			b.remark(next, ours("sr.state", "candidate", "sr.run", run("terminated"), "sr.verdict", "inconclusive"))
			b.endpoint("Desk", made{marks: ours(), serves: next})
		},
		"a version that was rejected": func(b *bundle, _, next string) {
			b.remark(next, ours("sr.state", "rejected", "sr.run", run("terminated")))
			b.endpoint("Desk", made{marks: ours(), serves: next})
		},
		"the champion before, set back by hand": func(b *bundle, champion, next string) {
			b.remark(next, ours("sr.state", "champion", "sr.run", run("ended")))
			b.remark(champion, state(lifecycle.StateRetired))
			b.endpoint("Desk", made{marks: ours(), serves: champion})
		},
		"it serves on another endpoint only": func(b *bundle, champion, next string) {
			b.endpoint("canary", made{serves: next})
			b.endpoint("Desk", made{marks: ours(), serves: champion})
			b.advance(2 * time.Hour)
		},
		"two endpoints have the name": func(b *bundle, champion, next string) {
			b.endpoint("Desk", made{marks: ours(), serves: next})
			b.endpoint("Desk", made{serves: champion})
		},
		"the endpoint is of another locale": func(b *bundle, _, _ string) {
			b.endpoint("Desk", made{locale: "de-DE"})
			b.advance(2 * time.Hour)
		},
		"its deployment may go on": func(b *bundle, champion, _ string) {
			b.endpoint("Desk", made{marks: ours(), serves: champion})
		},
		"its run has just ended": func(b *bundle, champion, _ string) {
			b.endpoint("Desk", made{marks: ours(), serves: champion})
			b.advance(2 * time.Hour)
			b.runs.closed = b.service.Now()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, champion, next := interrupted(t)
			prepare(b, champion, next)
			require.NoError(t, b.run(b.doing.SweepPass, healing("Desk"), nil))
			require.Empty(t, b.sent(http.MethodPatch))
			require.NotContains(t, b.sent(http.MethodDelete), "next")
		})
	}
}

// A deploying version that no endpoint came to serve is failed, once its run and the endpoint have been as they are for
// longer than a deployment takes.
func TestADeploymentThatCameToNothing(t *testing.T) {
	t.Parallel()
	b, champion, next := interrupted(t)
	b.endpoint("Desk", made{marks: ours(), serves: champion})
	b.advance(2 * time.Hour)
	require.NoError(t, b.run(b.doing.SweepPass, healing("Desk"), nil))
	require.Equal(t, []string{"next"}, b.sent(http.MethodPatch))
	require.Equal(t, "failed", b.stateOf(next))
	require.Equal(t, "champion", b.stateOf(champion))
	require.Empty(t, b.sent(http.MethodDelete))
}

// Version and endpoint are read once more before a mark is changed: a run or a person may have changed them since.
func TestHealingLooksOnceMore(t *testing.T) {
	t.Parallel()
	for name, during := range map[string]func(b *bundle, champion, next, endpoint string){
		"the version was marked": func(b *bundle, _, next, _ string) {
			b.remark(next, ours("sr.state", "rolledback", "sr.run", run("terminated")))
		},
		"the endpoint was changed": func(b *bundle, champion, _, endpoint string) {
			back := b.hand.Ref(speech.KindModel, champion)
			_, _, err := b.hand.UpdateEndpoint(b.t.Context(), endpoint, speech.EndpointUpdate{Model: &back})
			require.NoError(b.t, err)
			b.advance(time.Minute)
		},
		"the endpoint is gone": func(b *bundle, _, _, endpoint string) { require.NoError(b.t, b.service.Remove(endpoint)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, champion, next := interrupted(t)
			endpoint := b.endpoint("Desk", made{marks: ours(), serves: next})
			b.afterFreshLook(2, func() {
				during(b, champion, next, endpoint)
				b.began = len(b.service.Requests())
			})
			require.NoError(t, b.run(b.doing.SweepPass, healing("Desk"), nil))
			require.NotContains(t, b.sent(http.MethodPatch), "next")
			require.NotEqual(t, "champion", b.stateOf(next))
		})
	}
}
