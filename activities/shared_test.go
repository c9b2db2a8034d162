package activities_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
)

// Two runs that need a project of one name at the same moment, on a service whose lists lag behind, use the same one:
// whoever creates it waits until it must have seen what the other did.
func TestProjectsCreatedAtTheSameMomentAreOne(t *testing.T) {
	t.Parallel()
	const lag = 300 * time.Millisecond
	settings := emulator.Plain()
	settings.ListLag = emulator.Duration(lag)
	url := shared.Serve(t, shared.Service(t, emulator.Options{Settings: settings}))
	ids := make([]string, 4)
	var wg sync.WaitGroup
	for i := range ids {
		client := shared.Client(t, url, "test")
		wg.Go(func() {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			a := activities.New(activities.Options{Speech: client, Owner: "test", ListLag: lag + 100*time.Millisecond, Runs: idle{}, Getenv: func(string) string { return "" }})
			activities.Register(env, a)
			value, err := env.ExecuteActivity(a.EnsureProject, activities.ProjectInput{
				Scope: activities.Scope{Model: "desk", Locale: "en-US"}, Project: "Wind farm",
			})
			if err != nil {
				t.Error(err)
				return
			}
			var result activities.ProjectResult
			if err := value.Get(&result); err != nil {
				t.Error(err)
			}
			ids[i] = result.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	require.NotEmpty(t, ids[0])
}
