package main

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/workflows"
)

type answerFlags struct {
	connection connectionFlags
	decision   decisionFlags
	version    string
}

func (a *app) approveCommand() *cobra.Command {
	return a.answerCommand(&cobra.Command{
		Use:   "approve NAME",
		Short: "Let the version that waits for an answer serve",
		Long: `Let the version that waits for an answer serve.

Answers the run of a model that waits for a person, and waits until the run has
taken the answer. Ends with 1 when the run does not take it: nothing waits,
another version does, or somebody has answered before.`,
		Example: `  starter approve support-calls --reason "better on the new terms"
  starter approve support-calls --by ann --reason "checked by hand" \
    --version b7b4e6c0-2a3f-4f7e-8f0e-5f6f3a1d9c22`,
	}, workflows.UpdateApprove)
}

func (a *app) rejectCommand() *cobra.Command {
	return a.answerCommand(&cobra.Command{
		Use:   "reject NAME",
		Short: "Do not let the version that waits for an answer serve",
		Long: `Do not let the version that waits for an answer serve.

Answers the run of a model that waits for a person, and waits until the run has
taken the answer; what serves now goes on to serve. Ends with 1 when the run
does not take it: nothing waits, another version does, or somebody has answered
before.`,
		Example: `  starter reject support-calls --reason "names of products are wrong"
  starter reject support-calls --by ann --reason "worse on names" --output json`,
	}, workflows.UpdateReject)
}

func (a *app) answerCommand(cmd *cobra.Command, update string) *cobra.Command {
	var f answerFlags
	cmd.RunE = onModel(func(ctx context.Context, name string) error { return a.answer(ctx, f, update, name) })
	f.decision.add(cmd)
	cmd.Flags().StringVar(&f.version, "version", "", "ID of the version that the answer is for (default: the one that waits)")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) answer(ctx context.Context, f answerFlags, update, name string) error {
	_, name, err := follow.ParseTarget(name)
	if err == nil {
		err = f.decision.complete(a.env("USER"))
	}
	if err != nil {
		return err
	}
	run, running, err := a.latestRun(ctx, f.connection, name)
	if err != nil {
		return err
	}
	defer run.Close()
	if !running {
		return exit.New(exit.Failed, exit.NotFound, "no run of %s goes on: nothing waits for an answer", name).
			Next("see how the latest ended with: %s", f.connection.Hint("watch", name))
	}
	report, err := run.Candidate(ctx)
	if err == nil {
		answer := workflows.Answer{By: f.decision.by, Reason: f.decision.reason, VersionID: cmp.Or(f.version, *report.WaitingFor.ID)}
		report.Approval, err = run.Decide(ctx, update, answer)
	}
	if err != nil {
		return err
	}
	report.WaitingFor = nil
	if a.out.JSON {
		a.out.ReportValue(report)
	} else {
		a.out.Print("%s: version %s of %s, by %s: %s",
			report.Approval.Answer, cmp.Or(f.version, report.Version.ID), name, report.Approval.By, report.Approval.Reason)
	}
	a.out.Tell("the run goes on; watch it with: %s", f.connection.Hint("watch", name))
	return nil
}
