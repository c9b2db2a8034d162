package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

type statusFlags struct {
	connection connectionFlags
	taskQueue  string
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "Show what serves for each model, until when, and what is amiss",
		Long: `Show what serves for each model, until when, and what is amiss.

Without names: all models that have a schedule; when there is none, all that
this installation has made. A name that has versions in several locales has a
line for each: they are different models. Everything is read anew from the
service and from Temporal. While the service cannot be read, what Temporal knows
is shown: which retrains go on, and what keeps them; the exit code is 1 then.`,
		Example: `  starter status
  starter status support-calls field-service --output json`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.status(cmd.Context(), f, args) },
	}
	addTaskQueue(cmd, &f.taskQueue, ", for models without a schedule")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) status(ctx context.Context, f statusFlags, names []string) error {
	for _, name := range names {
		if err := refuseModel(name, ""); err != nil {
			return exit.Named(err, name)
		}
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	rows, unread, err := overview.Read(ctx, server, names, f.taskQueue)
	if err != nil {
		return err
	}
	switch {
	case a.out.JSON:
		a.out.Value(rows)
	case len(rows) > 0:
		a.out.PrintLines(overview.Lines(rows, time.Now()))
	case unread == nil:
		a.out.Print("no model has a schedule, and this installation has made no version yet")
		a.out.Tell("make one: starter run --file request.yaml, or starter apply --file fleet.yaml")
	}
	if unread != nil {
		a.code = exit.Failed
		a.out.TellLines(words.Wrap(visible.Line("starter: "+unread.Sentence()), words.Width))
	}
	return nil
}
