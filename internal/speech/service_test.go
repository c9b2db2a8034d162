package speech_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/contract"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

const (
	testKey = "0123456789abcdef0123456789abcdef"
	id1     = "11111111-1111-4111-8111-111111111111"
	id2     = "22222222-2222-4222-8222-222222222222"
	id3     = "33333333-3333-4333-8333-333333333333"
)

// serviceNow is the time of the scripted service, far from this machine's.
var serviceNow = time.Date(2031, 5, 4, 3, 2, 1, 0, time.UTC)

// service is a scripted Speech resource, which records what it was sent.
type service struct {
	*httptest.Server
	Client *speech.Client

	mu       sync.Mutex
	requests []request
}

type request struct {
	Method, Path string
	Query        map[string][]string
	Header       http.Header
	Body         string
}

// setup serves handler as a Speech resource. A request that breaks the wire contract fails the test.
func setup(t *testing.T, handler http.HandlerFunc, options ...func(*speech.Config)) *service {
	t.Helper()
	checker, err := contract.New()
	require.NoError(t, err)
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.requests = append(s.requests, request{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), string(body)})
		s.mu.Unlock()
		for _, v := range checker.Check(r, body, http.StatusOK, nil, nil) {
			if v.Side == contract.SideRequest {
				t.Error(v)
			}
		}
		w.Header().Set("Date", serviceNow.Format(http.TimeFormat))
		http.StripPrefix("/speechtotext", handler).ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	s.Client = s.connect(t, options...)
	return s
}

// connect makes a client of the scripted service.
func (s *service) connect(t *testing.T, options ...func(*speech.Config)) *speech.Client {
	t.Helper()
	cfg := speech.Config{Access: resource.Access{Endpoint: s.URL, Key: testKey}}
	for _, option := range options {
		option(&cfg)
	}
	client, err := speech.New(cfg)
	require.NoError(t, err)
	return client
}

// sent is what the service has received so far.
func (s *service) sent() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.requests...)
}

// reply answers every request alike.
func reply(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// modelJSON is a custom model as the service writes it.
func modelJSON(host, id, name string, more ...any) map[string]any {
	m := map[string]any{
		"self":               host + "/speechtotext/models/" + id + "?api-version=2025-10-15",
		"displayName":        name,
		"locale":             "en-US",
		"status":             "Running",
		"createdDateTime":    "2031-05-01T00:00:00Z",
		"lastActionDateTime": "2031-05-02T00:00:00Z",
	}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

func encode(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// serviceError is the *speech.Error in err.
func serviceError(t *testing.T, err error) *speech.Error {
	t.Helper()
	var e *speech.Error
	require.ErrorAs(t, err, &e)
	return e
}
