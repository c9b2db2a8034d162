package words

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/lifecycle"
)

// PlanMoney are when the next retrain comes, what it would take, and what it may cost, a line each: the same on a screen and on the page
// of a plan in Temporal's web UI.
func PlanMoney(p lifecycle.Plan) []string {
	var lines []string
	if text := Dates(p.Dates); text != "" {
		if p.Spread != "" {
			text += fmt.Sprintf(" (lead %s, %s)", p.Lead, p.Spread)
		}
		lines = append(lines, text)
	}
	if h := p.Held; h != nil && !strings.Contains(p.Reason, h.Reason) {
		lines = append(lines, fmt.Sprintf("waits until %s: %s", Day(h.Until), h.Reason))
	}
	if t := p.Takes; t != nil {
		lines = append(lines, fmt.Sprintf("the next retrain takes %s, trained on %s from %s, %s: %s", t.DisplayName, DayOf(t.TrainedAt, "an unknown day"),
			t.BaseModel, t.State, t.Reason))
	}
	if e := p.Estimate; e != nil {
		when := "when there is a reason"
		if at := p.NextRetrainAt; at != nil {
			when = Day(*at)
			if !at.After(p.ObservedAt) {
				when = "now"
			}
		}
		formula := e.Formula
		if p.Prices != nil {
			formula = strings.TrimSuffix(formula, "; "+p.Prices.Source) // the prices are said once for all
		}
		lines = append(lines, fmt.Sprintf("next retrain %s, %s", when, formula))
	}
	return lines
}
