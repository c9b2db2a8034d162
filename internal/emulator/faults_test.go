package emulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func (s *service) fault(f emulator.Fault) int {
	s.t.Helper()
	id, err := s.InjectFault(f)
	require.NoError(s.t, err)
	return id
}

// attempt sends a request whose answer may not come; it returns the error of sending or reading.
func (s *service) attempt(method, path, body string) (*http.Response, string, error) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+api+path+"?api-version="+s.version, strings.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Ocp-Apim-Subscription-Key", "any")
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp, string(raw), err
}

const newProject = `{"displayName":"p","locale":"en-US"}`

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault  emulator.Fault
		status int // 0 = no whole answer
		effect bool
		check  func(*testing.T, *http.Response, string)
		logged int
	}{
		"status": {
			emulator.Fault{Kind: "status", Status: 500, Code: "InternalServerError", Message: "m"},
			500, false,
			bodyHas(`"code":"InternalServerError"`), 500,
		},
		"status by default": {emulator.Fault{Kind: "status"}, 503, false, bodyHas("ServiceUnavailable"), 503},
		"status after":      {emulator.Fault{Kind: "statusAfter", Status: 504}, 504, true, nil, 504},
		"drop before":       {emulator.Fault{Kind: "dropBefore"}, 0, false, nil, 0},
		"drop after":        {emulator.Fault{Kind: "dropAfter"}, 0, true, nil, 201},
		"truncate":          {emulator.Fault{Kind: "truncate"}, 0, true, nil, 201},
		"garbage":           {emulator.Fault{Kind: "garbage"}, 201, true, bodyHas(`{"createdDateTime"`), 201},
		"html":              {emulator.Fault{Kind: "html", Status: 502}, 502, false, bodyHas("<h1>502 Bad Gateway</h1>"), 502},
		"throttle": {emulator.Fault{Kind: "throttle", RetryAfter: "Sun, 01 Mar 2026 12:01:00 GMT"}, 429, false, func(t *testing.T, r *http.Response, _ string) {
			require.Equal(t, "Sun, 01 Mar 2026 12:01:00 GMT", r.Header.Get("Retry-After"))
		}, 429},
		"throttle by default": {emulator.Fault{Kind: "throttle"}, 429, false, func(t *testing.T, r *http.Response, _ string) {
			require.Equal(t, "2", r.Header.Get("Retry-After"))
		}, 429},
		"content type": {emulator.Fault{Kind: "contentType", ContentType: "text/html"}, 201, true, func(t *testing.T, r *http.Response, _ string) {
			require.Equal(t, "text/html", r.Header.Get("Content-Type"))
		}, 201},
		"delay": {emulator.Fault{Kind: "delay", Delay: emulator.Duration(time.Millisecond)}, 201, true, nil, 201},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.fault(tc.fault)
			resp, raw, err := s.attempt("POST", "/projects", newProject)
			if tc.status == 0 {
				require.Error(t, err)
			} else {
				require.NoError(t, err)
				require.Equal(t, tc.status, resp.StatusCode)
			}
			if tc.check != nil && tc.fault.Kind != "garbage" {
				tc.check(t, resp, raw)
			}
			if tc.fault.Kind == "garbage" {
				require.False(t, strings.HasSuffix(raw, "}"))
			}
			require.Len(t, s.Objects("project"), map[bool]int{true: 1, false: 0}[tc.effect])
			log := s.Requests()
			require.Len(t, log, 1)
			require.True(t, log[0].Deliberate)
			require.Equal(t, tc.fault.Kind, log[0].Fault)
			require.Equal(t, tc.logged, log[0].Status)
			if tc.effect {
				require.Equal(t, s.Objects("project")[0].ID, log[0].Object, "the log knows what was made without an answer")
			}
			s.post("/projects", object{"displayName": "p", "locale": "en-US"})
		})
	}
}

func bodyHas(part string) func(*testing.T, *http.Response, string) {
	return func(t *testing.T, _ *http.Response, raw string) {
		t.Helper()
		require.Contains(t, raw, part)
	}
}

func TestFaultMatching(t *testing.T) {
	t.Parallel()
	p := "/projects/" + unknownID
	for name, tc := range map[string]struct {
		fault emulator.Fault
		hits  []string // of: GET list, POST, GET one
	}{
		"everything": {emulator.Fault{Count: -1}, []string{"list", "post", "one"}},
		"method":     {emulator.Fault{Count: -1, Method: "GET"}, []string{"list", "one"}},
		"operation":  {emulator.Fault{Count: -1, Operation: "Projects_Create"}, []string{"post"}},
		"path":       {emulator.Fault{Count: -1, Path: "/speechtotext/projects"}, []string{"list", "post"}},
		"pattern":    {emulator.Fault{Count: -1, Path: "/speechtotext/projects/*"}, []string{"one"}},
		"text":       {emulator.Fault{Count: -1, Contains: `"displayName":"p"`}, []string{"post"}},
		"once":       {emulator.Fault{}, []string{"list"}},
		"later":      {emulator.Fault{Skip: 1}, []string{"post"}},
		"twice":      {emulator.Fault{Count: 2}, []string{"list", "post"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			tc.fault.Kind, tc.fault.Status = "status", 418
			s.fault(tc.fault)
			var hits []string
			for _, r := range [][4]string{{"list", "GET", "/projects", ""}, {"post", "POST", "/projects", newProject}, {"one", "GET", p, ""}} {
				resp := s.send(r[1], api+r[2], map[bool]any{true: nil, false: r[3]}[r[3] == ""], false)
				if resp.status == 418 {
					hits = append(hits, r[0])
				}
			}
			require.Equal(t, tc.hits, hits)
			require.Equal(t, len(tc.hits), s.Faults()[0].Hits)
			s.ClearFaults(s.Faults()[0].ID)
			require.Empty(t, s.Faults())
		})
	}
}

func TestRefusedFaults(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for want, f := range map[string]emulator.Fault{
		"does not exist": {Kind: "earthquake"}, "syntax error": {Kind: "status", Path: "["}, "use 200 to 599": {Kind: "status", Status: 42},
	} {
		_, err := s.InjectFault(f)
		require.ErrorContains(t, err, want)
	}
}

func TestViolationsAreRecorded(t *testing.T) {
	t.Parallel()
	s, err := emulator.New(emulator.Options{Now: start, Frozen: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	send := func(deliberate bool, method, path, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		require.NoError(t, err)
		r.RequestURI, r.Host = path, "localhost"
		r.Header.Set("Ocp-Apim-Subscription-Key", "k")
		r.Header.Set("Content-Type", "application/json")
		if deliberate {
			r.Header.Set("X-Deliberate", "true")
		}
		w := &recorder{header: http.Header{}}
		s.ServeHTTP(w, r)
		return w.status
	}
	require.Equal(t, 400, send(true, "POST", api+"/projects?api-version=2025-10-15", `{}`))
	require.Empty(t, s.Violations(), "made wrong on purpose")
	require.Equal(t, 400, send(false, "POST", api+"/projects?api-version=2025-10-15", `{"displayName":"p","locale":"en-US","color":"red"}`))
	require.Equal(t, 404, send(false, "GET", api+"/nonsense?api-version=2025-10-15", ""))
	_, err = s.InjectFault(emulator.Fault{Kind: "html"})
	require.NoError(t, err)
	require.Equal(t, 503, send(false, "POST", api+"/projects?api-version=2025-10-15", `{}`))
	got := s.Violations()
	require.Len(t, got, 2)
	require.Equal(t, "Projects_Create", got[0].Operation)
	require.Equal(t, "request", got[0].Side)
	require.Contains(t, got[0].Message, "color")
	require.Equal(t, 2, got[0].Number)
	require.Equal(t, "", got[1].Operation)
	s.ClearLog()
	require.Empty(t, s.Violations())
	require.Empty(t, s.Requests())
}

// recorder is a response without a connection: nothing can be hijacked or flushed.
type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }

func TestRequestLog(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US"})
	s.advance(time.Minute)
	s.again(p)
	log := s.Requests()
	require.Len(t, log, 2)
	require.Equal(t, "Projects_Create", log[0].Operation)
	require.Equal(t, 201, log[0].Status)
	require.Equal(t, p.id(), log[0].Object)
	require.Equal(t, start, log[0].Time)
	require.Equal(t, "Projects_Get", log[1].Operation)
	require.Equal(t, p.id(), log[1].Object)
	require.Equal(t, start.Add(time.Minute), log[1].Time)
	require.Equal(t, "api-version=2025-10-15", log[1].Query)
	require.False(t, log[1].Deliberate)
}

// The log says what a write left of its object, also when its answer was lost.
func TestLogTellsWhatAWriteLeft(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.fault(emulator.Fault{Kind: "dropAfter", Method: "POST"})
	_, _, err := s.attempt("POST", "/projects", `{"displayName":"p","locale":"en-US","customProperties":{"sr.owner":"me"}}`)
	require.Error(t, err)
	s.fault(emulator.Fault{Kind: "dropBefore", Method: "POST"})
	_, _, err = s.attempt("POST", "/projects", newProject)
	require.Error(t, err)
	log := s.Requests()
	require.Len(t, log, 2)
	require.Equal(t, &emulator.After{Kind: "project", DisplayName: "p", CustomProperties: map[string]string{"sr.owner": "me"}}, log[0].After)
	require.NotEmpty(t, log[0].Object)
	require.False(t, log[0].Arrived.IsZero())
	require.Nil(t, log[1].After, "nothing was done")
	_, _, err = s.attempt("DELETE", "/projects/"+log[0].Object, "")
	require.NoError(t, err)
	require.Nil(t, s.Requests()[2].After, "it is gone")
}
