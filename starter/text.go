package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/mattn/go-runewidth"

	"speech-retrainer/internal/lifecycle"
)

// mostRefused is how many refused base models are listed: a locale can have dozens of old ones.
const mostRefused = 8

// labelWidth is the column at which the values of a report begin.
const labelWidth = 13

// sheet writes a report for people: labels at the left, values wrapped at their right.
type sheet struct {
	out   io.Writer
	paint paint
}

// row writes text under label; further lines, and rows with an empty label, stand below it.
func (s sheet) row(label, text string) { s.hang(label, "", text) }

// hang is row with a mark before the text; the lines that follow are indented past the mark.
func (s sheet) hang(label, mark, text string) {
	for i, line := range lines(text, lineWidth-labelWidth-runewidth.StringWidth(mark)) {
		if i > 0 {
			label, mark = "", strings.Repeat(" ", runewidth.StringWidth(mark))
		}
		fmt.Fprintln(s.out, strings.TrimRight(fmt.Sprintf("%-*s%s%s", labelWidth, label, mark, line), " "))
	}
}

// command finds a command line in a sentence: after a colon, up to a semicolon or the end.
var command = regexp.MustCompile(`: (?:temporal|starter) [^;]*`)

// lines wraps text, but keeps a command whole on a line of its own, so that it can be copied.
func lines(text string, width int) []string {
	found := command.FindStringIndex(text)
	if found == nil {
		return wrap(text, width)
	}
	all := append(wrap(text[:found[0]+1], width), strings.TrimSpace(text[found[0]+2:found[1]]))
	if rest := strings.TrimLeft(text[found[1]:], "; "); rest != "" {
		all = append(all, lines(rest, width)...)
	}
	return all
}

// list writes one row for each text, the first beside label.
func (s sheet) list(label string, texts []string) {
	for i, text := range texts {
		if i > 0 {
			label = ""
		}
		s.hang(label, "- ", text)
	}
}

func (s sheet) blank() { fmt.Fprintln(s.out) }

// writeReport prints a cleaned report in words. Only an ID, a URL or a command can be wider than 80 columns.
func writeReport(out io.Writer, r lifecycle.Report, p paint) {
	s := sheet{out: out, paint: p}
	s.headline(r)
	s.failure(r.Error)
	s.version(r.Version)
	s.base(r)
	s.datasets(r.Datasets)
	if r.Champion != nil {
		s.row("Before it", r.Champion.DisplayName+" ("+r.Champion.ID+"), "+expiry(r.Champion.ExpiresAt))
	}
	if r.Verdict != nil {
		s.row("Verdict", fmt.Sprintf("%s: %s", r.Verdict.Result, r.Verdict.Reason))
	}
	if r.Approval != nil {
		s.row("Approval", fmt.Sprintf("%s by %s at %s: %s", r.Approval.Answer, r.Approval.By, moment(r.Approval.At), r.Approval.Reason))
	}
	s.disposed("Kept", r.Kept)
	s.disposed("Deleted", r.Deleted)
	s.list("Notes", r.Notes)
	s.place(r)
}

func (s sheet) headline(r lifecycle.Report) {
	subject := "the request"
	if r.Name != "" {
		subject = r.Name
	}
	if r.Locale != "" {
		subject += " (" + r.Locale + ")"
	}
	colour := s.paint.bad
	switch r.Outcome {
	case lifecycle.Succeeded:
		colour = s.paint.good
	case lifecycle.Running, lifecycle.Skipped:
		colour = s.paint.busy
	}
	line := fmt.Sprintf("Retrain of %s: %s", subject, colour(string(r.Outcome)))
	if took, known := duration(r); known {
		line += " after " + took
	}
	s.blank()
	fmt.Fprintln(s.out, line)
	s.blank()
}

// duration is from the first stage's beginning to the last one's end.
func duration(r lifecycle.Report) (string, bool) {
	if len(r.Stages) == 0 || r.Stages[len(r.Stages)-1].FinishedAt == nil {
		return "", false
	}
	return elapsed(r.Stages[len(r.Stages)-1].FinishedAt.Sub(r.Stages[0].StartedAt)), true
}

func (s sheet) version(v *lifecycle.VersionReport) {
	if v == nil {
		return
	}
	s.row("Version", v.DisplayName)
	s.row("", v.ID)
	facts := fmt.Sprintf("status %s, marked %s", v.Status, v.State)
	if v.ExpiresAt != nil || v.Status == "Succeeded" {
		facts += ", " + expiry(v.ExpiresAt)
	}
	s.row("", facts)
}

func (s sheet) base(r lifecycle.Report) {
	if b := r.BaseModel; b != nil {
		s.row("Base model", b.DisplayName)
		s.row("", b.ID)
		s.row("", b.Reason)
		// Until when it can be trained from stands in the reason.
		if b.Charged != nil {
			s.row("", map[bool]string{true: "training from it is charged", false: "training from it is free"}[*b.Charged])
		}
	}
	refused := r.BaseModelsRefused
	if len(refused) == 0 && r.Error != nil {
		refused = r.Error.Refused
	}
	var texts []string
	for i, base := range refused {
		if i == mostRefused {
			texts = append(texts, fmt.Sprintf("%d more: see them with --output json", len(refused)-i))
			break
		}
		texts = append(texts, first(base.DisplayName, base.ID)+": "+base.Reason)
	}
	s.list("Refused", texts)
}

func (s sheet) datasets(datasets []lifecycle.DatasetReport) {
	var texts []string
	for _, d := range datasets {
		facts := []string{d.Kind, map[bool]string{true: "created by this run", false: "already there"}[d.Created]}
		if d.Accepted != nil {
			facts = append(facts, count(*d.Accepted, "line")+" accepted")
		}
		if d.Rejected != nil {
			facts = append(facts, fmt.Sprintf("%d rejected", *d.Rejected))
		}
		texts = append(texts, d.DisplayName+": "+strings.Join(facts, ", "))
	}
	s.list("Data", texts)
}

func (s sheet) disposed(label string, objects []lifecycle.Disposed) {
	var texts []string
	for _, o := range objects {
		texts = append(texts, fmt.Sprintf("%s %s (%s): %s", o.Kind, o.DisplayName, o.ID, o.Reason))
	}
	s.list(label, texts)
}

func (s sheet) failure(f *lifecycle.Failure) {
	if f == nil {
		return
	}
	s.row("Error", string(f.Type))
	var problems []string
	for _, p := range f.Problems {
		problems = append(problems, p.String())
	}
	if len(problems) == 0 {
		s.row("", f.Message)
	} else {
		s.list("", problems)
	}
	if f.Object != nil {
		s.row("Object", *f.Object)
	}
	if f.Code != nil {
		s.row("Service says", *f.Code)
	}
	if f.Next != nil {
		s.row("What to do", *f.Next)
	}
}

func (s sheet) place(r lifecycle.Report) {
	if r.Resource != nil {
		s.row("Resource", *r.Resource)
	}
	if r.ProjectID != nil {
		s.row("Project", *r.ProjectID)
	}
	if r.WorkflowID != nil && r.RunID != nil {
		s.row("Run", *r.WorkflowID+", "+*r.RunID)
	}
}
