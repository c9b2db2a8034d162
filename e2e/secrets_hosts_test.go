package e2e

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/notify"
)

// quiet is the log of the test's own servers, which see broken connections on purpose.
var quiet = log.New(io.Discard, "", 0)

// hosts are the places besides the Speech resource with which the product speaks: one that holds data, one
// that receives notifications, one that hands out Entra tokens, and one that all of them send it on to.
type hosts struct {
	data, hooks, identity, other *httptest.Server
	// away is an address at which nobody listens.
	away string

	mu sync.Mutex
	// notified are the bodies of the notifications, asked the requests to the host that nobody was meant to
	// give a secret to.
	notified, asked [][]byte
	wrong           []string
}

func newHosts(t *testing.T, s secrets) *hosts {
	t.Helper()
	h := &hosts{}
	content, err := os.ReadFile(filepath.Join(shared.root, "examples", "data", "training", "related-text.txt"))
	require.NoError(t, err)
	start := func(handle http.HandlerFunc) *httptest.Server {
		server := httptest.NewUnstartedServer(handle)
		server.Config.ErrorLog = quiet
		server.Start()
		t.Cleanup(server.Close)
		return server
	}
	h.other = start(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/moved.txt" { // else the emulator, which may be told everything
			h.note(&h.asked, []byte(fmt.Sprint(r.Method, " ", r.URL, " ", r.Header)))
		}
		serve(w, r, content)
	})
	h.data = start(func(w http.ResponseWriter, r *http.Request) { h.serveData(w, r, s, content) })
	h.hooks = start(func(w http.ResponseWriter, r *http.Request) { h.receive(w, r, s) })
	h.identity = start(func(w http.ResponseWriter, r *http.Request) { h.identify(w, r, s) })
	gone := start(func(http.ResponseWriter, *http.Request) {})
	h.away = gone.URL
	gone.Close()
	return h
}

func (h *hosts) note(list *[][]byte, entry []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*list = append(*list, entry)
}

func (h *hosts) fault(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wrong = append(h.wrong, fmt.Sprintf(format, args...))
}

// serve sends a text; its name in the path is its version too.
func serve(w http.ResponseWriter, r *http.Request, content []byte) {
	w.Header().Set("ETag", `"`+r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]+`"`)
	if r.Method != http.MethodHead {
		_, _ = w.Write(content)
	}
}

// serveData serves a text to whoever has the right to it, in the ways of dataURLs.
func (h *hosts) serveData(w http.ResponseWriter, r *http.Request, s secrets, content []byte) {
	authorization := r.Header.Get("Authorization")
	if r.Header.Get("Ocp-Apim-Subscription-Key") != "" || authorization != "" && !strings.HasPrefix(authorization, "Basic ") {
		h.fault("a credential of the Speech resource was sent to the host of the data: %s %s", r.Method, r.URL)
	}
	way := strings.Split(r.URL.Path, "/")[1]
	_, password, _ := r.BasicAuth()
	switch {
	case way == "dropped":
		panic(http.ErrAbortHandler)
	case way == "denied":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<Error><Code>AuthenticationFailed</Code><Message>%s</Message></Error>", r.URL)
	case way == "moved":
		http.Redirect(w, r, h.other.URL+"/moved.txt", http.StatusFound)
	case way == "user" && password == s.password, way == "link" && strings.Contains(r.URL.Path, s.link),
		way == "signed" && r.URL.Query().Get("sig") == s.signature:
		serve(w, r, content)
	default:
		h.fault("data were asked for without their secret: %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusForbidden)
	}
}

// dataURLs are URLs of data by the way that they go.
func (h *hosts) dataURLs(s secrets) map[string]string {
	signed := "/related-text.txt?sv=2024-11-04&se=2031-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=" + url.QueryEscape(s.signature)
	return map[string]string{
		"SIGNED": h.data.URL + "/signed" + signed, "DROPPED": h.data.URL + "/dropped" + signed, "DENIED": h.data.URL + "/denied" + signed,
		"MOVED": h.data.URL + "/moved" + signed, "LINK": h.data.URL + "/link/" + s.link + "/related-text.txt",
		"USER":   strings.Replace(h.data.URL, "http://", "http://reader:"+s.password+"@", 1) + "/user/related-text.txt",
		"NOBODY": h.away + "/signed" + signed,
	}
}

// receive is a receiver of notifications, in the ways of hookURLs.
func (h *hosts) receive(w http.ResponseWriter, r *http.Request, s secrets) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if want := notify.Sign(s.webhook, r.Header.Get(notify.HeaderTimestamp), body); r.Header.Get(notify.HeaderSignature) != want {
		h.fault("a notification with a wrong signature came")
	}
	h.note(&h.notified, body)
	switch way := strings.Split(r.URL.Path, "/")[1]; way {
	case "broken":
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, r.URL)
	case "moved":
		http.Redirect(w, r, h.other.URL+r.URL.String(), http.StatusFound)
	case "dropped":
		panic(http.ErrAbortHandler)
	}
}

// hookURLs are URLs of web hooks by the way that they go; path and query hold a secret.
func (h *hosts) hookURLs(s secrets) map[string]string {
	rest := "/" + s.hookPath + "?code=" + url.QueryEscape(s.hookCode)
	return map[string]string{
		"FINE": h.hooks.URL + "/fine" + rest, "BROKEN": h.hooks.URL + "/broken" + rest, "MOVED": h.hooks.URL + "/moved" + rest,
		"DROPPED": h.hooks.URL + "/dropped" + rest, "NOBODY": h.away + rest,
	}
}

// identify hands out the Entra token as App Service does (IDENTITY_ENDPOINT), or fails as it should not.
func (h *hosts) identify(w http.ResponseWriter, r *http.Request, s secrets) {
	if r.Header.Get("X-IDENTITY-HEADER") != s.identity {
		h.fault("the identity endpoint was asked without its header")
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/refusing":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error": "invalid_scope", "error_description": "the header %s is not right", "access_token": %q}`, s.identity, s.token)
	case "/garbled":
		fmt.Fprintf(w, `{"access_token": %q, "expires_on": ["never"], "header": %q}`, s.token, s.identity)
	default:
		fmt.Fprintf(w, `{"access_token": %q, "expires_on": "%d", "resource": "x", "token_type": "Bearer"}`, s.token, time.Now().Add(24*time.Hour).Unix())
	}
}
