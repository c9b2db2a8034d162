package activities

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// plays answers HEAD and GET each in its own way.
func plays(head, get http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			head(w, r)
			return
		}
		get(w, r)
	}
}

// says answers with a status and headers.
func says(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
	}
}

// partial answers a ranged GET as a server does that knows ranges, and refuses any other.
func partial(headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "bytes=0-0" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		w.Header().Set("Content-Range", "bytes 0-0/7")
		says(http.StatusPartialContent, headers...)(w, r)
	}
}

// hangs gives no answer until the asker has gone.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// breaks ends the connection in the middle of an answer.
func breaks(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// The content of a URL is known when, and only when, its server answers 2xx; what it does otherwise is said in own words,
// which hold neither the URL nor its signature.
func TestWhatAServerOfDataAnswers(t *testing.T) {
	t.Parallel()
	const etag, modified = `"v1"`, "Mon, 02 Nov 2026 03:00:00 GMT"
	var moved http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			says(http.StatusOK, "ETag", etag)(w, r)
			return
		}
		http.Redirect(w, r, "/there?sig=s3cr3t", http.StatusFound)
	}
	var lost http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://files.example/?sig=s3cr3t", http.StatusFound)
	}
	var round http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) }
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		// etag and modified are what the content is known by; plain is that it is known by its URL alone.
		etag, modified string
		plain          bool
		// unknown is what is said when it is not known.
		unknown string
	}{
		"ETag":                                    {answer: says(200, "ETag", etag), etag: etag},
		"ETag before Last-Modified":               {answer: says(200, "ETag", etag, "Last-Modified", modified), etag: etag},
		"Last-Modified":                           {answer: says(200, "Last-Modified", modified), modified: modified},
		"neither":                                 {answer: says(200), plain: true},
		"neither, and no content":                 {answer: says(204), plain: true},
		"HEAD is no method, ranges are known":     {answer: plays(says(405), partial("ETag", etag)), etag: etag},
		"HEAD is forbidden, ranges are known":     {answer: plays(says(403), partial("Last-Modified", modified)), modified: modified},
		"HEAD is not there, ranges are not known": {answer: plays(says(501), says(200, "ETag", etag)), etag: etag},
		"HEAD is refused, GET says neither":       {answer: plays(says(405), says(200)), plain: true},
		"HEAD says neither, GET says it":          {answer: plays(says(200), partial("ETag", etag)), etag: etag},
		"HEAD gives no answer, GET does":          {answer: plays(hangs, partial("ETag", etag)), etag: etag},
		"HEAD breaks off, GET does not":           {answer: plays(breaks, says(200, "ETag", etag)), etag: etag},
		"moved":                                   {answer: moved, etag: etag},
		"HEAD says neither, GET fails":            {answer: plays(says(200), says(503, "ETag", etag)), unknown: "answered 503 Service Unavailable"},
		"HEAD is refused, GET is forbidden":       {answer: plays(says(405), says(403)), unknown: "answered 403 Forbidden"},
		"ranges are refused":                      {answer: plays(says(200), says(416)), unknown: "answered 416 Requested Range Not Satisfiable"},
		"away, with an ETag of the error page":    {answer: says(503, "ETag", etag), unknown: "answered 503 Service Unavailable"},
		"forbidden":                               {answer: says(403), unknown: "answered 403 Forbidden"},
		"throttled":                               {answer: says(429, "Retry-After", "3600"), unknown: "answered 429 Too Many Requests"},
		"gone":                                    {answer: says(404, "Last-Modified", modified), unknown: "answered 404 Not Found"},
		"a status of its own":                     {answer: says(599), unknown: "answered 599"},
		"not changed, which nobody asked":         {answer: says(304, "ETag", etag), unknown: "answered 304 Not Modified"},
		"moved to nowhere":                        {answer: says(302), unknown: "answered 302 Found"},
		"moved out of reach":                      {answer: lost, unknown: "answered with a redirect that is not followed: it leads out of https"},
		"moved round and round":                   {answer: round, unknown: "answered with more than 5 redirects"},
		"no answer":                               {answer: hangs, unknown: "did not answer within 300ms"},
		"broken off":                              {answer: breaks, unknown: "gave no answer that can be read, or could not be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.answer)
			t.Cleanup(server.Close)
			a := &Activities{probe: newProbe()}
			// Only who waits for what never comes may be short of time: a slow machine gives the other answers late.
			if a.probe.Timeout = 5 * time.Second; name == "no answer" {
				a.probe.Timeout = 300 * time.Millisecond
			}
			address := server.URL + "/data?part=7&sig=s3cr3t"
			g, err := a.identify(t.Context(), address, "Language", "en-US")
			require.NoError(t, err)
			want, sees := dataset.URLIdentity(address, tt.etag, tt.modified, "Language", "en-US")
			if tt.unknown != "" {
				want, sees = "", false
			}
			require.Equal(t, tt.plain || tt.unknown != "", !sees, "the case itself")
			require.Equal(t, glance{source: dataset.URLSource(address, "Language", "en-US"), content: want, seen: sees, answer: tt.unknown}, g)
			if tt.unknown == "" {
				return
			}
			host, err := url.Parse(server.URL)
			require.NoError(t, err)
			require.Equal(t, "the server of training[0] "+tt.unknown+" ("+host.Host+")", said(g, lifecycle.Data{}, "training[0]", address))
			require.Equal(t, "the server of tests[1] "+tt.unknown+" (variable CALLS_URL, "+host.Host+")",
				said(g, lifecycle.Data{ContentURLFrom: &lifecycle.FromEnv{Env: "CALLS_URL"}}, "tests[1]", address))
		})
	}
}

// Nobody at the address, and an address that is none, are no answers either.
func TestNoServerOfData(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(says(200, "ETag", `"v1"`))
	nobody := server.URL
	server.Close()
	untrusted := httptest.NewUnstartedServer(says(200, "ETag", `"v1"`))
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for address, want := range map[string]string{
		nobody + "/data?sig=s3cr3t":            "gave no answer that can be read, or could not be reached",
		untrusted.URL + "/data?sig=s3cr3t":     "shows a certificate that is not trusted",
		"http://files.example/data?sig=s3cr3t": "was not asked, as its address is not https",
	} {
		a := &Activities{probe: newProbe()}
		g, err := a.identify(t.Context(), address, "Language", "en-US")
		require.NoError(t, err)
		require.Equal(t, want, g.answer, address)
		require.Empty(t, g.content)
		require.NotContains(t, said(g, lifecycle.Data{}, "training[0]", address), "s3cr3t")
	}
}

// A host that nobody knows is told from one that cannot be reached.
func TestAHostThatNobodyKnows(t *testing.T) {
	t.Parallel()
	a := &Activities{probe: newProbe()}
	failing := func(cause error) error {
		return &url.Error{Op: "Head", URL: "https://files.example/?sig=s3cr3t", Err: cause}
	}
	require.Equal(t, "was not found: its host has no address", a.noAnswer(failing(&net.DNSError{Err: "no such host", Name: "files.example", IsNotFound: true})))
	require.Equal(t, "did not answer within 10s", a.noAnswer(failing(&net.DNSError{Err: "i/o timeout", Name: "files.example", IsTimeout: true})))
	require.Equal(t, "gave no answer that can be read, or could not be reached", a.noAnswer(failing(errors.New("malformed HTTP response s3cr3t"))))
}

// A look that is ended from outside says nothing of the server.
func TestALookThatIsEnded(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(hangs))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := &Activities{probe: newProbe()}
	_, err := a.identify(ctx, server.URL, "Language", "en-US")
	require.ErrorIs(t, err, context.Canceled)
}
