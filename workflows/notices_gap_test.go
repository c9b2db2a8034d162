package workflows_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// An alarm that reached nobody is sent again by the next check.
func TestAnAlarmThatReachedNobodyIsSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	report, err := b.retrain(nil)
	require.NoError(t, err)
	b.ofAnEarlierRun(report.Version.ID)
	require.NoError(t, b.service.SetTime(t.Context(), report.Version.ExpiresAt.Add(-80*aDay)))
	renew := func() lifecycle.RenewReport {
		renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(func(r map[string]any) {
			hooked(r)
			r["renew"] = map[string]any{"onNewBaseModel": false}
		}))
		require.NoError(t, err)
		return renewed
	}
	b.env = map[string]string{"OPS_HOOK": "http://127.0.0.1:1/t0ken"}
	t.Log(renew().Notes)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	renew()
	require.Len(t, heard(), 1, "the receiver is back: it hears of the alarm")
	renew()
	require.Len(t, heard(), 1, "and once only")
}

// Two questions of one run are two messages: a receiver that drops repeated ones hears of both.
func TestASecondQuestionIsAnotherMessage(t *testing.T) {
	t.Parallel()
	b, _ := championed(t)
	var lock sync.Mutex
	var ids []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		ids = append(ids, r.Header.Get(notify.HeaderDelivery))
	}))
	t.Cleanup(server.Close)
	b.env = map[string]string{"OPS_HOOK": server.URL}
	b = b.again()
	answer := func(id string) {
		b.UpdateWorkflow(workflows.UpdateApprove, id, &callbacks{reject: func(err error) { t.Error(err) }, complete: func(any, error) {}},
			workflows.Answer{By: "ann", Reason: "r", VersionID: b.candidate()})
	}
	b.RegisterDelayedCallback(func() {
		e := b.service.Objects("endpoint")[0]
		base, _, err := b.client().ListBaseModels(t.Context(), speech.Filter{Locale: "en-US", Statuses: []speech.Status{speech.StatusSucceeded}})
		require.NoError(t, err)
		for _, m := range base {
			if m.Properties.DeprecationDates.TranscriptionDateTime != nil && m.Properties.DeprecationDates.TranscriptionDateTime.After(b.service.Now()) {
				_, _, err = b.client().UpdateEndpoint(t.Context(), e.ID, speech.EndpointUpdate{Model: &speech.Ref{Self: m.Self}})
				require.NoError(t, err)
				break
			}
		}
		require.NoError(t, b.service.Advance(t.Context(), time.Minute)) // until then the endpoint shows its old model
		answer("first")
	}, 30*time.Minute)
	b.RegisterDelayedCallback(func() { answer("second") }, 60*time.Minute)
	_, err := b.retrain(gated(b, func(r map[string]any) {
		r["approval"] = map[string]any{"when": "always"}
		r["notify"] = []any{map[string]any{"urlFrom": map[string]any{"env": "OPS_HOOK"}, "on": []any{"approval"}}}
	}))
	require.NoError(t, err)
	require.Len(t, ids, 2)
	require.NotEqual(t, ids[0], ids[1])
}

// A request that is refused reads no variable, least of all one that is withheld.
func TestARefusedRequestTellsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, heard := receiver(t)
	b.env = map[string]string{"SPEECH_ENDPOINT": url}
	_, err := b.again().retrain(func(r map[string]any) {
		r["notify"] = []any{map[string]any{"urlFrom": map[string]any{"env": "SPEECH_ENDPOINT"}, "on": []any{"failed"}}}
	})
	require.Error(t, err)
	require.Empty(t, heard())
}

// A receiver that takes the connection and never answers does not hold a run up.
func TestAHangingReceiver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release); server.Close() })
	b.env = map[string]string{"OPS_HOOK": server.URL + "/t0ken"}
	report, err := b.again().retrain(hooked)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	t.Log(report.Notes)
}
