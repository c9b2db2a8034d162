package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/workflows"
)

// Limits of what is asked of Temporal while somebody waits for a word to be completed.
const (
	completionPatience = 2 * time.Second
	// mostCompleted is how many schedules are read for the values in them.
	mostCompleted = 100
)

func (a *app) completionCommand() *cobra.Command {
	names := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that completes commands in a shell",
		Long: `Print a script that completes commands in a shell: commands and flags, the names
of the models that have a schedule, and what flags may be, like --output,
--kind and --locale. Names and locales are asked of Temporal, at most two
seconds; without an answer there are none.

The name of the program must be starter, wherever it is.`,
		Example: `  source <(starter completion bash)
  source <(starter completion zsh)
  starter completion fish > ~/.config/fish/completions/starter.fish`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && slices.Contains(names, args[0]) {
				return nil
			}
			return exit.Refuse(lifecycle.InvalidRequest, "say for which shell: %s", strings.Join(names, ", ")).Next("see: %s --help", cmd.CommandPath())
		},
		ValidArgs: names,
		RunE:      func(cmd *cobra.Command, args []string) error { return shells[args[0]](cmd.Root(), a.out.Out) },
	}
}

// completeAll says of a command and all below it how its arguments and the values of its flags are completed. What is not
// said here is nothing that can be known: then a shell proposes nothing, not even files.
func (a *app) completeAll(cmd *cobra.Command) {
	for _, below := range cmd.Commands() {
		a.completeAll(below)
	}
	if strings.Contains(cmd.Use, "NAME") {
		cmd.ValidArgsFunction = a.completeName
	}
	if strings.Contains(cmd.Use, " FILE") && !strings.Contains(cmd.Use, "--file") {
		cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		}
	}
	complete := func(flag string, f cobra.CompletionFunc) {
		if cmd.Flags().Lookup(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, f) // it fails only for a flag that is not there, or said twice
		}
	}
	files := func(flag string, kinds ...string) {
		if cmd.Flags().Lookup(flag) != nil {
			_ = cmd.MarkFlagFilename(flag, kinds...)
		}
	}
	files("file", "yaml", "yml", "json")
	files("calendar", "ics")
	complete("locale", a.completeOf(func(s fleet.Standing) string { return s.Locale }))
	complete("task-queue", a.completeOf(func(s fleet.Standing) string { return s.TaskQueue }))
	complete("endpoint", a.completeOf(func(s fleet.Standing) string { return s.Endpoint }))
}

// completeName completes the name of a model: of those in the file that is named for a fleet, else of those that have a
// schedule. Where a run of another kind can be named, evaluate/NAME and the like are completed, too.
func (a *app) completeName(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	const nothing = cobra.ShellCompDirectiveNoFileComp
	if len(args) > 0 && !strings.Contains(cmd.Use, "NAME...") {
		return nil, nothing
	}
	prefix := ""
	for _, id := range []func(string) string{workflows.EvaluateID, workflows.RollbackID} {
		if strings.HasPrefix(typed, id("")) {
			prefix = id("")
		}
	}
	var names []string
	for _, name := range a.completeNames(cmd) {
		if !slices.Contains(args, name) && strings.HasPrefix(prefix+name, typed) {
			names = append(names, prefix+name)
		}
	}
	return names, nothing
}

func (a *app) completeNames(cmd *cobra.Command) (names []string) {
	if path, err := cmd.Flags().GetString("file"); err == nil && path != "" && path != "-" {
		names, _ = namesIn(path, nil)
		return names
	}
	a.completing(cmd, func(ctx context.Context, s follow.Session) { names, _ = schedules.Models(ctx, s) })
	return names
}

// completeOf completes a value that schedules have.
func (a *app) completeOf(value func(fleet.Standing) string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) (values []string, _ cobra.ShellCompDirective) {
		a.completing(cmd, func(ctx context.Context, s follow.Session) {
			names, err := schedules.Models(ctx, s)
			if err != nil {
				return
			}
			standings, _ := schedules.Standings(ctx, s, names[:min(len(names), mostCompleted)])
			for _, standing := range standings {
				if v := value(standing); v != "" && strings.HasPrefix(v, typed) {
					values = append(values, v)
				}
			}
		})
		slices.Sort(values)
		return slices.Compact(values), cobra.ShellCompDirectiveNoFileComp
	}
}

// completing does something with Temporal while a person waits for a word. Whatever fails, there is nothing to propose.
func (a *app) completing(cmd *cobra.Command, do func(context.Context, follow.Session)) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
	defer cancel()
	var f connectionFlags
	f.Address, _ = cmd.Flags().GetString("address")
	f.Namespace, _ = cmd.Flags().GetString("namespace")
	s, err := a.connect(ctx, f)
	if err != nil {
		return
	}
	defer s.Close()
	do(ctx, s)
}
