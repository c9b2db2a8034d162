package main

import (
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
)

// nearCommand is how many letters of a command may be wrong for it to be named.
const nearCommand = 2

// noArgs are the arguments of a command that takes none. What is given instead is the name of a command, or a file
// that belongs to --file: the *exit.Failure says what was probably meant.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return unknownCommand(cmd, args[0])
	case len(args) == 1 && cmd.Flags().Lookup("file") != nil:
		return exit.Refuse(lifecycle.InvalidRequest, "%s takes its file with --file, not as %q", cmd.CommandPath(), args[0]).
			Next("did you mean: %s --file %s", cmd.CommandPath(), args[0])
	}
	return exit.Refuse(lifecycle.InvalidRequest, "%s takes no arguments, but %q is one", cmd.CommandPath(), args[0]).
		Next("see: %s --help", cmd.CommandPath())
}

func unknownCommand(cmd *cobra.Command, name string) *exit.Failure {
	unknown := exit.Refuse(lifecycle.InvalidRequest, "unknown command %q for %q", name, cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = nearCommand
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return unknown.Next("did you mean: %s %s", cmd.CommandPath(), strings.Join(near, " or "))
	}
	return unknown.Next("see: %s --help", cmd.CommandPath())
}

// meantValue adds to the refusal of a flag's value which one was probably meant.
func meantValue(refused *exit.Failure, flag, value string, known []string) *exit.Failure {
	if near := meant.Nearest(value, known); near != "" {
		return refused.Next("did you mean %s %s?", flag, near)
	}
	return refused
}

// flagError is an error of parsing flags. A command that has others below it has hardly any flags: then it is the
// command that was mistyped, as far as one was given.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	return exit.Refuse(lifecycle.InvalidRequest, "%s", meant.Flag(cmd.Flags(), err)).Next("see: %s --help", cmd.CommandPath())
}
