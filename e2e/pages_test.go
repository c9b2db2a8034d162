package e2e

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/paper"
)

// Every command of the Temporal CLI that a page types exists, with its flags. Those of the page for operators are run, too.
func TestPagesTypeTemporalsFlags(t *testing.T) {
	t.Parallel()
	isFlag := func(word string) bool { return strings.HasPrefix(word, "--") }
	helps := map[string]string{}
	for _, c := range paper.Of(t, paper.Pages(t, shared.root), "temporal") {
		words := c.Args
		if at := slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, "-") }); at >= 0 {
			words = words[:at]
		}
		name := strings.Join(words, " ")
		if helps[name] == "" {
			out, err := exec.CommandContext(t.Context(), shared.binaries.Temporal, append(slices.Clone(words), "--help")...).CombinedOutput()
			require.NoError(t, err, "%s\n%s", c, out)
			require.Contains(t, string(out), "temporal "+name, c)
			helps[name] = string(out)
		}
		for _, word := range c.Args {
			if isFlag(word) {
				flag, _, _ := strings.Cut(word, "=")
				require.Regexp(t, `(?m)^\s+(-\w, )?`+flag+`\b`, helps[name], c)
			}
		}
	}
}
