package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type reportFlags struct {
	connection connectionFlags
	output     outputFlags
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
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.report(cmd.Context(), f, args[0]) },
	}
	cmd.Flags().StringVar(&f.locale, "locale", "", "Locale of the model when the service is asked, like en-US (default: that of its versions)")
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue)
	f.output.add(cmd, outputMarkdown)
	f.connection.add(cmd)
	return cmd
}

func (a *app) report(ctx context.Context, f reportFlags, target string) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	id, name, err := parseTarget(target)
	if err == nil && f.locale != "" {
		err = refuseModel(name, f.locale)
	}
	if err != nil {
		return exit.Named(err, name)
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return exit.Named(err, name)
	}
	defer server.Close()
	run := &follower{session: server, name: name, locale: f.locale, id: id}
	report, err := run.remembered(ctx)
	if gone, is := errors.AsType[*exit.Failure](err); is && gone.Cause.Type == exit.NotFound && id == workflows.RetrainID(name) {
		report, err = reportOfMarks(ctx, run, cmp.Or(f.taskQueue, workflows.DefaultTaskQueue))
	}
	if err != nil {
		return exit.Named(err, name)
	}
	if f.output.format == outputMarkdown {
		return a.out.MarkdownReport(report)
	}
	a.out.Report(report)
	return nil
}

// remembered is the report of the latest run, as Temporal has it.
func (f *follower) remembered(ctx context.Context) (lifecycle.Report, error) {
	running, err := f.find(ctx)
	if err != nil {
		return lifecycle.Report{}, err
	}
	if !running {
		report, err := f.result(ctx)
		if err == nil && f.rolledBack(ctx) {
			report.Notes = append(report.Notes, "the model was rolled back since: see it with: "+f.hint("report", workflows.RollbackID(f.name)))
		}
		return report, err
	}
	report, err := f.query(ctx, slowTimeout)
	if ctx.Err() != nil {
		return report, f.interrupted(f.blank())
	}
	if err != nil {
		return report, f.left(f.unanswered(ctx, err), f.blank())
	}
	if report.Outcome == lifecycle.Running {
		report.Trouble = f.troubles(ctx, f.id, f.runID)
	}
	return report, nil
}

// rolledBack tells whether a rollback that began after this run has succeeded: then the report does not
// say what serves now. When that cannot be learnt, it does not.
func (f *follower) rolledBack(ctx context.Context) bool {
	started := func(id string) (time.Time, bool) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		described, err := f.DescribeWorkflowExecution(ctx, id, "")
		info := described.GetWorkflowExecutionInfo()
		return info.GetStartTime().AsTime(), err == nil && info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	}
	if f.id != workflows.RetrainID(f.name) {
		return false
	}
	rollback, done := started(workflows.RollbackID(f.name))
	if !done {
		return false
	}
	run, _ := started(f.id)
	return rollback.After(run)
}

// reportOfMarks is the report of a model's newest version, as the service remembers it.
func reportOfMarks(ctx context.Context, run *follower, taskQueue string) (lifecycle.Report, error) {
	run.out.Tell("Temporal has no run of %s: asking the Speech service, through a worker", run.name)
	row, err := run.observe(ctx, run.name, run.locale, taskQueue)
	if err != nil {
		return lifecycle.Report{}, err
	}
	report, ok := lifecycle.RowReport(row)
	if !ok {
		return report, exit.New(exit.Failed, exit.NotFound, "neither Temporal nor the Speech service knows a run of %s", words.Model(run.name, run.locale)).
			Next("start one with: starter run --file FILE")
	}
	return report, nil
}
