package screen

import (
	"cmp"
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// End writes the report of a run that was followed. Below a card stands, where people look first, how the run ended and
// why.
func (s *Screen) End(r lifecycle.Report) {
	if s.JSON {
		s.ReportValue(r)
		return
	}
	s.Print("")
	s.Report(r)
	p := s.Paint()
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
	fmt.Fprintf(s.Out, "\n%s\n", line)
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
		s.PrintLines(words.Wrap(visible.Line(text), words.Width))
	}
}
