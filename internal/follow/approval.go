package follow

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// answerTimeout is how long a run may take to take an answer.
const answerTimeout = 30 * time.Second

// Candidate is the report of a run that waits for an answer. It says on stderr what the answer is about.
func (r *Run) Candidate(ctx context.Context) (lifecycle.Report, error) {
	report, err := r.query(ctx, slowTimeout)
	switch {
	case ctx.Err() != nil:
		return report, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: no answer was given")
	case err != nil:
		return report, r.unanswered(ctx, err).Next("start a worker, then answer again; no answer was given")
	case !asks(report) || report.Version == nil:
		stage := "its beginning"
		if report.Stage != nil {
			stage = "stage " + string(*report.Stage)
		}
		return report, exit.New(exit.Failed, exit.NotFound, "nothing waits for an answer: run %s of %s is in %s", r.RunID, r.ID, stage).
			Next("watch it with: %s", r.Hint("watch", r.Target()))
	}
	text := fmt.Sprintf("version %s (%s) waits for an answer%s", *report.WaitingFor.ID, report.Version.DisplayName, verdictOf(report))
	r.Screen.TellLines(words.Wrap(text, words.Width))
	return report, nil
}

// asks tells whether a run waits for a person.
func asks(r lifecycle.Report) bool {
	return r.WaitingFor != nil && r.WaitingFor.Kind == lifecycle.WaitsForApproval && r.WaitingFor.ID != nil
}

func verdictOf(r lifecycle.Report) string {
	if r.Verdict == nil {
		return ""
	}
	text := fmt.Sprintf("; the verdict is %s: %s", r.Verdict.Result, r.Verdict.Reason)
	if shows := words.TestsShow(r.Tests); shows != "" {
		text += "; " + shows
	}
	return text
}

// Decide gives an answer and waits until the run has taken it. The error is a *exit.Failure.
func (r *Run) Decide(ctx context.Context, update string, answer workflows.Answer) (*lifecycle.ApprovalReport, error) {
	call, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	taken := lifecycle.ApprovalReport{}
	handle, err := r.UpdateWorkflow(call, client.UpdateWorkflowOptions{
		WorkflowID: r.ID, RunID: r.RunID, UpdateName: update, Args: []any{answer}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(call, &taken)
	}
	if err == nil {
		return &taken, nil
	}
	look := fmt.Sprintf("see whether it was taken with: %s", r.Hint("watch", r.Target()))
	if refused, is := errors.AsType[*temporal.ApplicationError](err); is {
		return nil, exit.New(exit.Failed, lifecycle.InvalidRequest, "the answer was not taken: %s", refused.Message())
	}
	switch {
	case ctx.Err() != nil:
		return nil, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted before the run told whether it takes the answer").Next("%s", look)
	case Missing(err):
		return nil, exit.New(exit.Failed, exit.NotFound, "the answer was not taken: run %s of %s has ended", r.RunID, r.ID).
			Next("see how with: %s", r.Hint("watch", r.Target()))
	case call.Err() != nil:
		return nil, exit.New(exit.Failed, lifecycle.TimedOut, "the run did not take the answer within %s", answerTimeout).Next("%s", look)
	}
	return nil, r.Unreachable(err)
}

// plainWord is what a shell takes as one word.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9._@-]+$`)

// howToAnswer are the lines that tell a person what waits and how to answer.
func (r *Run) howToAnswer(report lifecycle.Report) []string {
	until := ""
	if report.WaitingFor.Deadline != nil {
		until = " until " + words.Moment(*report.WaitingFor.Deadline)
	}
	by := r.User
	if !plainWord.MatchString(by) {
		by = "NAME"
	}
	command := func(verb string) string {
		return "  " + r.Hint(verb, r.Target(), "--version", *report.WaitingFor.ID, "--by", by, "--reason", `"..."`)
	}
	text := fmt.Sprintf("version %s waits for an answer%s%s", *report.WaitingFor.ID, until, verdictOf(report))
	return append(words.Wrap(text, words.Width), "answer with one of:", command("approve"), command("reject"))
}
