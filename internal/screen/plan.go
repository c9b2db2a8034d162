package screen

import (
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Plan writes one plan: a line and its reason, or all of it.
func (s *Screen) Plan(p lifecycle.Plan, whole bool) {
	state := "current"
	if p.Due {
		state = "due"
	}
	base := "-"
	if p.BaseModel != nil {
		base = p.BaseModel.DisplayName
	}
	expires := "nothing serves"
	if p.Champion != nil {
		expires = words.Expiry(p.Champion.ExpiresAt, p.ObservedAt)
	}
	s.Print("%-24s %-8s %-21s next check %s", words.Fit(visible.Line(p.Name), 24), state, expires, words.DayOf(p.NextCheck, "-"))
	lines := []string{p.Reason}
	for _, alarm := range p.Alarms {
		lines = append(lines, "ALARM "+alarm.Message+"; "+alarm.Next)
	}
	if e := p.Error; e != nil {
		lines = append(lines, fmt.Sprintf("a retrain would fail: %s: %s", e.Type, e.Message))
	}
	lines = append(lines, moneyLines(p)...)
	if whole {
		lines = append(lines, planLines(p, base)...)
	} else {
		lines = append(lines, fmt.Sprintf("base model %s; about %d requests of its own", base, p.Requests))
	}
	for _, line := range lines {
		s.PrintLines(words.Hang(visible.Line(line), words.Width-6, 2, 4))
	}
}

// planLines is the rest of a plan.
func planLines(p lifecycle.Plan, base string) []string {
	lines := []string{fmt.Sprintf("lead: %s = %s", p.Lead, p.LeadReason)}
	if p.RetrainRunID != nil {
		lines = append(lines, "a retrain goes on: "+*p.RetrainRunID)
	}
	if m := p.BaseModel; m != nil {
		charge := "the service does not say whether training is charged"
		if m.Charged != nil {
			charge = map[bool]string{true: "training is charged", false: "training is not charged"}[*m.Charged]
		}
		if m.Family != nil {
			base += " (family " + *m.Family + ")"
		}
		lines = append(lines, fmt.Sprintf("base model: %s, %s; %s", base, m.Reason, charge))
	}
	for i, r := range cutRefused(p.BaseModelsRefused) {
		if i == 0 {
			lines = append(lines, "base models refused:")
		}
		lines = append(lines, "- "+r.DisplayName+": "+r.Reason)
	}
	for _, d := range p.Datasets {
		line := fmt.Sprintf("data: %s %s (%s)", d.Action, d.Name, d.Kind)
		if d.Note != nil {
			line += ": " + *d.Note
		}
		lines = append(lines, line)
	}
	for _, t := range p.Tests {
		lines = append(lines, fmt.Sprintf("test: %s against %s; %s", t.Name, t.Against, t.Limits))
		if text := words.PlannedShows(t); text != "" {
			lines = append(lines, "- "+text+"; "+words.Dependent)
		}
	}
	if c := p.EqualFails; c != nil {
		lines = append(lines, words.EqualFails(len(p.Tests), *c, "what serves"))
	}
	if p.Endpoint != nil {
		lines = append(lines, *p.Endpoint)
	}
	for _, d := range p.Deleted {
		lines = append(lines, fmt.Sprintf("delete: %s %s: %s", d.Kind, d.DisplayName, d.Reason))
	}
	lines = append(lines, fmt.Sprintf("requests: about %d of its own", p.Requests))
	for _, n := range p.Notes {
		lines = append(lines, "note: "+n)
	}
	return lines
}
