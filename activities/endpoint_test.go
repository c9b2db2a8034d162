package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// TestPuttingAModelBackAlwaysSendsTheChange: an endpoint may show its old model while a change to another is
// on its way, so that "it refers to it already" proves nothing when a deployment is undone.
func TestPuttingAModelBackAlwaysSendsTheChange(t *testing.T) {
	t.Parallel()
	service := shared.Service(t, emulator.Options{Speed: 100})
	client := shared.Client(t, shared.Serve(t, service), "test")
	bases, _, err := client.ListBaseModels(t.Context(), speech.Filter{Locale: "en-US", Statuses: []speech.Status{speech.StatusSucceeded}})
	require.NoError(t, err)
	var base speech.BaseModel
	for _, m := range bases {
		if end := m.Properties.DeprecationDates.TranscriptionDateTime; end != nil && end.After(service.Now()) {
			base = m
		}
	}
	endpoint, _, err := client.CreateEndpoint(t.Context(), speech.NewEndpoint{DisplayName: "e", Locale: "en-US", Model: lifecycle.Ptr(base.Ref())})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return service.Objects("endpoint")[0].Status == "Succeeded" }, 10*time.Second, 5*time.Millisecond)

	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	a := activities.New(activities.Options{Speech: client, Owner: "test", Getenv: func(string) string { return "" }})
	activities.Register(env, a)
	sent := func() (n int) {
		for _, e := range service.Requests() {
			if e.Method == http.MethodPatch {
				n++
			}
		}
		return n
	}
	in := activities.DeployInput{
		Scope: activities.Scope{Model: "m", Locale: "en-US"}, EndpointID: endpoint.ID(),
		Label: "e", Version: activities.ModelRef{ID: base.ID()},
	}
	_, err = env.ExecuteActivity(a.PointEndpoint, in)
	require.NoError(t, err)
	require.Zero(t, sent(), "it refers to the model already")
	in.Always = true
	_, err = env.ExecuteActivity(a.PointEndpoint, in)
	require.NoError(t, err)
	require.Equal(t, 1, sent())
	require.Empty(t, service.Violations())
}
