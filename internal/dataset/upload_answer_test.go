package dataset_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// reply is a whole Speech resource as one function.
type reply func(*http.Request) (*http.Response, error)

func (r reply) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func page(status int, body string) reply {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
		}, nil
	}
}

// An address where nothing of the Speech service answers is told of within ten seconds, again while it is tried, and
// given up when the first answer's time is over.
func TestUploadTellsOfAServiceThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		service reply
		last    string // "" = no try has ended when it is first told
	}{
		"nothing listens": {func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }, "connection refused"},
		"nothing comes back": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, ""},
		"a web page":     {page(http.StatusOK, "<html>"), "list datasets"},
		"a dead gateway": {page(http.StatusBadGateway, "<html>"), "502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, err := speech.New(speech.Config{Access: resource.Access{Endpoint: resourceURL, Key: "key"}, Transport: c.service})
				require.NoError(t, err)
				start := time.Now()
				var told []time.Duration
				req := uploadOf(uploadData(99))
				req.FirstAnswer = 90 * time.Second
				req.Waiting = func(w dataset.Waiting) {
					require.False(t, w.Answered)
					require.Equal(t, time.Since(start), w.Silent)
					if len(told) == 0 && c.last == "" {
						require.NoError(t, w.Last)
					} else if c.last != "" {
						require.ErrorContains(t, w.Last, c.last)
					}
					told = append(told, w.Silent)
				}
				_, err = dataset.Upload(t.Context(), client, req)
				var silent *dataset.NoAnswerError
				require.ErrorAs(t, err, &silent)
				require.Equal(t, 90*time.Second, time.Since(start))
				require.Equal(t, 90*time.Second, silent.After)
				require.ErrorContains(t, err, c.last)
				require.LessOrEqual(t, told[0], 10*time.Second)
				require.Len(t, told, 6)
				for i := range told[1:] {
					require.LessOrEqual(t, told[i+1]-told[i], 20*time.Second)
				}
			})
		})
	}
}

// More patience than one request has otherwise is the caller's to give.
func TestUploadWaitsAsLongAsToldForTheFirstAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		start := time.Now()
		s.before = func(w http.ResponseWriter, _ *http.Request) bool {
			away := time.Since(start) < 9*time.Minute
			if away {
				answerJSON(w, http.StatusServiceUnavailable, nil)
			}
			return away
		}
		req := uploadOf(uploadData(99))
		req.FirstAnswer = 10 * time.Minute
		upload(t, s, req)
		require.Greater(t, time.Since(start), 9*time.Minute)
	})
}

// A service that answered once has no time set, but its silence is told; its pace and a long way for the data are none.
func TestUploadTellsOfASilenceInBetween(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		after  string
		told   bool
	}{
		"an outage": {http.StatusServiceUnavailable, "", true},
		"throttled": {http.StatusTooManyRequests, "40", true},
		"a moment":  {http.StatusTooManyRequests, "2", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setupUpload(t)
				start := time.Now()
				s.before = func(w http.ResponseWriter, r *http.Request) bool {
					away := r.Method == http.MethodPut && time.Since(start) < 30*time.Second && (c.told || time.Since(start) < time.Second)
					if away {
						_, _ = io.Copy(io.Discard, r.Body)
						if c.after != "" {
							w.Header().Set("Retry-After", c.after)
						}
						answerJSON(w, c.status, map[string]any{"code": "X", "message": "x"})
					}
					return away
				}
				var told []dataset.Waiting
				req := uploadOf(uploadData(99))
				req.FirstAnswer = 20 * time.Second
				req.Waiting = func(w dataset.Waiting) { told = append(told, w) }
				upload(t, s, req)
				require.Equal(t, c.told, len(told) > 1, "%v", told)
				for _, w := range told {
					require.True(t, w.Answered)
					require.Error(t, w.Last)
				}
			})
		})
	}
}

// Data that goes out on a slow line is a sign of life.
func TestUploadOfASlowLineIsNotSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setupUpload(t)
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				r.Body = slow{r.Body}
			}
			return false
		}
		req := uploadOf(uploadData(4 << 20))
		req.Waiting = func(w dataset.Waiting) { t.Errorf("told of a silence: %+v", w) }
		start := time.Now()
		upload(t, s, req)
		require.Greater(t, time.Since(start), 15*time.Second)
	})
}

// slow is a body that comes over a slow line.
type slow struct{ io.ReadCloser }

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(40 * time.Millisecond)
	return s.ReadCloser.Read(p[:min(len(p), 8<<10)])
}
