package workflows

import (
	"testing"
	"time"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/lifecycle"
)

// TestCheckDetails holds the pages of a check and a plan in the web UI to golden files.
func TestCheckDetails(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	alarms := []lifecycle.Alarm{{
		Key: "expiring-30-2026-12-20", Kind: "expiring", Message: "desk 2026-01-01 |bb| expires on 2026-12-20, in 28 days, and nothing has taken its place yet",
		Next: "what will be done and when: starter plan",
	}}
	bundle.Golden(t, "details-renew.md", renewDetails("Desk", lifecycle.RenewReport{
		Outcome: RenewSkipped, Due: true, Reason: "the champion expires on 2026-12-20, in 28 days: within the lead of 41 days",
		RetrainRunID: lifecycle.Ptr("run-1"), Alarms: alarms, Notes: []string{"a retrain is running: run-1"},
	}))
	plan := lifecycle.Plan{
		Name: "desk", Reason: "current: the champion expires on 2027-12-20", NextCheck: lifecycle.Ptr(at.AddDate(1, 0, 0)),
		Lead: lifecycle.Duration(41 * lifecycle.Day), LeadReason: "7d + 1d + 3d + 30d",
		Champion:  &lifecycle.ChampionReport{ID: "v1", DisplayName: "desk 2026-01-01 bb", ExpiresAt: lifecycle.Ptr(at.AddDate(1, 1, 0))},
		BaseModel: &lifecycle.BaseReport{DisplayName: "20261103", Reason: "newest of 3", Charged: lifecycle.Ptr(true)},
		Datasets:  []lifecycle.PlannedData{{Name: "text", Kind: "Language", Action: lifecycle.ActionReuse}},
		Tests:     []lifecycle.PlannedTest{{Name: "calls", Against: "the champion desk", Limits: "at most 1.0 points worse"}},
		Endpoint:  lifecycle.Ptr(`endpoint "Desk" would change`), Deleted: []lifecycle.Disposed{{Kind: "model", DisplayName: "desk old", Reason: "it was champion"}},
		Requests: 41, Alarms: alarms, Notes: []string{"one note"},
	}
	plan.ObservedAt = at
	prices := lifecycle.Prices{Currency: "EUR", TrainingHour: lifecycle.Ptr(10.0)}.List()
	plan.PlannedMoney = lifecycle.PlannedMoney{
		NextRetrainAt: lifecycle.Ptr(at.AddDate(0, 11, 0)), Prices: &prices,
		Estimate: &lifecycle.Cost{Amount: 55, Currency: "EUR", Formula: "about EUR 55.00 = 5.5 h of training as last time x 10; " + prices.Source},
	}
	bundle.Golden(t, "details-plan.md", planDetails(plan))
	bundle.Golden(t, "details-plans.md", plansDetails([]lifecycle.Plan{plan, {
		Name: "field", Reason: "unknown", Error: &lifecycle.Failure{Type: lifecycle.InvalidRequest, Message: "data calls: no such dataset"},
	}}))
}
