package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/sample"
)

// What a person is told who is to try things fits on a screen, with other ports than the usual ones, too. That each command does
// what is said of it is for e2e's TestDevPrintsAllThatTheExamplesNeed.
func TestBoard(t *testing.T) {
	t.Parallel()
	usual := board{
		page: "127.0.0.1:8081", ui: "http://127.0.0.1:8233", speech: written, server: "127.0.0.1:7233", health: "http://127.0.0.1:8080",
		logs: ".run/demo-2147483647", bin: "bin", settings: []string{
			"TEMPORAL_ADDRESS=127.0.0.1:7233", "TEMPORAL_NAMESPACE=default", "SPEECH_ENDPOINT=" + written, "SPEECH_KEY=any",
		},
	}
	other := board{
		page: "127.0.0.1:41001", ui: "http://127.0.0.1:41002", speech: "http://127.0.0.1:41003", server: "127.0.0.1:41004", health: "http://127.0.0.1:41005",
		logs: ".run/demo-4294967295", bin: "/opt/retrainer", settings: []string{
			"TEMPORAL_ADDRESS=127.0.0.1:41004", "TEMPORAL_NAMESPACE=default", "SPEECH_ENDPOINT=http://127.0.0.1:41003", "SPEECH_KEY=any",
		},
	}
	for name, b := range map[string]board{"usual": usual, "other-ports": other} {
		text := b.text()
		sample.Narrow(t, text)
		sample.Golden(t, "board-"+name, text)
		if name == "usual" {
			require.Len(t, strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), 15, "what is there to be read at once")
		}
	}
}
