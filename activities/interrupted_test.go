package activities_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// A delete that was given up, because the worker stops or the run is canceled, is no refusal of the service: the activity has
// not come to its end, and the next attempt finds out what became of it.
func TestADeleteThatWasGivenUpIsNoRefusal(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		marks    map[string]string
		activity string
		input    func(champion string) any
	}{
		"retention": {state(lifecycle.StateRetired), "RetireVersions", func(champion string) any { return keepsNone(champion, "") }},
		"a sweep":   {candidate(run("terminated")), "SweepPass", func(string) any { return sweep() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.runs.states = map[string]lifecycle.RunState{"terminated": lifecycle.RunTerminated}
			old := b.version("old", made{marks: tt.marks})
			champion := b.version("champion", made{marks: state(lifecycle.StateChampion)})
			b.remember()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			b.after(http.MethodDelete, "models/"+old, func() {
				cancel()
				<-ended // the answer never comes
			})
			b.began = len(b.service.Requests())
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			env.SetWorkerOptions(worker.Options{BackgroundActivityContext: ctx})
			activities.Register(env, b.doing)
			_, err := env.ExecuteActivity(tt.activity, tt.input(champion))
			close(ended)
			require.Equal(t, []string{"old"}, b.sent(http.MethodDelete))
			require.Error(t, err)
		})
	}
}
