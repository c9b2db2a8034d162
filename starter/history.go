package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

func (a *app) historyCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "Show the versions of a model and their word error rates",
		Long: `Show the versions of a model and their word error rates, newest first.

Read from the marks on the service's own objects, so it reaches back further
than Temporal remembers; deleted versions are gone.`,
		Example: "  starter history support-calls",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.history(cmd.Context(), f, args[0]) },
	}
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue)
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) history(ctx context.Context, f statusFlags, name string) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return named(err, name)
	}
	defer server.Close()
	row, err := a.observe(ctx, server, f.connection, name, first(f.taskQueue, workflows.DefaultTaskQueue))
	if err != nil {
		return named(err, name)
	}
	if a.asJSON {
		a.printValue(row)
		return nil
	}
	if len(row.Versions) == 0 {
		return named(newFailure(exitFailed, notFound, "the service has no version of %s that was made by this installation", name).
			next("check the name, and --task-queue and RETRAINER_OWNER of the worker"), name)
	}
	w := newTable("VERSION", "STATE", "WER", "AGAINST", "EXPIRES", "BASE")
	var below []string
	for _, v := range row.Versions {
		var rate, compared *float64
		if len(v.Tests) > 0 {
			rate, compared = v.Tests[0].WordErrorRate, v.Tests[0].Compared
		}
		w.AppendRow(table.Row{
			fit(clean(strings.TrimPrefix(v.DisplayName, name+" ")), 24), clean(string(v.State)), percent(rate), percent(compared), dateOf(v.ExpiresAt),
			fit(clean(first(v.BaseModel, v.BaseModelID)), 20),
		})
		line := v.ID
		if v.Verdict != "" {
			line += "  " + v.Verdict
		}
		below = append(below, line)
	}
	lines := strings.Split(w.Render(), "\n")
	fmt.Fprintln(a.Stdout, strings.TrimRight(lines[0], " "))
	for i, line := range lines[1:] {
		fmt.Fprintln(a.Stdout, strings.TrimRight(line, " "))
		fmt.Fprintln(a.Stdout, fit("  "+clean(below[i]), lineWidth))
	}
	return nil
}

type adoptFlags struct {
	connection connectionFlags
	output     outputFlags
	version    string
	by         string
	locale     string
	taskQueue  string
}

func (a *app) adoptCommand() *cobra.Command {
	var f adoptFlags
	cmd := &cobra.Command{
		Use:   "adopt NAME --version ID",
		Short: "Take over a version that was made in the portal",
		Long: `Take over a version that was made in the portal.

The version becomes the champion of the model and is renewed like one; the
champion before it is retired. No endpoint is changed. After a change of the
endpoint by hand this is how to keep it: adopt what it serves.`,
		Example: `  starter adopt support-calls --version c0c0a1b2-93f7-4a55-8d2a-0f4f2c3b1a90 \
    --locale en-US --by ann`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.adopt(cmd.Context(), f, args[0]) },
	}
	cmd.Flags().StringVar(&f.version, "version", "", "ID of the version (required)")
	cmd.Flags().StringVar(&f.by, "by", "", "Who decides (default: $USER)")
	cmd.Flags().StringVar(&f.locale, "locale", "", "Locale of the model, like en-US (default: that of its versions)")
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue)
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) adopt(ctx context.Context, f adoptFlags, name string) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	by := first(f.by, a.env("USER"))
	switch {
	case f.version == "":
		return named(refuse(lifecycle.InvalidRequest, "--version is required: the ID of the version to take over"), name)
	case by == "":
		return named(refuse(lifecycle.InvalidRequest, "--by is required: who decides ($USER is not set)"), name)
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return named(err, name)
	}
	defer server.Close()
	queue := first(f.taskQueue, workflows.DefaultTaskQueue)
	locale := f.locale
	if locale == "" {
		row, err := a.observe(ctx, server, f.connection, name, queue)
		if err != nil {
			return named(err, name)
		}
		if locale = row.Locale; locale == "" {
			return named(refuse(lifecycle.InvalidRequest, "--locale is required: %s has no version yet that tells it", name), name)
		}
	}
	run := &follower{app: a, server: server, connection: f.connection, id: workflows.AdoptID(name), name: name, locale: locale, taskQueue: queue}
	input := workflows.AdoptInput{Name: name, Locale: locale, VersionID: f.version, By: by}
	err = run.start(ctx, workflows.TypeAdopt, fmt.Sprintf("Take over version %s as %s", f.version, name), input)
	if err != nil {
		return named(err, name)
	}
	return a.finish(run.follow(ctx))
}
