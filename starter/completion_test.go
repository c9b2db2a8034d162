package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
)

// What a shell is told of a line: what may stand where its last word stands, and whether that may be a file.
func TestCompletion(t *testing.T) {
	t.Parallel()
	const (
		files   = ":0"
		nothing = ":4"
		ofKind  = ":8"
	)
	fleet := deskOf(t, "", "one", "two")
	for line, want := range map[string]string{
		"watch|":                      "calls desk crew " + nothing,
		"watch|d":                     "desk " + nothing,
		"watch|desk|":                 nothing,
		"cancel|evaluate/c":           "evaluate/calls evaluate/crew " + nothing,
		"report|rollback/d":           "rollback/desk " + nothing,
		"status|desk|":                "calls crew " + nothing,
		"plan|--file|" + fleet + "|":  "one two " + nothing,
		"plan|-f|" + fleet + "|one|t": "two " + nothing,
		"plan|--file|missing.yaml|":   nothing,
		"plan|--file|":                "yaml yml json " + ofKind,
		"plan|--calendar|":            "ics " + ofKind,
		"report|desk|--output|":       "text json markdown " + nothing,
		"run|--output|":               "text json " + nothing,
		"data|check|":                 files,
		"data|check|x.txt|--kind|":    "Language Pronunciation Acoustic AudioFiles LanguageMarkdown OutputFormatting " + nothing,
		"adopt|desk|--locale|":        "de-DE en-US " + nothing,
		"rollback|desk|--endpoint|":   "calls desk " + nothing,
		"approve|desk|--reason|":      nothing,
		"completion|":                 "bash zsh fish " + nothing,
		"rollb":                       "rollback Let an earlier version of a model serve again " + nothing,
		"history|desk|--task-queue|":  "speech-retrainer " + nothing,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			fake := &fakeTemporal{}
			fake.applied(t, deskOf(t, "", "calls", "desk"))
			fake.kept["renew/crew"] = renewed("speech-retrainer", "de-DE")
			got := execute(t.Context(), fake, append([]string{"__complete"}, strings.Split(line, "|")...)...)
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.ElementsMatch(t, strings.Fields(want), strings.Fields(got.stdout))
			require.Empty(t, fake.did())
			require.Empty(t, fake.observed, "nothing is started for it")
		})
	}
}

// With the server that the line names, and when it does not answer nothing is proposed and nothing said.
func TestCompletionAsksWhereTheLineSays(t *testing.T) {
	t.Parallel()
	fake := &fakeTemporal{kept: map[string]*client.ScheduleDescription{}}
	got := execute(t.Context(), fake, "__complete", "watch", "--address", "temporal:7233", "-n", "speech", "")
	require.Equal(t, exit.Done, got.code)
	require.Equal(t, "temporal:7233 speech", fmt.Sprint(fake.dialled.HostPort, " ", fake.dialled.Namespace))

	got = execute(t.Context(), &fakeTemporal{dialErr: errors.New("nobody there")}, "__complete", "watch", "")
	require.Equal(t, exit.Done, got.code)
	require.Equal(t, ":4\n", got.stdout)
	require.NotContains(t, got.stderr, "nobody there")
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for shell, says := range map[string]string{
		"bash": "complete -o default -F __start_starter starter", "zsh": "#compdef starter", "fish": "complete -c starter",
	} {
		got := execute(t.Context(), nil, "completion", shell)
		require.Equal(t, exit.Done, got.code)
		require.Contains(t, got.stdout, says)
	}
	got := execute(t.Context(), nil, "completion", "tcsh")
	require.Equal(t, exit.Refused, got.code)
	require.Equal(t, "starter: say for which shell: bash, zsh, fish; see: starter completion --help\n", got.stderr)
}
