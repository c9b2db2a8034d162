package workflows

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/lifecycle"
)

// renewDetails is the page of a check in Temporal's web UI.
func renewDetails(title string, r lifecycle.RenewReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s · %s\n\n%s\n\n", escape(title), escape(r.Outcome), escape(r.Reason))
	if r.RetrainRunID != nil {
		fmt.Fprintf(&b, "- retrain run %s\n", code(*r.RetrainRunID))
	}
	if r.NextCheck != nil {
		fmt.Fprintf(&b, "- by the passing of time alone the answer can next differ on %s\n", day(r.NextCheck))
	}
	detailAlarms(&b, r.Alarms)
	detailNotes(&b, r.Notes)
	return b.String()
}

// planDetails is the page of a plan in Temporal's web UI.
func planDetails(p lifecycle.Plan) string {
	var b strings.Builder
	state := "current"
	if p.Due {
		state = "due"
	}
	fmt.Fprintf(&b, "### %s · %s\n\n%s\n\nLead %s: %s\n\n", escape(p.Name), state, escape(p.Reason), p.Lead, escape(p.LeadReason))
	detailFailure(&b, p.Error)
	if c := p.Champion; c != nil {
		fmt.Fprintf(&b, "- serves now: %s %s, expires %s\n", escape(c.DisplayName), code(c.ID), day(c.ExpiresAt))
	}
	if m := p.BaseModel; m != nil {
		fmt.Fprintf(&b, "- base model **%s**%s: %s%s\n", escape(m.DisplayName), family(*m), escape(m.Reason), charged(m.Charged))
	}
	for _, d := range p.Datasets {
		fmt.Fprintf(&b, "- %s dataset %s (%s)\n", escape(d.Action), escape(d.Name), escape(d.Kind))
	}
	for _, t := range p.Tests {
		fmt.Fprintf(&b, "- test %s against %s; %s\n", escape(t.Name), escape(t.Against), escape(t.Limits))
	}
	if p.Endpoint != nil {
		fmt.Fprintf(&b, "- %s\n", escape(*p.Endpoint))
	}
	for _, d := range p.Deleted {
		fmt.Fprintf(&b, "- would delete %s %s: %s\n", escape(d.Kind), escape(d.DisplayName), escape(d.Reason))
	}
	fmt.Fprintf(&b, "- about %d requests\n", p.Requests)
	detailAlarms(&b, p.Alarms)
	detailNotes(&b, p.Notes)
	return b.String()
}

func charged(c *bool) string {
	switch {
	case c == nil:
		return "; the service does not say whether training is charged"
	case *c:
		return "; training from it is charged"
	}
	return "; training from it is not charged"
}

func detailAlarms(b *strings.Builder, alarms []lifecycle.Alarm) {
	for _, alarm := range alarms {
		fmt.Fprintf(b, "- **alarm** %s: %s\n", escape(alarm.Message), escape(alarm.Next))
	}
}

func detailNotes(b *strings.Builder, notes []string) {
	for _, n := range notes {
		fmt.Fprintf(b, "- note: %s\n", escape(n))
	}
}
