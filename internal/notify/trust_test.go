package notify_test

import (
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/notify"
)

func TestSendGoesOnlyWhereItMay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ url, want string }{
		"plain http":     {"http://hooks.example/t0ken", "http is allowed to loopback only"},
		"another scheme": {"ftp://hooks.example/t0ken", "not allowed"},
		"no URL":         {"t0ken", "not a URL"},
		"a lookalike":    {"http://localhost.example/t0ken", "http is allowed to loopback only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := notify.Send(t.Context(), notify.Delivery{URL: tt.url, Now: time.Now()})
			var failure *notify.Error
			require.ErrorAs(t, err, &failure)
			require.Contains(t, failure.Message, tt.want)
			require.False(t, failure.Retry)
			require.NotContains(t, failure.Message, "t0ken")
		})
	}
}

// A receiver whose certificate nobody vouches for gets nothing.
func TestSendVerifies(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(receiver.Close)
	err := notify.Send(t.Context(), notify.Delivery{URL: receiver.URL + "/t0ken", Now: time.Now()})
	var failure *notify.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "the web hook could not be reached: no connection", failure.Message)
	require.Zero(t, asked.Load())
}

// Only the status of an answer counts: its body, whatever size it unpacks to, is neither kept nor waited for.
func TestSendReadsLittle(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 64<<10)
		if strings.HasSuffix(r.URL.Path, "packed") {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			for range 1 << 14 { // a gibibyte, if anybody read it
				if _, err := packed.Write(block); err != nil {
					return
				}
			}
			return
		}
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	t.Cleanup(receiver.Close)
	for _, path := range []string{"/endless", "/packed"} {
		require.NoError(t, notify.Send(t.Context(), notify.Delivery{URL: receiver.URL + path, Now: time.Now()}))
	}
}
