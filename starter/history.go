package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

type historyFlags struct {
	connection connectionFlags
	taskQueue  string
	locale     string
}

func (a *app) historyCommand() *cobra.Command {
	var f historyFlags
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "Show the versions of a model and their word error rates",
		Long: `Show the versions of a model and their word error rates, newest first.

Read from the marks on the service's own objects, so it reaches back further
than Temporal remembers; deleted versions are gone.`,
		Example: "  starter history support-calls\n  starter history support-calls --locale de-DE --output json",
		Args:    cobra.ExactArgs(1),
		RunE:    onModel(func(ctx context.Context, name string) error { return a.history(ctx, f, name) }),
	}
	addLocale(cmd, &f.locale)
	addTaskQueue(cmd, &f.taskQueue, "")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) history(ctx context.Context, f historyFlags, name string) error {
	if err := refuseModel(name, f.locale); err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	row, err := server.Observe(ctx, name, f.locale, f.taskQueue)
	if err != nil {
		return err
	}
	if a.out.JSON {
		a.out.Value(row)
		return nil
	}
	if len(row.Versions) == 0 {
		return exit.New(exit.Failed, exit.NotFound, "the service has no version of %s that was made by this installation", words.Model(name, f.locale)).
			Next("check the name, and --task-queue and RETRAINER_OWNER of the worker")
	}
	w := table.New("VERSION", "STATE", "WER", "AGAINST", "EXPIRES", "BASE")
	var below [][]string
	for _, v := range row.Versions {
		var rate, compared *float64
		if len(v.Tests) > 0 {
			rate, compared = v.Tests[0].WordErrorRate, v.Tests[0].Compared
		}
		w.AppendRow(table.Row{
			words.Fit(visible.Line(strings.TrimPrefix(v.DisplayName, name+" ")), 19), visible.Line(string(v.State)),
			words.Rate(rate, "-"), words.Rate(compared, "-"), words.DayOf(v.ExpiresAt, "-"),
			words.Fit(visible.Line(cmp.Or(v.BaseModel, v.BaseModelID)), 17),
		})
		lines := []string{visible.Line(v.ID)}
		if v.Verdict != "" {
			lines = words.Wrap(visible.Line(v.ID+"  "+v.Verdict), words.Width-2)
		}
		below = append(below, lines)
	}
	a.out.Table(w, below)
	return nil
}
