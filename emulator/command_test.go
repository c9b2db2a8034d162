package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
)

// run starts the program and returns its address and a function that stops it and returns its error.
func run(t *testing.T, args ...string) (address string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	m := Main{Stdout: in, Stderr: io.Discard}
	done := make(chan error, 1)
	go func() {
		err := m.Run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...))
		_ = in.Close()
		done <- err
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, found, line)
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { require.NoError(t, stop()) })
	return address, stop
}

func get(t *testing.T, url string) (int, http.Header, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	r.Header.Set("Ocp-Apim-Subscription-Key", "secret")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var body map[string]any
	_ = json.Unmarshal(raw, &body)
	return resp.StatusCode, resp.Header, body
}

func TestServe(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.txt"), []byte("x"), 0o600))
	address, stop := run(t, "--now", "2026-02-01T11:00:00Z", "--speed", "0", "--files", folder, "--key", "secret",
		"--profile", "awkward", "--page-size", "3", "--training-time", "2d", "--public-url", "https://speech.example/")
	status, header, body := get(t, address+"/speechtotext/models/base?api-version=2025-10-15")
	require.Equal(t, 200, status)
	require.Equal(t, "Sun, 01 Feb 2026 11:00:00 GMT", header.Get("Date"))
	require.Len(t, body["values"], 3)
	require.Contains(t, body["@nextLink"], "https://speech.example/speechtotext/models/base?")
	_, _, settings := get(t, address+"/admin/settings")
	require.Equal(t, "awkward", settings["profile"])
	require.Equal(t, "48h0m0s", settings["trainingTime"])
	require.Equal(t, "none", settings["filterQuote"])
	status, header, _ = get(t, address+"/files/a.txt")
	require.Equal(t, 200, status)
	require.NotEmpty(t, header.Get("ETag"))
	require.NoError(t, stop())
	_, err := http.Get(address + "/healthz") //nolint:noctx,bodyclose // nothing answers any more
	require.Error(t, err)
}

func TestRefusedArguments(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"add --allow-remote":              {"--listen", "0.0.0.0:0"},
		"reaches beyond this machine":     {"--listen", ":0"},
		"is no address":                   {"--listen", "here"},
		`profile "odd" does not exist`:    {"--profile", "odd"},
		"is no time":                      {"--now", "yesterday"},
		"is negative":                     {"--speed", "-1"},
		"is no scheme and host":           {"--public-url", "speech"},
		"use one of cap,refuse":           {"--top-above-max", "explode"},
		"expected a duration":             {"--training-time", "long"},
		"use at least 1":                  {"--page-size", "0"},
		"serve folder":                    {"--files", "/nonexistent/folder"},
		"unknown command":                 {"surplus"},
		"did you mean --profile?":         {"--profil", "plain"},
		"choose another --listen, port 0": {"--listen", "127.0.0.1:1", "--rate-limit", "0"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(want, "choose another") {
				taken, _ := run(t)
				args[1] = strings.TrimPrefix(taken, "http://")
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var out bytes.Buffer
			m := Main{Stdout: &out, Stderr: io.Discard}
			require.ErrorContains(t, m.Run(ctx, args), want)
			require.Empty(t, out.String())
		})
	}
}

func TestStateOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.json")
	address, stop := run(t, "--state", state)
	resp, err := http.Post(address+"/admin/base-models", "application/json", strings.NewReader(`{"locale":"en-US"}`)) //nolint:noctx
	require.NoError(t, err)
	var made struct{ ID string }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&made))
	require.NoError(t, resp.Body.Close())
	require.NoError(t, stop())

	address, _ = run(t, "--state", state)
	status, _, _ := get(t, address+"/speechtotext/models/base/"+made.ID+"?api-version=2025-10-15")
	require.Equal(t, 200, status)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := Main{Stdout: &out, Stderr: io.Discard}
	require.NoError(t, m.Run(t.Context(), []string{"--version"}))
	require.Regexp(t, `^emulator \S+(, commit [0-9a-f]+)?, go1\.\S+\n$`, out.String())
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := Main{Stdout: &out, Stderr: io.Discard}
	require.NoError(t, m.Run(t.Context(), []string{"--help"}))
	bundle.Golden(t, "help.txt", out.String())
}
