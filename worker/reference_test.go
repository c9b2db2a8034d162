package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
)

// The page of settings shows the worker's help: docs/settings.md.
func TestReferenceOfWorker(t *testing.T) {
	t.Parallel()
	var made bytes.Buffer
	for _, args := range [][]string{{"--help"}, {"healthcheck", "--help"}} {
		var out bytes.Buffer
		m := Main{Env: bundle.Env{}, Stdout: &out, Stderr: &out}
		require.Equal(t, exitStopped, m.Execute(t.Context(), args), out.String())
		made.WriteString("```text held by TestReferenceOfWorker\n" + out.String() + "```\n\n")
	}
	bundle.Region(t, filepath.Join("..", "docs", "settings.md"), "worker", made.String())
}
