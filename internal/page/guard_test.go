package page

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// Only who calls the page by a name of its own may read it: a name that was made to lead here is somebody else's page.
func TestHosts(t *testing.T) {
	t.Parallel()
	for host, allowed := range map[string]bool{
		"localhost": true, "localhost:8081": true, "LOCALHOST.": true, "127.0.0.1:8081": true, "127.8.9.1": true, "[::1]:8081": true, "::1": true,
		"fleet.example": true, "Fleet.Example:443": true, "10.1.2.3": true, "10.1.2.3:8081": true,
		"": false, "evil.example": false, "localhost.evil.example": false, "fleet.example.evil.example": false, "127.0.0.1.evil.example": false,
		"10.1.2.4": false, "evil.example:8081": false, "[fe80::1]:8081": false, "0.0.0.0": false,
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			reached := false
			g := guard{hosts: []string{"fleet.example"}, next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })}
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 8081}))
			r.Host = host
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			require.Equal(t, allowed, reached)
			if !allowed {
				require.Equal(t, http.StatusMisdirectedRequest, w.Code)
				require.Contains(t, w.Body.String(), "--page-host")
			}
			require.Equal(t, policy, w.Header().Get("Content-Security-Policy"))
		})
	}
}

// A page is for reading, whoever asks, and nothing of it is kept, framed or guessed at.
func TestMethodsAndHeaders(t *testing.T) {
	t.Parallel()
	s := newShown(sampleFleet())
	for _, path := range []string{"/", "/model/desk", "/calendar", "/nothing"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, http.MethodTrace} {
			r := httptest.NewRequest(method, path, nil)
			r.Host = "localhost"
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
			require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		}
		w := s.get(path)
		require.Equal(t, map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
		}, only(w.Header()), path)
	}
	require.Zero(t, s.read-1, "one reading for all")
}

func only(h http.Header) map[string]string {
	all := map[string]string{}
	for name := range h {
		all[name] = h.Get(name)
	}
	return all
}

// What changes with the release only may be kept by browsers; its name changes with it.
func TestAssets(t *testing.T) {
	t.Parallel()
	s := newShown(sampleFleet())
	for path, a := range s.assets {
		w := s.get("/assets/" + path)
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, a.kind, w.Header().Get("Content-Type"))
		require.Contains(t, w.Header().Get("Cache-Control"), "immutable")
		require.NotContains(t, w.Body.String(), "url(", "it asks nobody else")
	}
	require.Len(t, s.assets, 2)
	require.Equal(t, http.StatusNotFound, s.get("/assets/style.css").Code)
}
