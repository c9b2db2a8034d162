package screen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"speech-retrainer/internal/card"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Value writes one result as JSON. It panics when value cannot be JSON.
func (s *Screen) Value(value any) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		panic("value that is not JSON: " + err.Error())
	}
	fmt.Fprint(s.Out, visible.Escaped(buffer.String()))
}

// ReportValue writes one report as JSON with every list present.
func (s *Screen) ReportValue(report lifecycle.Report) {
	complete(&report)
	s.Value(report)
}

// Report writes a report in the form asked for: JSON, or the model card.
func (s *Screen) Report(report lifecycle.Report) {
	if s.JSON {
		s.ReportValue(report)
		return
	}
	width := words.Width
	if s.OutTerminal {
		if columns := s.Columns(); columns > 0 {
			width = min(width, columns)
		}
	}
	report.BaseModelsRefused = cutRefused(report.BaseModelsRefused)
	if f := report.Error; f != nil {
		short := *f
		short.Refused = cutRefused(f.Refused)
		report.Error = &short
	}
	fmt.Fprint(s.Out, card.Text(report, width))
}

// MarkdownReport writes the model card of a report as a document.
func (s *Screen) MarkdownReport(report lifecycle.Report) {
	fmt.Fprintln(s.Out, strings.TrimRight(card.Markdown(report), "\n"))
}

// Table writes a table with the lines that belong below each of its rows.
func (s *Screen) Table(w table.Writer, below [][]string) { s.PrintLines(table.Lines(w, below)) }

// Disposed writes what was done with objects: each with its ID, to be looked up, and why.
func (s *Screen) Disposed(what string, all []lifecycle.Disposed) {
	for _, d := range all {
		text := visible.Line(fmt.Sprintf("%s %s %s: %s", what, d.Kind, d.DisplayName, d.Reason))
		s.PrintLines(words.Hang(text, words.Width-2, 0, 2))
		s.Print("  %s", d.ID)
	}
}

// MostRefused is how many refused base models are shown: a locale can have dozens of old ones.
const MostRefused = 8

// cutRefused leaves those that are shown, and says how many are not.
func cutRefused(all []lifecycle.Refusal) []lifecycle.Refusal {
	if len(all) <= MostRefused {
		return all
	}
	more := lifecycle.Refusal{DisplayName: fmt.Sprintf("%d more", len(all)-MostRefused), Reason: "see them with --output json"}
	return append(slices.Clone(all[:MostRefused]), more)
}

// complete gives an absent list its empty form: the contract has no null lists, and a report may come
// from a worker of another release.
func complete(r *lifecycle.Report) {
	Present(&r.Stages)
	Present(&r.BaseModelsRefused)
	Present(&r.Datasets)
	Present(&r.Tests)
	Present(&r.Inspections)
	Present(&r.Kept)
	Present(&r.Deleted)
	Present(&r.Notes)
	Present(&r.Trouble)
	if r.Error != nil {
		Present(&r.Error.Problems)
	}
}

// Present gives an absent list its empty form, since JSON for machines has no null lists.
func Present[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
