package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"speech-retrainer/internal/bundle"
)

// The page of the emulator lists its flags: docs/emulator.md.
func TestReferenceOfEmulator(t *testing.T) {
	t.Parallel()
	var m Main
	flags := m.command().Flags().FlagUsagesWrapped(120)
	bundle.Region(t, filepath.Join("..", "docs", "emulator.md"), "flags", fmt.Sprintf("```text held by TestReferenceOfEmulator\n%s```\n", flags))
}
