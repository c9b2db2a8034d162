package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
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

// scheduled is what Temporal knows of a model's schedule.
type scheduled struct {
	queue string
	// locale is that of its request; empty when that is not known.
	locale string
	next   *time.Time
	paused bool
}

func (a *app) status(ctx context.Context, f statusFlags, names []string) error {
	if err := a.setOutput(f.output); err != nil {
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

// knownModels are the names of those that have a schedule. One that somebody made by hand for what can be no
// model's name is left out: asked for, it would spoil the answer for all others.
func knownModels(ctx context.Context, s follow.Session) ([]string, error) {
	names, err := scheduledModels(ctx, s)
	return slices.DeleteFunc(names, func(name string) bool { return refuseModel(name, "") != nil }), err
}

// refuseModel holds a name, and a locale unless it is empty, to the rules of a request.
func refuseModel(name, locale string) error {
	raw, err := json.Marshal(map[string]string{"name": name, "locale": locale})
	if err != nil {
		return err
	}
	_, problems := workflows.DecodeRequest(raw)
	for _, p := range problems {
		switch {
		case p.Path == "name":
			return exit.Refuse(lifecycle.InvalidRequest, "NAME %s, not %q", p.Message, name)
		case p.Path == "locale" && locale != "":
			return exit.Refuse(lifecycle.InvalidRequest, "--locale %s, not %q", p.Message, locale)
		}
	}
	return nil
}

// readSchedules reads the schedules of models; one without a schedule is observed on the fallback queue.
func readSchedules(ctx context.Context, s follow.Session, names []string, fallback string) (map[string]scheduled, error) {
	all, err := describeSchedules(ctx, s, names)
	if err != nil {
		return nil, err
	}
	known := map[string]scheduled{}
	for _, name := range names {
		d, there := all[name]
		if !there {
			known[name] = scheduled{queue: fallback}
			continue
		}
		of := fleet.NewStanding(name, d)
		one := scheduled{queue: cmp.Or(of.TaskQueue, fallback), locale: of.Locale, paused: of.Paused}
		if next := d.Info.NextActionTimes; len(next) > 0 && !of.Paused {
			one.next = &next[0]
		}
		known[name] = one
	}
	return known, nil
}
