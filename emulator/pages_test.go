package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/paper"
)

// Every command line of the emulator that a page types is one.
func TestPagesTypeFlagsOfTheEmulator(t *testing.T) {
	t.Parallel()
	for _, c := range paper.Of(t, paper.Pages(t, paper.Root(1)), "emulator") {
		var m Main
		command := m.command()
		require.NoError(t, command.ParseFlags(c.Args), c)
		require.NoError(t, command.ValidateArgs(command.Flags().Args()), c)
		_, err := m.options()
		require.NoError(t, err, c)
	}
}

// written is the emulator's address on the pages.
const written = "http://127.0.0.1:8090"

// What the pages ask of the admin API is answered.
func TestPagesAskTheAdminAPI(t *testing.T) {
	t.Parallel()
	address, _ := run(t)
	seen := 0
	for _, c := range paper.Of(t, paper.Pages(t, paper.Root(1)), "curl") {
		path, ours := strings.CutPrefix(c.Args[len(c.Args)-1], written)
		if !ours {
			continue
		}
		seen++
		method, body := http.MethodGet, ""
		if c.Args[0] == "-d" {
			method, body = http.MethodPost, c.Args[1]
		}
		request, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Less(t, answer.StatusCode, 300, "%s\n%s", c, text)
	}
	require.Greater(t, seen, 4)
}
