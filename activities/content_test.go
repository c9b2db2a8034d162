package activities_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// The look at a content URL follows a redirect, but does not tell where it comes from: a signature is for one host.
func TestRedirectOfAContentURLIsToldNoSignature(t *testing.T) {
	t.Parallel()
	seen := false
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = true
		if r.Referer() != "" || r.URL.RawQuery != "" {
			t.Errorf("told: %s %s", r.URL, r.Header)
		}
		w.Header().Set("ETag", `"1"`)
	}))
	t.Cleanup(other.Close)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/x", http.StatusFound)
	}))
	t.Cleanup(host.Close)
	client, err := speech.New(speech.Config{Endpoint: host.URL, Key: "test"})
	require.NoError(t, err)
	a := activities.New(activities.Options{
		Speech: client, Owner: "test", Getenv: func(string) string { return host.URL + "/x?sv=1&sig=hunter2" },
	})
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	activities.Register(env, a)
	_, err = env.ExecuteActivity(a.FindData, activities.DataInput{
		Scope: activities.Scope{Model: "desk", Locale: "en-US"}, Path: "training[0]",
		Data: lifecycle.Data{Name: "text", Kind: "Language", ContentURLFrom: &lifecycle.FromEnv{Env: "DATA"}},
	})
	require.NoError(t, err)
	require.True(t, seen)
}
