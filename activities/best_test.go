package activities_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// The best rates that champions ever had go with the promotion from champion to champion: what the run measured, lowered by
// what they had before.
func TestAPromotionCarriesTheBestOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.version("long ago", made{marks: ours("sr.state", "retired", "sr.best", "aaaaaaaa=0.1000@500 cccccccc=0.3000@500")})
	b.version("before", made{marks: ours("sr.state", "champion", "sr.best", "aaaaaaaa=0.1100@500")})
	b.version("never served", made{marks: ours("sr.state", "rejected", "sr.best", "bbbbbbbb=0.0100@500")})
	next := b.version("next", made{marks: candidate(run("ended"))})
	in := activities.PromoteInput{
		Scope: scope(), ID: next, Former: lifecycle.StateRetired,
		Best: []lifecycle.BestRate{{Content: "bbbbbbbb", Rate: 0.2, Words: 900}, {Content: "aaaaaaaa", Rate: 0.104, Words: 500}},
	}
	require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
	const carried = "bbbbbbbb=0.2000@900 aaaaaaaa=0.1000@500 cccccccc=0.3000@500"
	require.Equal(t, carried, b.marksOf(next)["sr.best"])
	require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
	require.Empty(t, b.sent(http.MethodPatch), "a second attempt changes nothing")

	var found activities.ChampionResult
	require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope()}, &found))
	require.Equal(t, carried, lifecycle.FormatBest(found.Best))
	b.endpoint("Desk", made{marks: ours(), serves: next})
	for _, endpoint := range []string{"Desk", "none yet"} {
		require.NoError(t, b.run(b.doing.FindChampion, activities.ChampionInput{Scope: scope(), Endpoint: endpoint}, &found))
		require.Equal(t, carried, lifecycle.FormatBest(found.Best), endpoint)
	}
}

// A rollback and the adoption of a version made by hand measure nothing: the mark is carried over.
func TestWhatServesAgainCarriesTheBestOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.version("before", made{marks: ours("sr.state", "retired")})
	hand := b.version("by hand", made{})
	b.version("now", made{marks: ours("sr.state", "champion", "sr.best", "aaaaaaaa=0.1000@500")})
	for _, in := range []activities.PromoteInput{
		{ID: before, Former: lifecycle.StateRolledBack, Said: &activities.Said{What: "back", By: "ann", Reason: "noise"}},
		{ID: hand, Former: lifecycle.StateRetired, Adopt: true},
	} {
		in.Scope = scope()
		require.NoError(t, b.run(b.doing.PromoteVersion, in, nil))
		require.Equal(t, "aaaaaaaa=0.1000@500", b.marksOf(in.ID)["sr.best"], b.names[in.ID])
	}
}

// So does a version whose run could no longer say that it is champion.
func TestAHealedChampionCarriesTheBestOn(t *testing.T) {
	t.Parallel()
	b, champion, next := interrupted(t)
	b.remark(champion, ours("sr.state", "champion", "sr.best", "aaaaaaaa=0.1000@500"))
	b.remark(next, ours("sr.state", "deploying", "sr.run", run("terminated"), "sr.verdict", "pass", "sr.best", "bbbbbbbb=0.2000@900"))
	b.endpoint("Desk", made{marks: ours(), serves: next})
	require.NoError(t, b.run(b.doing.SweepPass, healing("Desk"), nil))
	require.Equal(t, "bbbbbbbb=0.2000@900 aaaaaaaa=0.1000@500", b.marksOf(next)["sr.best"])
	require.Equal(t, "champion", b.stateOf(next))
}

// With no room beside foreign properties the mark is left out before the verdict, and that is told before the endpoint is
// changed.
func TestTheBestGoesBeforeTheVerdict(t *testing.T) {
	t.Parallel()
	b := setup(t)
	full := candidate(run("ended"))
	for _, key := range []string{"a", "b", "c", "d"} {
		full[key] = "theirs"
	}
	id := b.version("full", made{marks: full})
	in := activities.MarkInput{Scope: scope(), ID: id, State: lifecycle.StateDeploying, Verdict: "pass", Best: "aaaaaaaa=0.1000@500"}
	var marked activities.MarkResult
	require.NoError(t, b.run(b.doing.MarkVersion, in, &marked))
	require.Equal(t, []string{"sr.best"}, marked.Dropped)
	require.Equal(t, "pass", b.marksOf(id)["sr.verdict"])
	require.Equal(t, "train", b.marksOf(id)["sr.step"], "what is there already is not pushed out for it")
}
