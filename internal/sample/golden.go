// Package sample is for tests of what is shown: reports as runs tell them, steps in trouble as Temporal tells them, and
// the golden files that what is shown of them is held against.
package sample

import (
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/words"
)

// Golden compares got with the file of this name in testdata.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	bundle.Golden(t, name+".golden", got)
}

// Narrow checks that nothing is wider than 80 columns.
func Narrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, runewidth.StringWidth(strings.TrimRight(line, "\n")), words.Width, line)
	}
}
