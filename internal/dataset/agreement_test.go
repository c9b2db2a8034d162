package dataset_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/emulator/intake"
	"speech-retrainer/internal/lifecycle"
)

// The check and the emulator are two readings of one documentation: what the check lets pass is imported, with as many
// rows rejected as the check foresaw. Where all rows of a file are discarded the emulator's import fails (allRejected).
func TestCheckAgreesWithTheEmulator(t *testing.T) {
	t.Parallel()
	rules := intake.Rules{
		MissingBOM: intake.Accept, URILine: intake.Reject, Repetition: intake.Accept, BadAudio: intake.Reject, MissingAudio: intake.Reject,
		ExtraAudio: intake.Accept, UnclosedAudio: intake.Reject, ExtensibleAudio: intake.Accept, EmptyText: intake.Reject, Litter: intake.Accept,
		NameForm: intake.Reject, Phones: intake.Accept, AllRejected: intake.Accept, RejectThreshold: 0.5,
	}
	dir := filepath.Join("..", "..", "starter", "testdata", "cases")
	table, err := os.ReadFile(filepath.Join(dir, "expect.tsv"))
	require.NoError(t, err)
	usable := 0
	for _, line := range strings.Split(string(table), "\n") {
		cells := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || len(cells) < 3 {
			continue
		}
		path := filepath.Join(dir, cells[0])
		report := checkFile(t, path, lifecycle.DatasetKind(cells[1]), cells[2], dataset.Limits{})
		if report.Failed() {
			continue
		}
		usable++
		got := intake.Check(path, cells[1], cells[2], rules)
		require.Nil(t, got.Failure, cells[0])
		require.Equal(t, report.Rejected, got.Rejected, "%s: %v", cells[0], got.Problems)
	}
	require.Greater(t, usable, 15)
}

// What is litter to the check is litter to the emulator.
func TestLitterAgreesWithTheEmulator(t *testing.T) {
	t.Parallel()
	rules := intake.Rules{MissingBOM: intake.Accept, Litter: intake.Accept, BadAudio: intake.Reject, RejectThreshold: 0.5}
	for _, name := range left {
		if strings.Contains(name, `\`) {
			continue // the emulator takes no such name
		}
		path := filepath.Join(t.TempDir(), "a.zip")
		data := pack(member{"a.wav", recording{}.wav()}, text("trans.txt", "a.wav\thello\n"), text(name, "\x00\x05\x16\x07"))
		require.NoError(t, os.WriteFile(path, data, 0o600))
		got := intake.Check(path, string(lifecycle.DatasetAcoustic), "en-US", rules)
		require.Nil(t, got.Failure, name)
		require.Zero(t, got.Rejected, "%s: %v", name, got.Problems)
	}
}
