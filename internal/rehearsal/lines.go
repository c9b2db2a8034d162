package rehearsal

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Lines are one line of the timeline and its reason.
func (e Event) Lines() []string {
	line := fmt.Sprintf("%s  %-16s %-8s", words.Day(e.At), words.Fit(visible.Line(cmp.Or(e.Model, "-")), 16), visible.Line(e.What))
	if e.WER != nil {
		line += " WER " + words.Rate(e.WER, "-")
		if e.Compared != nil {
			line += " against " + words.Rate(e.Compared, "-")
		}
	}
	if e.ExpiresAt != nil {
		line += " until " + words.DayOf(e.ExpiresAt, "-")
	}
	why := e.Why
	if e.Base != "" {
		why += "; base " + e.Base
	}
	line = strings.TrimRight(words.Fit(line, words.Width), " ")
	return append([]string{line}, words.Hang(visible.Line(why), words.Width-12, 12, 12)...)
}

// Lines are a table of the models, and whether one ever expired.
func (r Result) Lines() []string {
	w := table.New("MODEL", "CHECKS", "RENEWED", "REJECTED", "FAILED", "ALARMS", "LEAST MARGIN")
	verdict := "no model ever expired while it served"
	for _, s := range r.Models {
		margin := "-"
		if s.LeastMargin != nil {
			margin = fmt.Sprintf("%d days", int(s.LeastMargin.Std()/(24*time.Hour)))
		}
		if s.Expired {
			margin = "EXPIRED"
			verdict = "a model expired while it served"
		}
		w.AppendRow(table.Row{words.Fit(visible.Line(s.Model), 20), s.Checks, s.Renewals, s.Rejected, s.Failed, s.Alarms, margin})
	}
	lines := append([]string{""}, table.Lines(w, nil)...)
	if len(r.Models) > 0 {
		lines = append(lines, "")
		lines = append(lines, words.Wrap(visible.Line(strings.Join(r.Models[0].Notes, "; ")), words.Width)...)
	}
	return append(lines, fmt.Sprintf("%s to %s: %s", words.Day(r.From), words.Day(r.To), verdict))
}
