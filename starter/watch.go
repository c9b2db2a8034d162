package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) watchCommand() *cobra.Command {
	var connection connectionFlags
	cmd := &cobra.Command{
		Use:   "watch NAME",
		Short: "Follow the latest run of a model, or show how it ended",
		Long: `Follow the latest run of a model, or show how it ended.

Shows the stages of a run that goes on until it ends, and its report; of a run
that has ended, the report. The exit code is that of the command run. Ctrl-C
stops watching, not the run. NAME is the model's, or evaluate/NAME or
rollback/NAME for its latest test or rollback.`,
		Example: `  starter watch support-calls
  starter watch evaluate/support-calls
  starter watch support-calls --output json`,
		RunE: onModel(func(ctx context.Context, name string) error { return a.watch(ctx, connection, name) }),
	}
	addOutput(cmd, a.out)
	connection.add(cmd)
	return cmd
}

func (a *app) watch(ctx context.Context, connection connectionFlags, name string) error {
	run, running, err := a.latestRun(ctx, connection, name)
	if err != nil {
		return err
	}
	defer run.Close()
	if !running {
		return a.finish(run.Result(ctx))
	}
	a.out.Tell("watching run %s of %s", run.RunID, run.Target())
	a.out.Tell(leaveHint)
	return a.finish(run.Follow(ctx))
}
