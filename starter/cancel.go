package main

import (
	"context"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

func (a *app) cancelCommand() *cobra.Command {
	var connection connectionFlags
	cmd := &cobra.Command{
		Use:   "cancel NAME",
		Short: "Cancel the run of a model and wait for its end",
		Long: `Cancel the run of a model and wait for its end.

The run ends within a minute. The Speech service cannot stop a training: what
the run leaves there is removed once it has finished. Ends with 0 when the run
was canceled, with 1 when none goes on or it ended in another way before.

Prints how it ended, and with --verbose its stages and its model card.`,
		Example: `  starter cancel support-calls
  starter cancel evaluate/support-calls --verbose`,
		RunE: onModel(func(ctx context.Context, name string) error { return a.cancel(ctx, connection, name) }),
	}
	addOutput(cmd, a.out)
	addVerbose(cmd, a.out)
	connection.add(cmd)
	return cmd
}

func (a *app) cancel(ctx context.Context, connection connectionFlags, name string) error {
	run, running, err := a.latestRun(ctx, connection, name)
	if err != nil {
		return err
	}
	defer run.Close()
	nothing := exit.New(exit.Failed, exit.NotFound, "no run of %s goes on: nothing to cancel", run.Target()).
		Next("see how the latest ended with: %s", connection.Hint("watch", run.Target()))
	if !running {
		return nothing
	}
	found, err := run.Cancel(ctx)
	if err == nil && !found {
		err = nothing
	}
	if err != nil {
		return err
	}
	a.out.Tell("asked run %s of %s to cancel", run.RunID, run.Target())
	a.out.Tell("waiting for its end; Ctrl-C stops waiting, not the cancel")
	report, err := run.Follow(ctx)
	if err := a.finish(report, err); err != nil {
		return err
	}
	a.code = exit.Done
	if report.Outcome != lifecycle.Canceled {
		a.code = exit.Failed
		a.out.Tell("starter: the run ended before it could be canceled: %s", report.Outcome)
	}
	return nil
}
