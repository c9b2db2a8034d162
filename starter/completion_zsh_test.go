package main

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
)

// A shell that nobody has set up completes all the same, and says nothing.
func TestCompletionInZsh(t *testing.T) {
	t.Parallel()
	zsh, err := exec.LookPath("zsh")
	if err != nil {
		t.Skip("needs zsh")
	}
	printed := execute(t.Context(), nil, "completion", "zsh")
	require.Equal(t, exit.Done, printed.code)
	for name, before := range map[string]string{"bare": "", "set up": "autoload -Uz compinit; compinit -D; compinit() { print again; }\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shell := exec.CommandContext(t.Context(), zsh, "-f", "-c", before+printed.stdout+"\nprint $_comps[starter]")
			shell.Dir = t.TempDir()
			shell.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + shell.Dir}
			out, err := shell.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Equal(t, "_starter\n", string(out))
		})
	}
}
