package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/paper"
)

// Every command line of the worker that a page types is one: its help is shown only when all flags before are known.
func TestPagesTypeFlagsThatExist(t *testing.T) {
	t.Parallel()
	for _, c := range paper.Of(t, paper.Pages(t, paper.Root(1)), "worker") {
		var out bytes.Buffer
		m := Main{Env: bundle.Env{}, Stdout: &out, Stderr: &out}
		require.Equal(t, exitStopped, m.Execute(t.Context(), append(c.Args, "--help")), "%s\n%s", c, out.String())
	}
}
