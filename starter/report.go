package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type reportFlags struct {
	connection connectionFlags
	format     *string
	taskQueue  string
	locale     string
}

func (a *app) reportCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report NAME",
		Short: "Print the model card: the report of the latest run",
		Long: `Print the model card: the report of the latest run.

Ends with 0 however the run ended, and with 1 when there is no report. When
Temporal no longer has the run, the report is made of what the Speech service
itself remembers, and says so. NAME is the model's, or evaluate/NAME or
rollback/NAME for its latest test or rollback.`,
		Example: `  starter report support-calls
  starter report support-calls --output markdown > card.md
  starter report support-calls --output json`,
		RunE: onModel(func(ctx context.Context, target string) error { return a.report(ctx, f, target) }),
	}
	cmd.Flags().StringVar(&f.locale, "locale", "", "Locale of the model when the service is asked, like en-US (default: that of its versions)")
	addTaskQueue(cmd, &f.taskQueue, "")
	f.format = addOutput(cmd, a.out, outputMarkdown)
	f.connection.add(cmd)
	return cmd
}

func (a *app) report(ctx context.Context, f reportFlags, target string) error {
	id, name, err := follow.ParseTarget(target)
	if err == nil && f.locale != "" {
		err = refuseModel(name, f.locale)
	}
	if err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	run := &follow.Run{Session: server, Name: name, Locale: f.locale, ID: id}
	report, err := run.Remembered(ctx)
	if gone, is := errors.AsType[*exit.Failure](err); is && gone.Cause.Type == exit.NotFound && id == workflows.RetrainID(name) {
		report, err = reportOfMarks(ctx, run, f.taskQueue)
	} else {
		err = schedules.Meant(ctx, server, name, err)
	}
	if err != nil {
		return err
	}
	if *f.format == outputMarkdown {
		a.out.MarkdownReport(report)
		return nil
	}
	a.out.Report(report)
	return nil
}

// reportOfMarks is the report of a model's newest version, as the service remembers it.
func reportOfMarks(ctx context.Context, run *follow.Run, taskQueue string) (lifecycle.Report, error) {
	run.Screen.Tell("Temporal has no run of %s: asking the Speech service, through a worker", run.Name)
	row, err := run.Observe(ctx, run.Name, run.Locale, taskQueue)
	if err != nil {
		return lifecycle.Report{}, err
	}
	report, ok := lifecycle.RowReport(row)
	if !ok {
		unknown := exit.New(exit.Failed, exit.NotFound, "neither Temporal nor the Speech service knows a run of %s", words.Model(run.Name, run.Locale)).
			Next("start one with: starter run --file FILE")
		none, _ := noVersion(ctx, run.Session, run.Name, run.Locale, unknown)
		return report, none
	}
	err = addDates(ctx, run, row, &report)
	return report, err
}

// addDates adds to a report the dates of what serves, by the request of the model's schedule; without one they are not known.
func addDates(ctx context.Context, run *follow.Run, row lifecycle.Row, report *lifecycle.Report) error {
	scheduled, err := schedules.Standings(ctx, run.Session, []string{run.Name})
	if err != nil {
		return err
	}
	if of, there := scheduled[run.Name]; there && lifecycle.SameLocale(of.Locale, row.Locale) {
		if given, err := of.Given(); err == nil {
			if dates := row.Dates(given.Request); dates.Known() {
				report.Dates = &dates
			}
		}
	}
	return nil
}
