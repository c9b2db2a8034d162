package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/build"
	"speech-retrainer/internal/words"
)

// Execute runs the program and returns its exit code, as the contract's "Exit codes of starter" says.
// It ends within moments of the end of ctx; a run that it follows goes on.
func Execute(ctx context.Context, o Options) int {
	if o.Dial == nil {
		o.Dial = dial
	}
	a := newApp(o)
	defer func() { a.traces.Close() }()
	root := a.root()
	root.SetArgs(o.Args)
	root.SetIn(o.Stdin)
	root.SetOut(a.out.Out)
	root.SetErr(o.Stderr)
	err := root.ExecuteContext(ctx)
	// cobra's own commands give back that they could not print; that is told below.
	if broken := a.out.Broken(); err != nil && (broken == nil || !errors.Is(err, broken)) {
		a.code = a.fail(err)
	}
	return a.ended()
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Retrain, test and deploy Custom Speech models",
		Long: `Retrain, test and deploy Custom Speech models.

A retrain runs in Temporal, done by a worker: it goes on when this program
ends. Results go to stdout, everything else to stderr.

The server is found as the Temporal CLI finds it: by TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, ... and the profiles of temporal.toml
(TEMPORAL_PROFILE).

Exit codes:
    0  done
    1  failed, canceled or timed out; doctor: an error was found
    2  refused before anything was started
    3  rejected: the new version did not pass
    4  plan: a model is due; doctor: warnings only
    5  Temporal cannot be reached
    6  status: something needs a person
  130  interrupted: the run goes on`,
		Example: `  starter run --file request.yaml
  starter watch support-calls
  starter approve support-calls --reason "better on the new terms"
  starter report support-calls --output markdown`,
		Args:          noArgs,
		Version:       build.Read().Line("starter"),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", words.Width)))
	root.AddCommand(
		a.runCommand(), a.watchCommand(), a.cancelCommand(), a.approveCommand(), a.rejectCommand(), a.reportCommand(),
		a.testCommand(), a.rollbackCommand(), a.sweepCommand(), a.dataCommand(), a.versionCommand(),
		a.planCommand(), a.statusCommand(), a.historyCommand(), a.adoptCommand(), a.rehearseCommand(), a.applyCommand(),
		a.pauseCommand(), a.resumeCommand(), a.triggerCommand(), a.notifyCommand(), a.doctorCommand(),
		a.completionCommand(),
	)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	a.completeAll(root)
	a.nameAll(root)
	return root
}
