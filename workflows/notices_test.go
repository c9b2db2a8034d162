package workflows_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
	"speech-retrainer/workflows"
)

// receiver is a web hook that answers with the given states, then with 204.
func receiver(t *testing.T, answers ...int) (url string, heard func() []notify.Message) {
	t.Helper()
	var lock sync.Mutex
	var messages []notify.Message
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		if len(answers) > 0 {
			w.WriteHeader(answers[0])
			answers = answers[1:]
			return
		}
		var m notify.Message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		messages = append(messages, m)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/t0ken", func() []notify.Message {
		lock.Lock()
		defer lock.Unlock()
		return messages
	}
}

// hooked lets the request tell the web hook of everything.
func hooked(r map[string]any) {
	r["notify"] = []any{map[string]any{"urlFrom": map[string]any{"env": "OPS_HOOK"}, "on": lifecycle.Events}}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, heard := receiver(t, http.StatusServiceUnavailable)
	b.env = map[string]string{"OPS_HOOK": url}
	report, err := b.again().retrain(hooked)
	require.NoError(t, err)
	require.Len(t, heard(), 1, "tried again")
	require.Equal(t, lifecycle.EventPromoted, heard()[0].Event)
	require.Equal(t, report.Version.ID, heard()[0].Version.ID)
	require.Contains(t, heard()[0].Summary, "expires "+report.Version.ExpiresAt.Format(time.DateOnly)+
		"; it is renewed before that only if a schedule checks it: starter status tells", "a person started the run, and nobody knows of a schedule")
	require.Equal(t, "see it: starter status desk", *heard()[0].Next)
	require.Contains(t, fmt.Sprint(report.Notes), "was not signed")

	b.ofAnEarlierRun(report.Version.ID)
	require.NoError(t, b.service.SetTime(t.Context(), report.Version.ExpiresAt.Add(-80*aDay)))
	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(func(r map[string]any) {
		hooked(r)
		r["renew"] = map[string]any{"onNewBaseModel": false}
	}))
	require.NoError(t, err)
	require.Len(t, renewed.Alarms, 1)
	require.Equal(t, lifecycle.EventExpiring, heard()[1].Event)
	require.Equal(t, renewed.Alarms[0].Key, heard()[1].Alarms[0].Key)

	_, err = b.again().retrain(func(r map[string]any) {
		hooked(r)
		r["training"] = []any{map[string]any{"dataset": "nobody has it"}}
	})
	require.Error(t, err)
	require.Equal(t, lifecycle.EventFailed, heard()[2].Event)
	require.Contains(t, heard()[2].Summary, "nobody has it")
	require.Contains(t, heard()[2].Summary, earlierName(report.Version.ID)+" lives until "+report.Version.ExpiresAt.Format(time.DateOnly)+"; from "+
		"then on it recognises no speech")

	// Nobody is told that a version lives until a day that is over.
	require.NoError(t, b.service.SetTime(t.Context(), report.Version.ExpiresAt.Add(10*aDay)))
	_, err = b.again().retrain(func(r map[string]any) {
		hooked(r)
		r["training"] = []any{map[string]any{"dataset": "nobody has it"}}
	})
	require.Error(t, err)
	expired := earlierName(report.Version.ID) + " expired on " + report.Version.ExpiresAt.Format(time.DateOnly)
	require.Contains(t, heard()[3].Summary, expired+": it recognises no speech")
}

func TestANoticeNeverHoldsARunUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ url, note string }{
		"refused": {"", "was not told"},
		"away":    {"http://127.0.0.1:1/t0ken", "had not arrived"},
		"no hook": {"none", "no environment variable OPS_HOOK"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			url := tt.url
			if url == "" {
				url, _ = receiver(t, http.StatusBadRequest)
				tt.note = "400 Bad Request"
			}
			if url != "none" {
				b.env = map[string]string{"OPS_HOOK": url}
			}
			report, err := b.again().retrain(hooked)
			require.NoError(t, err)
			require.Equal(t, lifecycle.Succeeded, report.Outcome)
			require.Contains(t, fmt.Sprint(report.Notes), tt.note)
			require.NotContains(t, fmt.Sprint(report.Notes), "t0ken")
		})
	}
}

// What a person is asked says what happens without an answer, and what a rejection leaves.
func TestTheNoticesOfADecision(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	report, err := b.again().retrain(gated(b, func(r map[string]any) {
		hooked(r)
		r["approval"] = map[string]any{"when": "always", "timeout": "1h"}
	}))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, report.Outcome)
	require.Len(t, heard(), 2)
	lives := earlierName(first.Version.ID) + " lives until " + first.Version.ExpiresAt.Format(time.DateOnly) + "; from then on its endpoint silently " +
		"serves the bare base model"
	for i, want := range []struct {
		event lifecycle.Event
		parts []string
	}{
		{lifecycle.EventApproval, []string{"waits for an answer until ", "without one it is rejected: "}},
		{lifecycle.EventRejected, []string{"was rejected: "}},
	} {
		require.Equal(t, want.event, heard()[i].Event)
		for _, part := range append(want.parts, lives) {
			require.Contains(t, heard()[i].Summary, part)
		}
		require.NotNil(t, heard()[i].Next)
	}
}

// A chat gets its own form of the message, which carries no signature: that the worker has no key for one is no news.
func TestNoticesToChats(t *testing.T) {
	t.Parallel()
	for format, field := range map[lifecycle.Format]string{lifecycle.FormatSlack: "blocks", lifecycle.FormatTeams: "attachments"} {
		b := setup(t)
		var got map[string]any
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Header.Get(notify.HeaderSignature) != "" {
				t.Error(err, "it is signed:", r.Header.Get(notify.HeaderSignature))
			}
		}))
		t.Cleanup(server.Close)
		b.env = map[string]string{"OPS_HOOK": server.URL}
		report, err := b.again().retrain(func(r map[string]any) {
			hooked(r)
			r["notify"].([]any)[0].(map[string]any)["format"] = string(format)
		})
		require.NoError(t, err)
		require.Contains(t, got, field)
		require.NotContains(t, fmt.Sprint(report.Notes), "was not signed")
	}
}

// Whom a check has started knows that checks go on; of a run that a person started nobody knows whether a schedule does.
func TestPromotedSaysWhoRenewsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	checked := b.again()
	require.NoError(t, checked.SetMemoOnStart(map[string]any{"cause": lifecycle.CauseFirst}))
	_, err := checked.retrain(hooked)
	require.NoError(t, err)
	require.Len(t, heard(), 1)
	require.Contains(t, heard()[0].Summary, "; its checks renew it before that, nobody has to act")
}
