package screen

import (
	"cmp"
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// End writes the report of a run that was followed. Below a card stands, where people look first, how the run ended and
// why; briefly that is all, with what there is to know of it.
func (s *Screen) End(r lifecycle.Report) {
	if s.JSON {
		s.ReportValue(r)
		return
	}
	if !s.Brief {
		s.Print("")
		s.Report(r)
		s.Print("")
	}
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
	fmt.Fprintln(s.Out, line)
	var why []string
	if r.Error != nil {
		why = append(why, fmt.Sprintf("%s: %s", r.Error.Type, r.Error.Message))
		if r.Error.Next != nil {
			why = append(why, "what to do: "+*r.Error.Next)
		}
	}
	if r.Verdict != nil {
		why = append(why, fmt.Sprintf("verdict %s: %s", r.Verdict.Result, r.Verdict.Reason))
	}
	if r.Approval != nil {
		why = append(why, fmt.Sprintf("%s by %s: %s", r.Approval.Answer, cmp.Or(r.Approval.By, "nobody"), r.Approval.Reason))
	}
	if s.Brief {
		why = append(why, known(r)...)
	}
	for _, text := range why {
		s.PrintLines(words.Wrap(visible.Line(text), words.Width))
	}
}

// known is what a card says that must be known in any case: which version is meant, and the notes.
func known(r lifecycle.Report) []string {
	var texts []string
	if v := r.Version; v != nil && r.Outcome == lifecycle.Succeeded {
		text := fmt.Sprintf("version %s (%s)", v.DisplayName, v.ID)
		if v.ExpiresAt != nil {
			text += ", expires " + words.Day(*v.ExpiresAt)
		}
		texts = append(texts, text)
	}
	for _, note := range r.Notes {
		texts = append(texts, "note: "+note)
	}
	return texts
}
