package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

type statusFlags struct {
	connection connectionFlags
	taskQueue  string
	watch      bool
	every      time.Duration
}

// Paces of a status that is watched: each look asks Temporal and the workers anew.
const (
	watchEvery = 10 * time.Second
	mostOften  = 2 * time.Second
)

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "Show what needs a person, and what serves until when",
		Long: `Show what needs a person, and what serves until when.

Without names: all models of this installation: those that have a schedule,
those whose versions are on the Speech resources, and those that are retrained
now. Each task queue is asked that a schedule or a running retrain names, and
that of --task-queue. A name that has versions in several locales has a line for
each: they are different models.

What needs a person comes first, with the commands to copy: NOW is for what has
happened, waits for an answer, or ends within 14 days; SOON for what will; NOTE
needs nobody yet. Everything is read anew from the service and from Temporal.
While the service cannot be read, what Temporal knows is shown.

Ends with 6 when something needs a person (NOW or SOON), with 2 when nothing is
known of a name, with 1 when the service could not be read, whatever else, and
with 5 when Temporal cannot be reached.
With --watch it is shown again and again until Ctrl-C (130): on a terminal in
place, else one after the other.`,
		Example: `  starter status
  starter status support-calls field-service --output json
  starter status --watch --every 1m`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.status(cmd.Context(), f, args) },
	}
	addTaskQueue(cmd, &f.taskQueue, ", for models without a schedule")
	addOutput(cmd, a.out)
	cmd.Flags().BoolVar(&f.watch, "watch", false, "Show it again and again until Ctrl-C")
	cmd.Flags().DurationVar(&f.every, "every", watchEvery, "How long --watch waits between two looks")
	before(cmd, func() error {
		switch {
		case f.watch && a.out.JSON:
			return exit.Refuse(lifecycle.InvalidRequest, "--watch is for people: --output json prints one document; call it again instead")
		case cmd.Flags().Changed("every") && !f.watch:
			return exit.Refuse(lifecycle.InvalidRequest, "--every is the pace of --watch")
		case f.every < mostOften:
			return exit.Refuse(lifecycle.InvalidRequest, "--every must be at least %s, not %s", mostOften, f.every)
		}
		return nil
	})
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
		return a.noRows(err)
	}
	defer server.Close()
	rows, unread, err := overview.Read(ctx, server, names, f.taskQueue)
	if err != nil {
		return a.noRows(err)
	}
	unknown := unknownNames(ctx, server, names, rows)
	if unknown != nil && !slices.ContainsFunc(rows, func(r overview.Row) bool { return !r.Unknown() }) {
		return unknown
	}
	if !f.watch {
		a.showStatus(rows, unread)
		if unknown != nil {
			a.out.TellLines(words.Wrap(visible.Line("starter: "+unknown.Sentence()), words.Width))
			if a.code != exit.Failed {
				a.code = exit.Refused
			}
		}
		return nil
	}
	return a.watchStatus(ctx, server, f, names, rows, unread)
}

// unknownNames is the refusal of those of the names of which nobody knows anything, with the models that were probably meant; nil when
// there is none.
func unknownNames(ctx context.Context, s follow.Session, names []string, rows []overview.Row) *exit.Failure {
	known := func(name string) bool {
		return slices.ContainsFunc(rows, func(r overview.Row) bool { return r.Model == name && !r.Unknown() })
	}
	unknown := slices.DeleteFunc(slices.Clone(names), known)
	if len(unknown) == 0 {
		return nil
	}
	scheduled, _ := schedules.Models(ctx, s) // without them nothing is guessed
	unknown = slices.DeleteFunc(unknown, func(name string) bool { return slices.Contains(scheduled, name) })
	if len(unknown) == 0 {
		return nil
	}
	var near []string
	for _, name := range unknown {
		if n := meant.Nearest(name, scheduled); n != "" && !slices.Contains(near, n) {
			near = append(near, n)
		}
	}
	refused := exit.Refuse(exit.NotFound, "nothing is known of %s: neither a version nor a schedule", strings.Join(unknown, ", "))
	const check = "check the name, and --task-queue"
	if len(near) == 0 {
		return refused.Next(check)
	}
	return refused.Next("did you mean %s? Else %s", strings.Join(near, ", "), check)
}

// noRows ends with the failure to learn anything. For machines the list keeps its shape, and is empty; what is refused before
// anything was asked prints a report as everywhere.
func (a *app) noRows(err error) error {
	f := exit.As(err)
	if !a.out.JSON || f.Code == exit.Refused {
		return err
	}
	a.out.Value([]overview.Row{})
	a.out.TellFitting("starter: " + f.Sentence())
	a.code = f.Code
	return nil
}

// showStatus shows one look, and sets the exit code that it comes to.
func (a *app) showStatus(rows []overview.Row, unread *exit.Failure) {
	a.code = exit.Done
	if slices.ContainsFunc(rows, func(r overview.Row) bool { return lifecycle.NeedsPerson(r.Needs) }) {
		a.code = exit.Needed
	}
	switch {
	case a.out.JSON:
		a.out.Value(rows)
	case len(rows) > 0:
		a.printOverview(overview.Lines(rows, time.Now()))
	case unread == nil:
		a.out.Print("no model has a schedule, and this installation has made no version yet")
		a.out.Tell("make one: starter run --file request.yaml, or starter apply --file fleet.yaml")
	}
	if unread != nil {
		a.code = exit.Failed
		a.out.TellLines(words.Wrap(visible.Line("starter: "+unread.Sentence()), words.Width))
	}
}

// printOverview prints lines, each coloured by its urgency.
func (a *app) printOverview(lines []overview.Line) {
	for _, line := range lines {
		a.out.PrintPainted(paintOf(line.Urgency), line.Text)
	}
}

// paintOf is how something of an urgency is coloured.
func paintOf(u lifecycle.Urgency) func(screen.Paint, string) string {
	switch u {
	case lifecycle.UrgencyNow:
		return screen.Paint.Bad
	case lifecycle.UrgencySoon:
		return screen.Paint.Warn
	}
	return func(_ screen.Paint, text string) string { return text }
}

// watchStatus shows looks until ctx ends, the first of them at hand. A look that fails is told, and the next one tried.
func (a *app) watchStatus(ctx context.Context, s follow.Session, f statusFlags, names []string, rows []overview.Row, unread *exit.Failure) error {
	var failed error
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	for {
		a.out.Restart()
		a.out.Print("%s, every %s until Ctrl-C", words.Second(time.Now()), words.Elapsed(f.every))
		if failed != nil {
			a.out.TellFitting("starter: " + exit.As(failed).Sentence())
		} else {
			a.showStatus(rows, unread)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
			rows, unread, failed = overview.Read(ctx, s, names, f.taskQueue)
		}
		if ctx.Err() != nil || a.out.Broken() != nil {
			a.code = exit.Interrupted
			return nil
		}
	}
}
