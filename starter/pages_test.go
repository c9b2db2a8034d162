package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/paper"
)

// Every command of starter that a page types is one: its flags are known, its arguments are as many as it takes, and it
// does not refuse them by themselves.
func TestPagesTypeCommandsThatExist(t *testing.T) {
	t.Parallel()
	for _, c := range paper.Of(t, paper.Pages(t, paper.Root(1)), "starter") {
		root := newApp(Options{Env: env{"USER": "ann"}}).root()
		command, rest, err := root.Find(c.Args)
		require.NoError(t, err, c)
		require.True(t, command.Runnable() && command != root || len(c.Args) == 1 && c.Args[0] == "--version", "%s is no command", c)
		require.NoError(t, command.ParseFlags(rest), c)
		args := command.Flags().Args()
		require.NoError(t, command.ValidateArgs(args), c)
		if command.PreRunE != nil {
			require.NoError(t, command.PreRunE(command, args), c)
		}
	}
}

// inline is a command of starter within a sentence.
var inline = regexp.MustCompile("`(?:bin/)?starter ([a-z][^`]*)`")

// A command that a sentence names exists, and its flags do.
func TestSentencesNameCommandsThatExist(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, p := range paper.Pages(t, paper.Root(1)) {
		for _, m := range inline.FindAllStringSubmatch(p.Prose(), -1) {
			words := strings.Fields(m[1])
			command, _, err := newApp(Options{}).root().Find(words)
			require.NoError(t, err, "%s: %s", p.Path, m[0])
			require.True(t, command.HasParent(), "%s: %s", p.Path, m[0])
			for _, word := range words {
				if flag, is := strings.CutPrefix(word, "--"); is {
					flag = strings.Trim(flag, "].,")
					require.True(t, command.Flags().Lookup(flag) != nil || flag == "help", "%s: %s", p.Path, m[0])
				}
			}
			seen++
		}
	}
	require.Greater(t, seen, 30)
}
