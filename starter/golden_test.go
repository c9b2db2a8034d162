package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/internal/screen"
)

func TestReportText(t *testing.T) {
	t.Parallel()
	for name, report := range map[string]lifecycle.Report{
		"succeeded": sample.Succeeded(), "failed": sample.Failed(), "canceled": sample.Canceled(), "rejected": sample.Rejected(), "invalid": sample.Invalid(),
		"noversion": sample.AtTraining(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			e := env{"NO_COLOR": "1"}
			a := newApp(Options{Stdout: &out, Env: e, StdoutTerminal: true, Columns: func() int { return 200 }})
			require.NoError(t, a.finish(report, nil))
			sample.Golden(t, "report-"+name, out.String())
			sample.Narrow(t, out.String())
			require.NotContains(t, out.String(), "\x1b")
		})
	}
}

func TestManyRefusedAreCut(t *testing.T) {
	t.Parallel()
	report := sample.Succeeded()
	report.BaseModelsRefused = nil
	for i := range 30 {
		report.BaseModelsRefused = append(report.BaseModelsRefused, lifecycle.Refusal{DisplayName: fmt.Sprintf("base %d", i), Reason: "too old"})
	}
	var out bytes.Buffer
	a := newApp(Options{Stdout: &out})
	a.out.Report(report)
	require.Equal(t, screen.MostRefused, strings.Count(out.String(), "too old"))
	require.Contains(t, out.String(), "- 22 more: see them with --output json\n")
	require.Len(t, report.BaseModelsRefused, 30)
}

// A narrow terminal gets a narrow card; only what is to be copied is longer.
func TestReportTextNarrow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := newApp(Options{Stdout: &out, StdoutTerminal: true, Columns: func() int { return 60 }})
	a.out.Report(sample.Succeeded())
	for line := range strings.Lines(out.String()) {
		if !strings.Contains(line, sample.VersionID) && !strings.Contains(line, sample.BaseID) {
			require.LessOrEqual(t, runewidth.StringWidth(strings.TrimRight(line, "\n")), 60, line)
		}
	}
}

func TestOutcomeColoured(t *testing.T) {
	t.Parallel()
	for outcome, code := range map[lifecycle.Outcome]string{
		lifecycle.Succeeded: "32", lifecycle.Rejected: "31", lifecycle.Failed: "31", lifecycle.Skipped: "36",
	} {
		var out bytes.Buffer
		a := newApp(Options{Stdout: &out, StdoutTerminal: true, Env: env{}, Columns: func() int { return 0 }})
		report := sample.Succeeded()
		report.Outcome = outcome
		require.NoError(t, a.finish(report, nil))
		require.True(t, strings.HasSuffix(out.String(), "\nretrain/support-calls: \x1b["+code+"m"+string(outcome)+"\x1b[0m after 42m01s\n"), out.String())
	}
}

// typed is what is typed for a command and for all below it; empty for the program itself.
func typed(command *cobra.Command) []string {
	_, words, _ := strings.Cut(command.CommandPath(), " ")
	all := []string{words}
	for _, below := range command.Commands() {
		all = append(all, typed(below)...)
	}
	return all
}

// A command that no page names is found by nobody.
func TestCommandsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "commands.md"))
	require.NoError(t, err)
	for _, command := range newApp(Options{}).root().Commands() {
		row := regexp.MustCompile("(?m)^\\| .*`" + command.Name() + "[` ].* \\|$")
		require.True(t, row.Match(page), "docs/commands.md has no row of %s", command.Name())
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range typed(newApp(Options{}).root()) {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			got := execute(t.Context(), &fakeTemporal{}, append(strings.Fields(command), "--help")...)
			require.Equal(t, exit.Done, got.code)
			require.Empty(t, got.stderr)
			require.Contains(t, got.stdout, "Examples:\n  ")
			sample.Narrow(t, got.stdout)
			sample.Golden(t, strings.ReplaceAll(strings.TrimSuffix("help-"+command, "-"), " ", "-"), got.stdout)
		})
	}
}
