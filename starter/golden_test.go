package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// golden compares got with the file of this name in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "make it with: go test ./starter -update")
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// requireNarrow checks that nothing is wider than 80 columns.
func requireNarrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, runewidth.StringWidth(strings.TrimRight(line, "\n")), lineWidth, line)
	}
}

func TestReportText(t *testing.T) {
	t.Parallel()
	for name, report := range map[string]lifecycle.Report{
		"succeeded": succeeded(), "failed": failed(), "canceled": canceled(), "rejected": rejected(), "invalid": invalid(),
		"noversion": atTraining(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			writeReport(&out, cleanReport(report), paint(false))
			golden(t, "report-"+name, out.String())
			requireNarrow(t, out.String())
			require.NotContains(t, out.String(), "\x1b")
		})
	}
}

func TestManyRefusedAreCut(t *testing.T) {
	t.Parallel()
	report := succeeded()
	report.BaseModelsRefused = nil
	for i := range 30 {
		report.BaseModelsRefused = append(report.BaseModelsRefused, lifecycle.Refusal{DisplayName: fmt.Sprintf("base %d", i), Reason: "too old"})
	}
	var out bytes.Buffer
	writeReport(&out, report, paint(false))
	require.Equal(t, mostRefused, strings.Count(out.String(), "too old"))
	require.Contains(t, out.String(), "- 22 more: see them with --output json\n")
}

func TestReportTextColoured(t *testing.T) {
	t.Parallel()
	var plain, coloured bytes.Buffer
	writeReport(&plain, succeeded(), paint(false))
	writeReport(&coloured, succeeded(), paint(true))
	require.Contains(t, coloured.String(), "\x1b[32msucceeded\x1b[0m")
	require.Equal(t, plain.String(), strings.NewReplacer("\x1b[32m", "", "\x1b[0m", "").Replace(coloured.String()))
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "run", "watch", "cancel", "version"} {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			args := []string{"--help"}
			if command != "" {
				args = []string{command, "--help"}
			}
			got := execute(t.Context(), &fakeTemporal{}, args...)
			require.Equal(t, exitDone, got.code)
			require.Empty(t, got.stderr)
			require.Contains(t, got.stdout, "Examples:\n  ")
			requireNarrow(t, got.stdout)
			golden(t, strings.TrimSuffix("help-"+command, "-"), got.stdout)
		})
	}
}

func TestElapsed(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0s": -time.Minute, "12s": 12*time.Second + 900*time.Millisecond, "3m05s": 3*time.Minute + 5*time.Second,
		"2h40m": 2*time.Hour + 40*time.Minute + 59*time.Second, "6d3h": 6*24*time.Hour + 3*time.Hour,
	} {
		require.Equal(t, want, elapsed(d))
	}
}

func TestLinesKeepCommands(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"see why", "with:", "temporal workflow show --workflow-id retrain/x", "then go on"},
		lines("see why with: temporal workflow show --workflow-id retrain/x; then go on", 10))
	require.Equal(t, []string{"the", "temporal", "server"}, lines("the temporal server", 8))
}

func TestWrapKeepsLongWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"see", "https://example.com/a-long-address", "for more"}, wrap("see  https://example.com/a-long-address\nfor more", 10))
	require.Equal(t, []string{""}, wrap("", 10))
	require.Equal(t, []string{"日本語", "日本語"}, wrap("日本語 日本語", 12))
}
