package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type statusFlags struct {
	connection connectionFlags
	output     outputFlags
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
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue+", for models without a schedule")
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) status(ctx context.Context, f statusFlags, names []string) error {
	if err := f.output.choose(a.out); err != nil {
		return err
	}
	for _, name := range names {
		if err := refuseModel(name, ""); err != nil {
			return exit.Named(err, name)
		}
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	fallback := cmp.Or(f.taskQueue, workflows.DefaultTaskQueue)
	if len(names) == 0 {
		if names, err = knownModels(ctx, server); err != nil {
			return err
		}
	}
	known, err := readSchedules(ctx, server, names, fallback)
	if err != nil {
		return err
	}
	running, err := runningRetrains(ctx, server)
	if err != nil {
		return err
	}
	rows, unread := observeAll(ctx, server, names, known, fallback)
	blind, is := errors.AsType[*exit.Failure](unread)
	if unread != nil && (!is || blind.Code != exit.Failed) {
		return unread
	}
	if unread != nil {
		// What Temporal knows is shown all the same: now it matters most.
		rows = withUnread(rows, names, running)
	}
	rows = withScheduled(rows, known)
	out := make([]statusRow, len(rows))
	var group errgroup.Group
	group.SetLimit(describedAtOnce)
	for i, row := range rows {
		on, of := running[row.Name], known[row.Name]
		// A name has one schedule and one retrain, of one locale.
		if !oneLocale(row.Locale, cmp.Or(on.locale, of.locale)) {
			on = ongoing{}
		}
		if !oneLocale(row.Locale, of.locale) {
			of = scheduled{}
		}
		out[i] = newStatusRow(row, of, on.runID)
		out[i].several = i > 0 && rows[i-1].Name == row.Name || i+1 < len(rows) && rows[i+1].Name == row.Name
		out[i].Stage = lifecycle.Text(on.stage)
		if on.runID != "" {
			group.Go(func() error {
				out[i].Trouble = server.Troubles(ctx, workflows.RetrainID(row.Name), on.runID)
				return nil
			})
		}
	}
	_ = group.Wait()
	if len(out) > 0 || unread == nil || a.out.JSON {
		printStatus(a.out, out)
	}
	if unread != nil {
		a.code = exit.Failed
		a.out.TellLines(words.Wrap(visible.Line("starter: "+blind.Sentence()), words.Width))
	}
	return nil
}
