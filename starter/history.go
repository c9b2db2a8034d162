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
	"speech-retrainer/workflows"
)

type historyFlags struct {
	connection connectionFlags
	output     outputFlags
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
		RunE:    func(cmd *cobra.Command, args []string) error { return a.history(cmd.Context(), f, args[0]) },
	}
	addLocale(cmd, &f.locale)
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue)
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) history(ctx context.Context, f historyFlags, name string) error {
	if err := f.output.choose(a.out); err != nil {
		return err
	}
	if err := refuseModel(name, f.locale); err != nil {
		return exit.Named(err, name)
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return exit.Named(err, name)
	}
	defer server.Close()
	row, err := server.Observe(ctx, name, f.locale, cmp.Or(f.taskQueue, workflows.DefaultTaskQueue))
	if err != nil {
		return exit.Named(err, name)
	}
	if a.out.JSON {
		a.out.Value(row)
		return nil
	}
	if len(row.Versions) == 0 {
		return exit.Named(exit.New(exit.Failed, exit.NotFound, "the service has no version of %s that was made by this installation", words.Model(name, f.locale)).
			Next("check the name, and --task-queue and RETRAINER_OWNER of the worker"), name)
	}
	w := table.New("VERSION", "STATE", "WER", "AGAINST", "EXPIRES", "BASE")
	var below [][]string
	for _, v := range row.Versions {
		var rate, compared *float64
		if len(v.Tests) > 0 {
			rate, compared = v.Tests[0].WordErrorRate, v.Tests[0].Compared
		}
		w.AppendRow(table.Row{
			words.Fit(visible.Line(strings.TrimPrefix(v.DisplayName, name+" ")), 19), visible.Line(string(v.State)), words.Rate(rate, "-"), words.Rate(compared, "-"), words.DayOf(v.ExpiresAt, "-"),
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
