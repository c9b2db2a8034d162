package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// nameAll says of a command and all below it which names of models or files they take, as their usage tells: NAME, [NAME...], FILE.
func (a *app) nameAll(cmd *cobra.Command) {
	for _, below := range cmd.Commands() {
		a.nameAll(below)
	}
	switch {
	case strings.Contains(cmd.Use, "NAME"):
		cmd.Args = a.names
	case strings.Contains(cmd.Use, " FILE") && cmd.Flags().Lookup("file") == nil:
		cmd.Args = files
	}
}

// files are the arguments of a command that takes files as such.
func files(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return exit.Refuse(lifecycle.InvalidRequest, "say which file: %s", cmd.UseLine()).Next("see: %s --help", cmd.CommandPath())
	case len(args) > 1 && !strings.Contains(cmd.Use, "FILE..."):
		return exit.Refuse(lifecycle.InvalidRequest, "%s takes one file, but %q is another", cmd.CommandPath(), args[1]).
			Next("see: %s --help", cmd.CommandPath())
	}
	return nil
}

// names are the arguments of a command that takes names of models. Too few, too many, or a file in place of a name is a
// *exit.Failure that says what was probably meant.
func (a *app) names(cmd *cobra.Command, args []string) error {
	needed := !strings.Contains(cmd.Use, "[NAME") && !strings.Contains(cmd.Use, "NAME |")
	switch at := slices.IndexFunc(args, isDocument); {
	case at >= 0:
		return a.meantFile(cmd, args[at], slices.Delete(slices.Clone(args), at, at+1), needed)
	case len(args) == 0 && needed:
		return a.nameless(cmd)
	case len(args) > 1 && !strings.Contains(cmd.Use, "NAME..."):
		return exit.Refuse(lifecycle.InvalidRequest, "%s takes one model, but %q is another", cmd.CommandPath(), args[1]).
			Next("see: %s --help", cmd.CommandPath())
	}
	return nil
}

// isDocument tells that an argument is the path of a request or a fleet that is there: no model can have such a name.
func isDocument(arg string) bool {
	switch strings.ToLower(filepath.Ext(arg)) {
	case ".yaml", ".yml", ".json":
		info, err := os.Stat(arg)
		return err == nil && !info.IsDir()
	}
	return false
}

// meantFile is the refusal of a file where names of models are wanted; others are the arguments beside it.
func (a *app) meantFile(cmd *cobra.Command, path string, others []string, needed bool) error {
	within, _ := namesIn(path, nil) // a file with a fault has none to tell
	file := cmd.Flags().Lookup("file")
	switch {
	case file != nil && file.Changed:
		return exit.Refuse(lifecycle.InvalidRequest, "%s takes one file, that of --file, and then names of models: %q is a file", cmd.CommandPath(), path).
			Next("see: %s --help", cmd.CommandPath())
	case file != nil:
		if needed && len(others) == 0 {
			others = []string{"NAME"}
			if len(within) == 1 {
				others = within
			}
		}
		command := strings.Join(append([]string{cmd.CommandPath()}, others...), " ")
		return exit.Refuse(lifecycle.InvalidRequest, "%s takes its file with --file, not as %q", cmd.CommandPath(), path).
			Next("did you mean: %s --file %s", command, path)
	}
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s takes the name of a model, and %q is a file", cmd.CommandPath(), path)
	switch {
	case len(within) == 1 && len(others) == 0:
		return refused.Next("did you mean: %s %s", cmd.CommandPath(), within[0])
	case len(within) > 0:
		return refused.Next("the models in it: %s", words.Some(within))
	}
	return refused.Next("see: %s --help", cmd.CommandPath())
}

// nameless is the refusal of a command without the name that it needs. It names the models that have a schedule, as far as Temporal
// tells them in time.
func (a *app) nameless(cmd *cobra.Command) error {
	refused := exit.Refuse(lifecycle.InvalidRequest, "say which model: %s", cmd.UseLine())
	example, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
	names := a.completeNames(cmd)
	if len(names) == 0 {
		return refused.Next("for example: %s", strings.TrimSuffix(example, ` \`))
	}
	example = strings.Replace(example, "support-calls", names[0], 1)
	return refused.Next("there are: %s; for example: %s", words.Some(names), strings.TrimSuffix(example, ` \`))
}
