package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// answerTimeout is how long a run may take to take an answer.
const answerTimeout = 30 * time.Second

// waitsForApproval is the kind of waiting that a person ends (the contract's "Report").
const waitsForApproval = "approval"

// decisionFlags say who decides and why. Both are recorded in the report and on the version.
type decisionFlags struct {
	by, reason string
}

func (f *decisionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.by, "by", "", "Who decides (default: $USER)")
	cmd.Flags().StringVar(&f.reason, "reason", "", "Why; it is kept in the report and on the version (required)")
}

// complete fills in who decides, and refuses a decision without an author or a reason.
func (f *decisionFlags) complete(a *app) error {
	user, _ := a.Env.LookupEnv("USER")
	f.by, f.reason = strings.TrimSpace(cmp.Or(f.by, user)), strings.TrimSpace(f.reason)
	var missing []string
	if f.by == "" {
		missing = append(missing, "--by is required: who decides ($USER is not set)")
	}
	if f.reason == "" {
		missing = append(missing, "--reason is required: why")
	}
	if speech.HoldsSignedURL(f.by) || speech.HoldsSignedURL(f.reason) {
		missing = append(missing, "--by and --reason must hold no URL with a signature or a password: they are kept")
	}
	if len(missing) > 0 {
		return exit.Refuse(lifecycle.InvalidRequest, "%s", strings.Join(missing, "; "))
	}
	return nil
}

type answerFlags struct {
	connection connectionFlags
	output     outputFlags
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
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.answer(cmd.Context(), f, update, args[0]) }
	f.decision.add(cmd)
	cmd.Flags().StringVar(&f.version, "version", "", "ID of the version that the answer is for (default: the one that waits)")
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) answer(ctx context.Context, f answerFlags, update, name string) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	_, name, err := parseTarget(name)
	if err == nil {
		err = f.decision.complete(a)
	}
	if err != nil {
		return exit.Named(err, name)
	}
	run, running, err := a.latestRun(ctx, f.connection, name)
	if err != nil {
		return err
	}
	defer run.Close()
	if !running {
		return exit.Named(exit.New(exit.Failed, exit.NotFound, "no run of %s goes on: nothing waits for an answer", name).
			Next("see how the latest ended with: %s", f.connection.hint("watch", name)), name)
	}
	report, err := run.candidate(ctx)
	if err == nil {
		answer := workflows.Answer{By: f.decision.by, Reason: f.decision.reason, VersionID: cmp.Or(f.version, *report.WaitingFor.ID)}
		report.Approval, err = run.decide(ctx, update, answer)
	}
	if err != nil {
		return exit.Named(err, name)
	}
	report.WaitingFor = nil
	if a.out.JSON {
		a.out.ReportValue(report)
	} else {
		a.out.Print("%s: version %s of %s, by %s: %s",
			report.Approval.Answer, cmp.Or(f.version, report.Version.ID), name, report.Approval.By, report.Approval.Reason)
	}
	a.out.Tell("the run goes on; watch it with: %s", f.connection.hint("watch", name))
	return nil
}

// candidate is the report of a run that waits for an answer. It says on stderr what the answer is about.
func (f *follower) candidate(ctx context.Context) (lifecycle.Report, error) {
	report, err := f.query(ctx, slowTimeout)
	switch {
	case ctx.Err() != nil:
		return report, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: no answer was given")
	case err != nil:
		return report, f.unanswered(ctx, err).Next("start a worker, then answer again; no answer was given")
	case !asks(report) || report.Version == nil:
		stage := "its beginning"
		if report.Stage != nil {
			stage = "stage " + string(*report.Stage)
		}
		return report, exit.New(exit.Failed, exit.NotFound, "nothing waits for an answer: run %s of %s is in %s", f.runID, f.id, stage).
			Next("watch it with: %s", f.hint("watch", f.target()))
	}
	text := fmt.Sprintf("version %s (%s) waits for an answer%s", *report.WaitingFor.ID, report.Version.DisplayName, verdictOf(report))
	f.out.TellLines(words.Wrap(text, words.Width))
	return report, nil
}

// asks tells whether a run waits for a person.
func asks(r lifecycle.Report) bool {
	return r.WaitingFor != nil && r.WaitingFor.Kind == waitsForApproval && r.WaitingFor.ID != nil
}

func verdictOf(r lifecycle.Report) string {
	if r.Verdict == nil {
		return ""
	}
	return fmt.Sprintf("; the verdict is %s: %s", r.Verdict.Result, r.Verdict.Reason)
}

// unanswered is the failure to get an answer out of a run.
func (f *follower) unanswered(ctx context.Context, err error) *exit.Failure {
	if transient(err) && code(err) != codes.DeadlineExceeded {
		return f.unreachable(err)
	}
	why := exit.New(exit.Failed, lifecycle.Unavailable, "run %s of %s does not answer: %s", f.runID, f.id, err)
	long := silence{since: time.Now().Add(-stuckAfter), err: err}
	if line := f.explain(ctx, &long); line != "" {
		why.Cause.Message = line
	}
	return why
}

// decide gives an answer and waits until the run has taken it. The error is a *exit.Failure.
func (f *follower) decide(ctx context.Context, update string, answer workflows.Answer) (*lifecycle.ApprovalReport, error) {
	call, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	taken := lifecycle.ApprovalReport{}
	handle, err := f.UpdateWorkflow(call, client.UpdateWorkflowOptions{
		WorkflowID: f.id, RunID: f.runID, UpdateName: update, Args: []any{answer}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(call, &taken)
	}
	if err == nil {
		return &taken, nil
	}
	look := fmt.Sprintf("see whether it was taken with: %s", f.hint("watch", f.target()))
	if refused, is := errors.AsType[*temporal.ApplicationError](err); is {
		return nil, exit.New(exit.Failed, lifecycle.InvalidRequest, "the answer was not taken: %s", refused.Message())
	}
	switch {
	case ctx.Err() != nil:
		return nil, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted before the run told whether it takes the answer").Next("%s", look)
	case missing(err):
		return nil, exit.New(exit.Failed, exit.NotFound, "the answer was not taken: run %s of %s has ended", f.runID, f.id).
			Next("see how with: %s", f.hint("watch", f.target()))
	case call.Err() != nil:
		return nil, exit.New(exit.Failed, lifecycle.TimedOut, "the run did not take the answer within %s", answerTimeout).Next("%s", look)
	}
	return nil, f.unreachable(err)
}

// plainWord is what a shell takes as one word.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9._@-]+$`)

// howToAnswer are the lines that tell a person what waits and how to answer.
func (f *follower) howToAnswer(r lifecycle.Report) []string {
	until := ""
	if r.WaitingFor.Deadline != nil {
		until = " until " + words.Moment(*r.WaitingFor.Deadline)
	}
	by := f.user
	if !plainWord.MatchString(by) {
		by = "NAME"
	}
	command := func(verb string) string {
		return "  " + f.hint(verb, f.target(), "--version", *r.WaitingFor.ID, "--by", by, "--reason", `"..."`)
	}
	text := fmt.Sprintf("version %s waits for an answer%s%s", *r.WaitingFor.ID, until, verdictOf(r))
	return append(words.Wrap(text, words.Width), "answer with one of:", command("approve"), command("reject"))
}
