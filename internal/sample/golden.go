// Package sample is for tests of what is shown: reports as runs tell them, steps in trouble as Temporal tells them, and
// the golden files that what is shown of them is held against.
package sample

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/words"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Golden compares got with the file of this name in testdata.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "make it with: go test -update")
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// Narrow checks that nothing is wider than 80 columns.
func Narrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, runewidth.StringWidth(strings.TrimRight(line, "\n")), words.Width, line)
	}
}
