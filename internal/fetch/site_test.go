package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/web"
)

// standIn stands in for temporal.download: it answers each request with what a test has put there.
type standIn struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

// stand starts a site in place of temporal.download.
func stand(t *testing.T, start func(http.Handler) *httptest.Server, answer http.HandlerFunc) *standIn {
	t.Helper()
	s := &standIn{}
	s.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.RequestURI())
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// source is the site for a CLI 1.5.1; what a test does not wait for has no limit that a slow machine could meet.
func (s *standIn) source() source {
	return source{
		at: s.URL, version: "v1.5.1", platform: "linux", arch: "amd64", transport: web.NewTransport(),
		answer: time.Minute, stall: time.Minute, whole: time.Minute, archive: 1 << 20, program: 1 << 20,
	}
}

// entry is a file of an archive.
type entry struct {
	name, content string
	kind          byte
}

// cli is an entry with a program that says what it is told to.
func cli(says string) entry {
	return entry{name: inside, content: "#!/bin/sh\necho '" + says + "'\n", kind: tar.TypeReg}
}

func tarball(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	packed := gzip.NewWriter(&b)
	w := tar.NewWriter(packed)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o755}
		if e.kind == tar.TypeReg {
			header.Size = int64(len(e.content))
		} else {
			header.Linkname = e.content
		}
		require.NoError(t, w.WriteHeader(header))
		if e.kind == tar.TypeReg {
			_, err := w.Write([]byte(e.content))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, packed.Close())
	return b.Bytes()
}

// serve answers with bytes.
func serve(content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }
}

const (
	right = "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"
	// old is what stands in the place of the program before.
	old = "the one of last year"
)

// target is a place for the program, where an old one stands.
func target(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "temporal")
	require.NoError(t, os.WriteFile(to, []byte(old), 0o600))
	return to
}

// alone checks that a folder holds this one file, and returns what is in it.
func alone(t *testing.T, path string) string {
	t.Helper()
	all, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, all, 1, "%v", all)
	content, err := os.ReadFile(filepath.Clean(path))
	require.NoError(t, err)
	return string(content)
}

// The tests of this package run one after the other: a program that is being written when another test starts one
// cannot be run ("text file busy").

func TestFetch(t *testing.T) {
	archive := tarball(t, entry{"LICENSE", "MIT", tar.TypeReg}, cli(right), entry{"../escaped", "no", tar.TypeReg})
	s := stand(t, httptest.NewServer, serve(archive))
	to := target(t)
	got, err := s.source().fetch(t.Context(), to)
	require.NoError(t, err)
	require.Equal(t, []string{"/cli/archive/v1.5.1?arch=amd64&platform=linux"}, s.requests())
	require.Equal(t, right, got.says)
	require.EqualValues(t, len(archive), got.bytes)
	require.Len(t, got.sum, 64)
	require.Equal(t, cli(right).content, alone(t, to))
	mode, err := os.Stat(to)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), mode.Mode().Perm())
}

// Whatever comes in place of the program of the pinned version, the old file stays as it is, and nothing lies beside it.
func TestFetchRefuses(t *testing.T) {
	good := tarball(t, cli(right))
	large := strings.Repeat("x", 3<<20)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		change func(*source)
		why    string
	}{
		"nothing there": {answer: http.NotFound, why: "answered 404"},
		"an archive that says it is too large": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(2<<20))
		}, why: "is larger than 1 MB"},
		"an archive that is too large": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(good)
		}, change: func(s *source) { s.archive = int64(len(good)) - 1 }, why: "is larger than 0 MB"},
		"a program that is too large":    {answer: serve(tarball(t, entry{inside, large, tar.TypeReg})), why: "is larger than 1 MB"},
		"something else that is":         {answer: serve(tarball(t, entry{"LICENSE", large, tar.TypeReg}, cli(right))), why: "is larger than 1 MB"},
		"an older version":               {answer: serve(tarball(t, cli("temporal version 1.5.0"))), why: `is not v1.5.1: it says "temporal`},
		"a version that begins the same": {answer: serve(tarball(t, cli("temporal version 1.5.10"))), why: "is not v1.5.1"},
		"one that moves the cursor":      {answer: serve(tarball(t, cli("\x1b[2J"))), why: `is not v1.5.1: it says "`},
		"no program":                     {answer: serve(tarball(t, entry{inside, "text", tar.TypeReg})), why: "does not run here"},
		"an archive without it":          {answer: serve(tarball(t, entry{"bin/temporal", "x", tar.TypeReg})), why: "has no program temporal"},
		"a link in its place":            {answer: serve(tarball(t, entry{inside, "/bin/true", tar.TypeSymlink})), why: "no file, or two"},
		"two of it":                      {answer: serve(tarball(t, cli(right), cli(right))), why: "no file, or two"},
		"a page":                         {answer: serve([]byte("<html>welcome to this network</html>")), why: "is no tar.gz"},
		"half an archive":                {answer: serve(good[:len(good)/2]), why: "unexpected EOF"},
		"one whose checksum is wrong": {
			answer: serve(append(bytes.Clone(good[:len(good)-8]), make([]byte, 8)...)), why: "invalid checksum",
		},
		"a connection that ends": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(good)))
			_, _ = w.Write(good[:len(good)/2])
		}, why: "unexpected EOF"},
		"silence": {
			answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			change: func(s *source) { s.answer = time.Millisecond }, why: "has not answered within 1ms",
		},
		"silence in the middle": {answer: func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(good[:len(good)/2])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, change: func(s *source) { s.stall = time.Millisecond }, why: "nothing came from 127.0.0.1:"},
		"an archive without end": {answer: func(w http.ResponseWriter, _ *http.Request) {
			packed := gzip.NewWriter(w)
			_ = tar.NewWriter(packed).WriteHeader(&tar.Header{Name: "LICENSE", Size: 1 << 40})
			for err := error(nil); err == nil; {
				_, err = packed.Write(make([]byte, 1<<10))
			}
		}, change: func(s *source) { s.whole, s.archive, s.program = time.Millisecond, 1<<40, 1<<40 }, why: "not done after 1ms"},
		"a redirect to http": {answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://example.invalid/temporal.tar.gz", http.StatusFound)
		}, why: "a redirect to example.invalid: http is allowed to loopback only"},
		"a redirect to a file": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		}, why: "not a URL with scheme and host"},
		"redirects without end": {answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/again", http.StatusFound)
		}, why: "more than 5 redirects"},
		"another machine": {answer: serve(good), change: func(s *source) { s.platform = "plan9" }, why: "there is no archive for plan9"},
	} {
		t.Run(name, func(t *testing.T) {
			s := stand(t, httptest.NewServer, c.answer)
			from := s.source()
			if c.change != nil {
				c.change(&from)
			}
			to := target(t)
			_, err := from.fetch(t.Context(), to)
			require.ErrorContains(t, err, c.why)
			require.Equal(t, old, alone(t, to))
		})
	}
}

// A site whose certificate nobody vouches for is not asked, and one of https sends nobody on to http, not even to this machine.
func TestFetchOverTLS(t *testing.T) {
	plain := stand(t, httptest.NewServer, serve(tarball(t, cli(right))))
	s := stand(t, httptest.NewTLSServer, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL, http.StatusFound)
	})
	from := s.source()
	to := target(t)
	_, err := from.fetch(t.Context(), to)
	require.ErrorContains(t, err, "certificate")
	require.Empty(t, s.requests())

	from.transport = s.Client().Transport
	_, err = from.fetch(t.Context(), to)
	require.ErrorContains(t, err, "from https to http")
	require.Len(t, s.requests(), 1)
	require.Empty(t, plain.requests())
	require.Equal(t, old, alone(t, to))
}

// A machine that cannot get to the site waits for the answer's time and no longer, whatever keeps it: here, one that takes
// connections and says nothing, so that TLS never begins.
func TestFetchFromNobody(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = mute.Close() })
	from := here("https://"+mute.Addr().String(), "v1.5.1")
	require.Equal(t, 5*time.Second, from.answer)
	from.answer = time.Millisecond
	from.platform, from.arch = "linux", "amd64"
	_, err = from.fetch(t.Context(), target(t))
	require.ErrorContains(t, err, "has not answered within 1ms")
}
