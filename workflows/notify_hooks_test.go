package workflows_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// A test message goes once to each web hook, whatever it hears of, and what came of it is told: also of a receiver that refuses it, or
// is not there.
func TestNotifyTest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good, heard := receiver(t)
	busy, later := receiver(t, http.StatusServiceUnavailable)
	posted := make(chan string, 1)
	chat := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posted <- string(body)
	}))
	defer chat.Close()
	b.env = map[string]string{"GOOD": good, "BUSY": busy, "CHAT": chat.URL}
	hook := func(env string) map[string]any {
		return map[string]any{"urlFrom": map[string]any{"env": env}, "on": []string{"failed"}}
	}
	slack := hook("CHAT")
	slack["format"] = "slack"
	input, err := json.Marshal(map[string]any{"name": "desk", "locale": "en-US", "notify": []any{hook("GOOD"), hook("BUSY"), hook("NONE"), slack}})
	require.NoError(t, err)
	env := b.again()
	env.ExecuteWorkflow(workflows.TypeNotify, json.RawMessage(input))
	require.NoError(t, env.GetWorkflowError())
	var report workflows.NotifyReport
	require.NoError(t, env.GetWorkflowResult(&report))
	require.Len(t, report.Hooks, 4)
	require.Contains(t, <-posted, `"blocks"`, "as the chat takes it")
	require.True(t, report.Hooks[3].Arrived)
	require.Equal(t, lifecycle.FormatSlack, report.Hooks[3].Format)
	require.True(t, report.Hooks[0].Arrived)
	require.Nil(t, report.Hooks[0].Said)
	require.Len(t, heard(), 1)
	require.Equal(t, lifecycle.EventTest, heard()[0].Event)
	require.Contains(t, heard()[0].Summary, "desk: this is a test")
	require.Contains(t, heard()[0].Summary, "nobody has to act")

	require.False(t, report.Hooks[1].Arrived)
	require.Contains(t, *report.Hooks[1].Said, "web hook BUSY: the web hook answered 503 Service Unavailable")
	require.Empty(t, later(), "one attempt: who asked waits")
	require.False(t, report.Hooks[2].Arrived)
	require.Contains(t, *report.Hooks[2].Said, "the worker has no environment variable NONE")
	require.Contains(t, *report.Hooks[2].Next, "set it where the worker runs")
	require.NotContains(t, *report.Hooks[1].Said, busy)
}

func TestNotifyTestRefused(t *testing.T) {
	t.Parallel()
	env := setup(t)
	env.ExecuteWorkflow(workflows.TypeNotify, json.RawMessage(`{"name": "desk", "locale": "en-US", "on": 1}`))
	err := env.GetWorkflowError()
	require.ErrorContains(t, err, "notify")
	require.ErrorContains(t, err, "on")
}
