package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"speech-retrainer/internal/bundle"
)

// The page of all commands and flags is made from the commands themselves: docs/command-line.md.
func TestReferenceOfCommands(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	describe(&out, newApp(Options{}).root())
	bundle.Region(t, filepath.Join("..", "docs", "command-line.md"), "commands", out.String())
}

// describe writes a command and all below it.
func describe(out *strings.Builder, command *cobra.Command) {
	fmt.Fprintf(out, "## %s\n\n%s", command.CommandPath(), paragraphs(command.Long))
	if command.Example != "" {
		fmt.Fprintf(out, "```sh\n%s\n```\n\n", regexp.MustCompile(`(?m)^  `).ReplaceAllString(command.Example, ""))
	}
	if command.HasParent() && command.Runnable() {
		fmt.Fprintf(out, "`%s`\n\n", command.UseLine())
	}
	command.InitDefaultHelpFlag()
	rows := 0
	command.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		if rows++; rows == 1 {
			out.WriteString("| flag | default | meaning |\n| --- | --- | --- |\n")
		}
		name, standard := "`--"+f.Name+"`", ""
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			name += " *" + kind + "*"
		}
		if f.DefValue != "" && f.DefValue != "[]" && f.DefValue != "false" && f.DefValue != "0" {
			standard = "`" + f.DefValue + "`"
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", name, standard, strings.ReplaceAll(usage, "|", `\|`))
	})
	if rows > 0 {
		out.WriteString("\n")
	}
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() {
			describe(out, below)
		}
	}
}

// paragraphs is a help text as Markdown: lists that are set in stay as they are, as code.
func paragraphs(text string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(text, "\n\n") {
		lines := strings.SplitN(part, "\n", 2)
		if len(lines) > 1 && strings.HasPrefix(lines[1], "  ") {
			part = lines[0] + "\n\n    " + strings.ReplaceAll(lines[1], "\n", "\n    ")
		}
		out.WriteString(part + "\n\n")
	}
	return out.String()
}
