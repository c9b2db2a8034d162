package page

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"speech-retrainer/internal/visible"
)

// policy is what a browser may do with a page: show it with our style sheet and pictures, and send its search form to us.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard lets only those pass who read, and who call the page by a name that is its own: a page of somebody else's whose
// name was made to lead here (DNS rebinding) could read it otherwise.
type guard struct {
	hosts []string
	next  http.Handler
}

func (g guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch {
	case !g.known(r):
		refuse(w, http.StatusMisdirectedRequest, fmt.Sprintf("this page is not served as %q: call it by its address, or start the worker with --page-host %s",
			r.Host, hostOf(r.Host)))
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "this page is for reading: GET and HEAD")
	default:
		g.next.ServeHTTP(w, r)
	}
}

// refuse answers in plain text.
func refuse(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	fmt.Fprintln(w, visible.Line(text))
}

// known tells whether the host that a request names is this page's.
func (g guard) known(r *http.Request) bool {
	host := hostOf(r.Host)
	if host == "localhost" || slices.ContainsFunc(g.hosts, func(name string) bool { return host == hostOf(name) }) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	return ip.IsLoopback() || ip.Unmap() == arrivedAt(r)
}

// arrivedAt is the address of this machine at which a request has arrived.
func arrivedAt(r *http.Request) netip.Addr {
	if at, is := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); is {
		return at.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// hostOf is a host as it is compared: without port, brackets and the dot at its end, in small letters.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
