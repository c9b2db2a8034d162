package activities_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// The same name in another locale is another model: what its runs left behind is not this one's to delete.
func TestASweepLeavesOtherLocales(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
	id := b.version("in German", made{marks: candidate(run("terminated")), locale: "de-DE"})
	b.evaluation("test in German", made{marks: ours("sr.run", run("terminated"), "sr.step", "evaluate/a"), locale: "de-DE", second: id})
	require.NoError(t, b.run(b.doing.SweepPass, scope(), nil))
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
	require.NoError(t, b.run(b.doing.SweepPass, scope(), nil))
	require.Equal(t, []string{"its own", "left behind"}, b.sent(http.MethodDelete))
}
