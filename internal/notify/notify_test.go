package notify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
)

func TestSend(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	message := notify.Message{Event: lifecycle.EventFailed, At: at, Model: "desk", Locale: "en-US", Summary: "it failed"}
	tests := map[string]struct {
		status  int
		header  string
		refused string
		retry   bool
		after   time.Duration
	}{
		"taken":          {status: 204},
		"down":           {status: 503, header: "7", refused: "503", retry: true, after: 7 * time.Second},
		"down till":      {status: 503, header: at.Add(7 * time.Minute).Format(http.TimeFormat), refused: "503", retry: true, after: 7 * time.Minute},
		"throttled":      {status: 429, refused: "429", retry: true},
		"not wanted":     {status: 400, refused: "400"},
		"sent elsewhere": {status: 302, refused: "redirect"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := 0
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen++
				body, err := io.ReadAll(r.Body)
				if err != nil || r.Header.Get(notify.HeaderSignature) != notify.Sign("s3cret", r.Header.Get(notify.HeaderTimestamp), body) {
					t.Error("the signature is wrong")
				}
				var got notify.Message
				if json.Unmarshal(body, &got) != nil || got.Summary != "it failed" || r.Header.Get(notify.HeaderDelivery) != "run/failed" {
					t.Errorf("%s", body)
				}
				w.Header().Set("Retry-After", tt.header)
				w.Header().Set("Date", at.Format(http.TimeFormat)) // from which a date in Retry-After counts
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
			}))
			defer receiver.Close()
			err := notify.Send(t.Context(), notify.Delivery{
				URL: receiver.URL + "/hooks/t0ken?sig=x", Secret: "s3cret", ID: "run/failed", Now: at.Add(time.Hour), Message: message,
			})
			require.Equal(t, 1, seen)
			if tt.refused == "" {
				require.NoError(t, err)
				return
			}
			var failure *notify.Error
			require.ErrorAs(t, err, &failure)
			require.Contains(t, failure.Message, tt.refused)
			require.Equal(t, tt.retry, failure.Retry)
			require.Equal(t, tt.after, failure.After)
			require.NotContains(t, err.Error(), "t0ken")
		})
	}
}

func TestSendNowhere(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewServer(http.NotFoundHandler())
	receiver.Close()
	err := notify.Send(t.Context(), notify.Delivery{URL: receiver.URL + "/t0ken", Now: time.Now()})
	var failure *notify.Error
	require.ErrorAs(t, err, &failure)
	require.True(t, failure.Retry)
	require.NotContains(t, err.Error(), "t0ken")
	require.NotContains(t, err.Error(), "127.0.0.1")
}

// TestSign holds the signature against one made with openssl:
// printf '1780315200.{}' | openssl dgst -sha256 -hmac s3cret
func TestSign(t *testing.T) {
	t.Parallel()
	require.Equal(t, "sha256=ff544e145e3041c9fa56f70db423e439d6ba6e8d20b09fc4105d765562cbba3c", notify.Sign("s3cret", "1780315200", []byte("{}")))
}
