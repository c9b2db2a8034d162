package activities

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// site answers a probe without a network: a redirect where to leads on, else an ETag. It remembers what it was asked.
type site struct {
	to    map[string]string
	asked []*http.Request
}

func (w *site) RoundTrip(r *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, r)
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {`"v1"`}}, Body: io.NopCloser(strings.NewReader("")), Request: r}
	if next, ok := w.to[r.URL.String()]; ok {
		answer.StatusCode, answer.Header = http.StatusFound, http.Header{"Location": {next}}
	}
	return answer, nil
}

// A look at a content URL goes nowhere that the content itself might not come from, and tells nobody the
// signature of a URL that led there.
func TestProbeRedirects(t *testing.T) {
	t.Parallel()
	const signed = "https://files.example/a.txt?sig=s3cr3t"
	for name, tt := range map[string]struct {
		url  string
		to   map[string]string
		seen bool
		// asked is how many requests one look may cost; HEAD and GET both look when nothing is seen.
		asked int
	}{
		"no redirect":                   {url: signed, seen: true, asked: 1},
		"to another host over https":    {url: signed, to: map[string]string{signed: "https://cdn.example/a.txt"}, seen: true, asked: 2},
		"on this machine":               {url: "http://127.0.0.1:1/a", to: map[string]string{"http://127.0.0.1:1/a": "http://localhost:2/b"}, seen: true, asked: 2},
		"from this machine to https":    {url: "http://127.0.0.1:1/a", to: map[string]string{"http://127.0.0.1:1/a": "https://cdn.example/a"}, seen: true, asked: 2},
		"from this machine to http":     {url: "http://127.0.0.1:1/a", to: map[string]string{"http://127.0.0.1:1/a": "http://cdn.example/a"}, asked: 2},
		"from https to http":            {url: signed, to: map[string]string{signed: "http://files.example/a.txt"}, asked: 2},
		"from https to this machine":    {url: signed, to: map[string]string{signed: "http://127.0.0.1:7233/"}, asked: 2},
		"to a file":                     {url: signed, to: map[string]string{signed: "file:///etc/passwd"}, asked: 2},
		"to another scheme":             {url: signed, to: map[string]string{signed: "ftp://files.example/a"}, asked: 2},
		"back and forth":                {url: signed, to: map[string]string{signed: "https://b.example/", "https://b.example/": signed}, asked: 2 * (maxHops + 1)},
		"plain http to another machine": {url: "http://files.example/a"},
		"no URL":                        {url: "files.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &site{to: tt.to}
			a := &Activities{probe: newProbe()}
			a.probe.Transport = w
			v, err := a.validators(t.Context(), tt.url)
			require.NoError(t, err)
			require.Equal(t, tt.seen, v.etag == `"v1"`)
			require.Equal(t, tt.seen, v.answer == "", v.answer)
			require.Len(t, w.asked, tt.asked)
			for _, r := range w.asked {
				require.Empty(t, r.Header.Get("Referer"))
				require.Empty(t, r.Header.Get("Ocp-Apim-Subscription-Key"))
				require.Empty(t, r.Header.Get("Authorization"))
			}
		})
	}
}

// Certificates are verified, and neither endless content nor endless headers are read.
func TestProbeTrustsNobody(t *testing.T) {
	t.Parallel()
	a := &Activities{probe: newProbe()}
	for name, tt := range map[string]struct {
		serve func(http.Handler) *httptest.Server
		serves,
		seen bool
		answer http.HandlerFunc
	}{
		"a certificate of nobody": {serve: httptest.NewTLSServer, answer: func(http.ResponseWriter, *http.Request) {}},
		"endless content": {serve: httptest.NewServer, serves: true, seen: true, answer: func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			w.Header().Set("ETag", `"v1"`)
			for block := make([]byte, 64<<10); ; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}},
		"endless headers": {serve: httptest.NewServer, serves: true, answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", strings.Repeat("x", 1<<20))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 8)
			server := tt.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- struct{}{}
				tt.answer(w, r)
			}))
			t.Cleanup(server.Close)
			server.Config.ErrorLog = nil
			v, err := a.validators(t.Context(), server.URL)
			require.NoError(t, err)
			require.Equal(t, tt.serves, len(asked) > 0)
			require.Equal(t, tt.seen, v.etag != "" || v.modified != "")
			require.Equal(t, tt.seen, v.answer == "", v.answer)
		})
	}
}
