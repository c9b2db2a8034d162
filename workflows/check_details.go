package workflows

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// renewDetails is the page of a check in Temporal's web UI.
func renewDetails(title string, r lifecycle.RenewReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s · %s\n\n%s\n\n", visible.Escape(title), visible.Escape(r.Outcome), visible.Escape(r.Reason))
	if r.RetrainRunID != nil {
		fmt.Fprintf(&b, "- retrain run %s\n", visible.Code(*r.RetrainRunID))
	}
	if r.NextCheck != nil {
		fmt.Fprintf(&b, "- by the passing of time alone the answer can next differ on %s\n", words.DayOf(r.NextCheck, "unknown"))
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
	fmt.Fprintf(&b, "### %s · %s\n\n%s\n\nLead %s: %s\n\n", visible.Escape(p.Name), state, visible.Escape(p.Reason), p.Lead, visible.Escape(p.LeadReason))
	detailFailure(&b, p.Error)
	detailMoney(&b, p)
	if c := p.Champion; c != nil {
		fmt.Fprintf(&b, "- serves now: %s %s, expires %s\n", visible.Escape(c.DisplayName), visible.Code(c.ID), words.DayOf(c.ExpiresAt, "unknown"))
	}
	if m := p.BaseModel; m != nil {
		fmt.Fprintf(&b, "- base model **%s**%s: %s%s\n", visible.Escape(m.DisplayName), family(*m), visible.Escape(m.Reason), charged(m.Charged))
	}
	for _, d := range p.Datasets {
		fmt.Fprintf(&b, "- %s dataset %s (%s)\n", visible.Escape(d.Action), visible.Escape(d.Name), visible.Escape(string(d.Kind)))
	}
	for _, t := range p.Tests {
		fmt.Fprintf(&b, "- test %s against %s; %s\n", visible.Escape(t.Name), visible.Escape(t.Against), visible.Escape(t.Limits))
		if text := words.PlannedShows(t); text != "" {
			fmt.Fprintf(&b, "  - %s\n", visible.Escape(text))
		}
	}
	if p.Endpoint != nil {
		fmt.Fprintf(&b, "- %s\n", visible.Escape(*p.Endpoint))
	}
	for _, d := range p.Deleted {
		fmt.Fprintf(&b, "- would delete %s %s: %s\n", visible.Escape(string(d.Kind)), visible.Escape(d.DisplayName), visible.Escape(d.Reason))
	}
	fmt.Fprintf(&b, "- about %d requests\n", p.Requests)
	detailAlarms(&b, p.Alarms)
	detailNotes(&b, p.Notes)
	return b.String()
}

// plansDetails is the page of several plans: a line each, and below it what the next retrain may cost.
func plansDetails(plans []lifecycle.Plan) string {
	var b strings.Builder
	due := 0
	for _, p := range plans {
		if p.Due {
			due++
		}
	}
	fmt.Fprintf(&b, "### %s, %d due\n\n", words.Count(len(plans), "plan"), due)
	for _, p := range plans {
		text := p.Reason
		if p.Error != nil {
			text = string(p.Error.Type) + ": " + p.Error.Message
		}
		fmt.Fprintf(&b, "- **%s**: %s\n", visible.Escape(p.Name), visible.Escape(text))
		for _, line := range words.PlanMoney(p) {
			fmt.Fprintf(&b, "  - %s\n", visible.Escape(line))
		}
	}
	return b.String()
}

// detailMoney shows when the next retrain comes, and what it may cost.
func detailMoney(b *strings.Builder, p lifecycle.Plan) {
	for _, line := range words.PlanMoney(p) {
		fmt.Fprintf(b, "- %s\n", visible.Escape(line))
	}
	if p.Estimate != nil && p.Prices != nil {
		fmt.Fprintf(b, "- %s\n", visible.Escape(p.Prices.String()))
	}
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
		fmt.Fprintf(b, "- **alarm** %s: %s\n", visible.Escape(alarm.Message), visible.Escape(alarm.Next))
	}
}

func detailNotes(b *strings.Builder, notes []string) {
	for _, n := range notes {
		fmt.Fprintf(b, "- note: %s\n", visible.Escape(n))
	}
}
