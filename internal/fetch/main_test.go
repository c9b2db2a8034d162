package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// pins is a go.mod that pins the CLI.
func pins(t *testing.T, line string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "go.mod")
	require.NoError(t, os.WriteFile(path, []byte("module tools\n\n"+line+"\n"), 0o600))
	return path
}

// narrow checks that no line is wider than 80 columns, but for one word that is.
func narrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if len(strings.Fields(line)) > 1 {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
		}
	}
}

// flat is a text without its line breaks.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestRun(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("the site has no archive that is read on " + runtime.GOOS)
	}
	const pin = "require github.com/temporalio/cli v1.5.1 // indirect"
	for name, c := range map[string]struct {
		ci, download string
		pins         string
		answer       http.HandlerFunc
		want, asked  int
		says         string
	}{
		"fetched":          {answer: serve(tarball(t, cli(right))), want: 0, asked: 1, says: "Fetched "},
		"not there":        {answer: http.NotFound, want: notFetched, asked: 1, says: "Not fetched: 127.0.0.1:"},
		"in CI":            {ci: "true", answer: serve(tarball(t, cli(right))), want: notFetched, says: "CI is set"},
		"turned off":       {download: "off", want: notFetched, says: "TEMPORAL_DOWNLOAD=off"},
		"http":             {download: "http://temporal.download", want: wrongSetting, says: "TEMPORAL_DOWNLOAD: http is allowed to loopback only"},
		"a word":           {download: "no", want: wrongSetting, says: `or "off"`},
		"pinned otherwise": {pins: "require example.com/cli v1.5.1", want: wrongSetting, says: "does not require github.com/temporalio/cli"},
	} {
		t.Run(name, func(t *testing.T) {
			s := stand(t, httptest.NewServer, c.answer)
			environment := map[string]string{"CI": c.ci, variable: s.URL + "/"}
			if c.download != "" {
				environment[variable] = c.download
			}
			line := pin
			if c.pins != "" {
				line = c.pins
			}
			var said bytes.Buffer
			to := target(t)
			code := run(t.Context(), &said, func(name string) string { return environment[name] }, pins(t, line), to)
			require.Equal(t, c.want, code, said.String())
			require.Contains(t, flat(said.String()), c.says)
			narrow(t, said.String())
			require.Len(t, s.requests(), c.asked)
			require.Equal(t, c.want == 0, alone(t, to) != old)
		})
	}
}

// Ctrl-C leaves nothing behind, and make does not begin to build.
func TestRunInterrupted(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("the site has no archive that is read on " + runtime.GOOS)
	}
	ctx, stop := context.WithCancel(t.Context())
	s := stand(t, httptest.NewServer, func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	to := target(t)
	environment := map[string]string{variable: s.URL}
	code := run(ctx, &bytes.Buffer{}, func(name string) string { return environment[name] }, pins(t, "\tgithub.com/temporalio/cli v1.5.1"), to)
	require.Equal(t, interrupted, code)
	require.Equal(t, old, alone(t, to))
}

// What tools/go.mod pins is found in it.
func TestPinned(t *testing.T) {
	version, err := pinned(filepath.Join("..", "..", "tools", "go.mod"))
	require.NoError(t, err)
	require.Regexp(t, `^v\d+\.\d+\.\d+$`, version)
}
