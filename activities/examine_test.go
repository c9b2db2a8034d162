package activities_test

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/lifecycle"
)

// A worker tells what it sees, and nothing that is secret.
func TestExamine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, marks := mine()
	b.version("desk 2026-01-01 aa", made{marks: marks})
	b.version("of somebody", made{marks: map[string]string{lifecycle.MarkOwner: "others"}})
	b.endpoint("by hand", made{})
	b.env = map[string]string{
		"GOOD": b.url + "/files/text.txt?se=2199-01-01&sig=hush", "GONE": b.url + "/files/none.txt", "OPS": "https://ops.example/hush",
		"ODD": "ftp://ops.example/hush",
	}
	from := func(env string) lifecycle.Data {
		return lifecycle.Data{Name: "x", Kind: "Language", ContentURLFrom: &lifecycle.FromEnv{Env: env}}
	}
	hook := func(env string) lifecycle.Notify { return lifecycle.Notify{URLFrom: lifecycle.FromEnv{Env: env}} }
	desk := lifecycle.Request{
		Name: "desk", Locale: "en-US", Training: []lifecycle.Data{from("GOOD"), from("GONE"), from("NONE"), {Dataset: "calls"}},
		Notify: []lifecycle.Notify{hook("OPS"), hook("ODD"), hook("NONE")},
	}
	field := lifecycle.Request{Name: "field", Locale: "xx-XX", Training: []lifecycle.Data{from("GOOD")}, Notify: []lifecycle.Notify{hook("OPS")}}
	var seen lifecycle.Examined
	require.NoError(t, b.run(b.doing.Examine, activities.ExamineInput{Requests: []lifecycle.Request{desk, field}}, &seen))

	require.Nil(t, seen.Failure)
	require.Equal(t, "key", seen.Credential)
	require.Equal(t, b.service.Now().Unix(), seen.ObservedAt.Unix(), "the service's now")
	require.Equal(t, []lifecycle.Counted{{Of: "others", Count: 1}, {Of: "ours", Count: 1}}, seen.Owners)
	require.Equal(t, []lifecycle.Counted{{Of: lifecycle.TestHome, Count: 1}}, seen.Homes)
	require.Equal(t, 1, seen.Room.Endpoints.Have)
	require.Len(t, seen.Locales, 2)
	require.NotEmpty(t, seen.Locales[0].Base)
	require.Positive(t, seen.Locales[0].Usable)
	require.Equal(t, "the service lists no base model for xx-XX", seen.Locales[1].Reason)
	faults := map[string]string{}
	for _, l := range seen.Links {
		require.Equal(t, "desk", l.Model, "a server is asked once, however many models use it")
		faults[l.Env] = l.Fault
	}
	require.Equal(t, map[string]string{"GOOD": "", "GONE": "answered 404 Not Found", "NONE": "the worker has no environment variable NONE"}, faults)
	require.Equal(t, 2199, seen.Links[0].SignedUntil.Year())
	require.Len(t, seen.Hooks, 3)
	require.Empty(t, seen.Hooks[0].Fault)
	require.Contains(t, seen.Hooks[1].Fault, "does not hold an https URL")
	require.Contains(t, seen.Hooks[2].Fault, "no environment variable NONE")
	text, err := json.Marshal(seen)
	require.NoError(t, err)
	require.NotContains(t, string(text), "hush")
	require.Empty(t, b.sent("POST"))
}

// That the service refuses the key is what the worker sees, and no failure of the look; also when it took it a moment ago.
func TestExamineWithAKeyThatIsRevoked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var revoked atomic.Bool
	url := shared.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if revoked.Load() {
			http.Error(w, `{"code": "Unauthorized", "message": "no"}`, http.StatusUnauthorized)
			return
		}
		b.service.ServeHTTP(w, r)
	}))
	b.doing = activities.New(activities.Options{
		Speech: shared.Client(t, url, "ours"), Owner: "ours", Runs: b.runs, Getenv: func(string) string { return "" },
	})
	look := func() (seen lifecycle.Examined) {
		require.NoError(t, b.run(b.doing.Examine, activities.ExamineInput{}, &seen))
		return seen
	}
	require.Nil(t, look().Failure)
	revoked.Store(true)
	seen := look()
	require.NotNil(t, seen.Failure)
	require.Equal(t, lifecycle.Unauthorized, seen.Failure.Type)
	require.NotNil(t, seen.Failure.Next)
	require.Equal(t, lifecycle.FindingError, lifecycle.Worst(lifecycle.Examine(seen)))
}
