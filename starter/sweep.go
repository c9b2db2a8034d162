package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type sweepFlags struct {
	connection connectionFlags
	locale     string
	home       string
	yes        bool
	taskQueue  string
}

func (a *app) sweepCommand() *cobra.Command {
	var f sweepFlags
	cmd := &cobra.Command{
		Use:   "sweep NAME",
		Short: "Delete what canceled and terminated runs of a model left behind",
		Long: `Delete what canceled and terminated runs of a model left behind.

Runs the workflow sweep/<name>: it deletes versions and evaluations of runs that
ended without tidying up, waits for those that still train, and looks twice. A
canceled retrain starts it by itself. What serves, and what a run that goes on
has made, is never touched. Ctrl-C stops watching, not the sweep.

With --home it also clears what is unfinished of another home: a Temporal whose
namespace has this ID. A home that still runs needs what it has: name only one
that is lost for good. Its ID begins the mark sr.run of what it made.`,
		Example: `  starter sweep support-calls
  starter sweep support-calls --home 0f0b5d7c-9b51-4e0e-8d55-1f6f0a1c2b3d`,
	}
	cmd.RunE = onModel(func(ctx context.Context, name string) error {
		if cmd.Flags().Changed("home") && f.home == "" {
			return exit.Refuse(lifecycle.InvalidRequest, "--home must be the ID of the home that is lost")
		}
		return a.sweep(ctx, f, name)
	})
	addLocale(cmd, &f.locale, ", else of its schedule")
	cmd.Flags().StringVar(&f.home, "home", "", "ID of another home that is lost: clear what is unfinished of it, too, after a question")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "Clear it without a question")
	addTaskQueue(cmd, &f.taskQueue, "")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) sweep(ctx context.Context, f sweepFlags, name string) error {
	if err := refuseModel(name, f.locale); err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	locale, err := localeOf(ctx, server, name, f.locale, f.taskQueue,
		exit.Refuse(exit.NotFound, "--locale is required: %s has no version and no schedule that tells its locale", name))
	if err != nil {
		return err
	}
	run := server.Sweeper(name, locale, f.taskQueue)
	if f.home != "" {
		a.out.TellWrapped(fmt.Sprintf("--home %s deletes the versions of %s that runs of that home have not finished, and their evaluations: "+
			"what trains there, and what waits for an answer. That home must be lost for good: one that still runs loses its work, "+
			"and its trainings are paid for again.", f.home, words.Model(name, run.Locale)))
		if err := a.out.Confirm(ctx, f.yes, fmt.Sprintf("clear what home %s left unfinished of %s?", f.home, words.Model(name, run.Locale))); err != nil {
			return err
		}
	}
	if err := run.BeginSweep(ctx, workflows.SweepInput{Name: name, Locale: run.Locale, Home: f.home}); err != nil {
		return err
	}
	a.out.Tell(leaveHint)
	swept, err := run.Swept(ctx)
	if err != nil {
		return err
	}
	printSwept(a.out, run, swept)
	if len(swept.Deleted)+len(swept.Waiting) == 0 {
		a.hintName(ctx, server, name)
	}
	return nil
}

// sweptJSON is a sweep for machines.
type sweptJSON struct {
	WorkflowID string               `json:"workflowId"`
	RunID      string               `json:"runId"`
	Deleted    []lifecycle.Disposed `json:"deleted"`
	Waiting    []lifecycle.Disposed `json:"waiting"`
}

func printSwept(out *screen.Screen, run *follow.Run, swept workflows.SweepReport) {
	screen.Present(&swept.Deleted)
	screen.Present(&swept.Waiting)
	if out.JSON {
		out.Value(sweptJSON{WorkflowID: run.ID, RunID: run.RunID, Deleted: swept.Deleted, Waiting: swept.Waiting})
		return
	}
	out.Disposed("deleted", swept.Deleted)
	out.Disposed("left", swept.Waiting)
	line := fmt.Sprintf("%d deleted, %d left", len(swept.Deleted), len(swept.Waiting))
	if len(swept.Deleted)+len(swept.Waiting) == 0 {
		line = "nothing was left behind"
	}
	out.Print("%s: %s", run.ID, line)
}
