package main

import (
	"cmp"
	"fmt"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

const leaveHint = "Ctrl-C stops watching, not the run"

// finish prints the final report of a followed run and sets the exit code by it.
func (a *app) finish(report lifecycle.Report, err error) error {
	if err != nil {
		return err
	}
	if a.out.JSON {
		a.out.Report(report)
	} else {
		a.out.Print("")
		a.out.Report(report)
		printEnd(a.out, report)
	}
	a.code = exit.CodeOf(report.Outcome)
	return nil
}

// printEnd writes below a card, where people look first, how the run ended and why.
func printEnd(out *screen.Screen, r lifecycle.Report) {
	p := out.Paint()
	colour := p.Bad
	switch r.Outcome {
	case lifecycle.Succeeded:
		colour = p.Good
	case lifecycle.Running, lifecycle.Skipped:
		colour = p.Busy
	}
	line := colour(visible.Line(string(r.Outcome)))
	if n := len(r.Stages); n > 0 && r.Stages[n-1].FinishedAt != nil {
		line += " after " + words.Elapsed(r.Stages[n-1].FinishedAt.Sub(r.Stages[0].StartedAt))
	}
	if id := r.WorkflowID; id != nil {
		line = visible.Line(*id) + ": " + line
	}
	fmt.Fprintf(out.Out, "\n%s\n", line)
	var why []string
	if r.Error != nil {
		why = append(why, fmt.Sprintf("%s: %s", r.Error.Type, r.Error.Message))
	}
	if r.Verdict != nil {
		why = append(why, fmt.Sprintf("verdict %s: %s", r.Verdict.Result, r.Verdict.Reason))
	}
	if r.Approval != nil {
		why = append(why, fmt.Sprintf("%s by %s: %s", r.Approval.Answer, cmp.Or(r.Approval.By, "nobody"), r.Approval.Reason))
	}
	for _, text := range why {
		out.PrintLines(words.Wrap(visible.Line(text), words.Width))
	}
}

// alreadyRuns refuses to start what goes on already: it may be about something else.
func alreadyRuns(run *follow.Run, what string) *exit.Failure {
	return exit.Refuse(lifecycle.InvalidRequest, "a %s of %s goes on already; nothing was started", what, run.Name).
		Next("watch it with: %s", run.Hint("watch", run.Target()))
}
