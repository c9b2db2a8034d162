package e2e

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// front is a Speech resource with a custom subdomain: the emulator behind TLS, which takes one of two keys or
// an Entra token, and on demand answers with what it was given, as a service that is broken may do.
type front struct {
	*httptest.Server
	// certificate is the file with the certificate that its callers must trust.
	certificate string
	keys        []string
	token       string
	// learn hears of every signature that the service itself hands out.
	learn func(value string)

	mu       sync.Mutex
	emulator *url.URL
	key      string
	rules    []*rule
	wrong    []string
}

// rule is a request that is not passed on.
type rule struct {
	method, path, contains string
	// left is how many requests it answers; less than zero all.
	left   int
	answer func(http.ResponseWriter, gossip)
}

// gossip is what a broken service knows of a request.
type gossip struct {
	// credential is the key or the token that came with it, url the content URL in its body.
	credential, url string
}

func (g gossip) String() string { return "no luck with " + g.credential + " and " + g.url }

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{}
	f.Server = httptest.NewUnstartedServer(f)
	f.Config.ErrorLog = quiet
	f.StartTLS()
	t.Cleanup(f.Close)
	f.certificate = filepath.Join(t.TempDir(), "front.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Server.Certificate().Raw})
	require.NoError(t, os.WriteFile(f.certificate, text, 0o600))
	return f
}

// serve begins to pass requests on.
func (f *front) serve(t *testing.T, emulator, key string) {
	t.Helper()
	u, err := url.Parse(emulator)
	require.NoError(t, err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.emulator, f.key = u, key
}

// spoil answers the requests that match instead of the service, the first left of them.
func (f *front) spoil(r rule) *rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &r)
	return &r
}

// heal takes a rule back.
func (f *front) heal(r *rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = slices.DeleteFunc(f.rules, func(have *rule) bool { return have == r })
}

// misled are the requests that should not have come as they did.
func (f *front) misled() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.wrong)
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	key := r.Header.Get("Ocp-Apim-Subscription-Key")
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	known := slices.Contains(f.keys, key) && token == "" || key == "" && token == f.token
	file := strings.HasPrefix(r.URL.Path, "/content/")
	f.mu.Lock()
	if known == file {
		f.wrong = append(f.wrong, fmt.Sprintf("%s %s with a credential: %t", r.Method, r.URL.Path, known))
	}
	rule := f.match(r, body)
	emulator := f.emulator
	f.mu.Unlock()
	if rule != nil {
		var asked struct{ ContentURL string }
		_ = json.Unmarshal(body, &asked) // most requests name no content
		rule.answer(w, gossip{credential: key + token, url: asked.ContentURL})
		return
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(emulator)
			p.Out.Header.Del("Authorization")
			p.Out.Header.Set("Ocp-Apim-Subscription-Key", f.key)
		},
		ModifyResponse: f.listen, ErrorLog: quiet,
	}
	proxy.ServeHTTP(w, r)
}

func (f *front) match(r *http.Request, body []byte) *rule {
	for _, rule := range f.rules {
		if rule.left == 0 || rule.method != r.Method || !strings.Contains(r.URL.Path, rule.path) || !bytes.Contains(body, []byte(rule.contains)) {
			continue
		}
		rule.left--
		return rule
	}
	return nil
}

var signatureForm = regexp.MustCompile(`/content/[^"]*[?&]sig=([\w-]+)`)

// listen hears the signatures in an answer.
func (f *front) listen(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, found := range signatureForm.FindAllSubmatch(body, -1) {
		f.learn(string(found[1]))
	}
	return nil
}

// refusals are answers that repeat what they should not, by name.
var refusals = map[string]func(http.ResponseWriter, gossip){
	"400": refusal(400, func(g gossip) any {
		return data{"code": "InvalidPayload", "message": g.String(), "innerError": data{"code": g.credential, "message": "again " + g.String()}}
	}),
	"401": refusal(401, func(g gossip) any { return data{"error": data{"code": "401", "message": g.String()}} }),
	"429": func(w http.ResponseWriter, g gossip) {
		w.Header().Set("Retry-After", "1")
		refusal(429, func(g gossip) any { return data{"code": "TooManyRequests", "message": g.String()} })(w, g)
	},
	"500": refusal(500, func(g gossip) any { return data{"code": "InternalServerError", "message": g.String()} }),
	"page": func(w http.ResponseWriter, g gossip) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprintf(w, "<html><head><title>%s</title></head><body>%[1]s</body></html>", g)
	},
	"garbage": func(w http.ResponseWriter, g gossip) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"self": %q, %s`, g.url, g)
	},
	"stranger": refusal(201, func(g gossip) any {
		return data{"self": g.url + "&x=" + g.credential, "displayName": g.String(), "locale": "en-US", "status": g.credential}
	}),
	"redirect": func(w http.ResponseWriter, g gossip) {
		w.Header().Set("Location", "https://"+url.QueryEscape(g.credential)+"@elsewhere.example/"+g.credential+"?u="+g.url)
		w.WriteHeader(http.StatusTemporaryRedirect)
	},
	"nowhere": func(w http.ResponseWriter, g gossip) {
		w.Header().Set("Location", "http://[::1/"+g.credential+"?u="+g.url)
		w.WriteHeader(http.StatusTemporaryRedirect)
	},
	"cut": func(w http.ResponseWriter, g gossip) {
		w.Header().Set("Content-Length", "100000")
		fmt.Fprint(w, g)
	},
	"noise": func(w http.ResponseWriter, g gossip) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			fmt.Fprintf(connection, "%s\r\n\r\n", g)
			_ = connection.Close()
		}
	},
	"drop": func(http.ResponseWriter, gossip) { panic(http.ErrAbortHandler) },
}

func refusal(status int, body func(gossip) any) func(http.ResponseWriter, gossip) {
	return func(w http.ResponseWriter, g gossip) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body(g))
	}
}
