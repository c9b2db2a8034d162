package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func usd(amount float64) lifecycle.Cost {
	return lifecycle.Cost{Amount: amount, Currency: "USD", Formula: "estimate: its formula"}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	question := func(spent, estimate, before float64, now string) lifecycle.BudgetQuestion {
		return lifecycle.BudgetQuestion{
			Name: "calls", Cause: lifecycle.CauseBase, Budget: &lifecycle.Budget{Month: 400, OnExceed: lifecycle.ExceedWait},
			Estimate: usd(estimate), Spent: usd(spent), Before: usd(before), Now: at(t, now), Place: 0.5,
		}
	}
	ask := question(390, 20, 0, "2026-12-30 00:00 +0000")
	ask.Budget.OnExceed = lifecycle.ExceedAsk
	for name, tt := range map[string]struct {
		question lifecycle.BudgetQuestion
		until    string
		ask      bool
		reason   string
	}{
		"within it": {
			question(300, 50, 0, "2026-12-02 00:00 +0000"), "", false,
			"within the budget of 400.00 USD for 2026-12: 300.00 USD is spent, and this retrain may cost 50.00 USD",
		},
		"all of it": {question(350, 50, 0, "2026-12-30 00:00 +0000"), "", false, "within the budget"},
		"a cent more": {
			question(350, 50.01, 0, "2026-12-30 00:00 +0000"), "2027-01-02 12:00 +0000", false,
			"over the budget of 400.00 USD for 2026-12: 350.00 USD is spent (estimate: its formula), and this retrain may cost 50.01 USD " +
				"(estimate: its formula); it waits until 2027-01-02 12:00 UTC",
		},
		"a person is asked": {ask, "2027-01-02 12:00 +0000", true, "; to have it now: starter run calls"},
		"more than a budget": {
			question(0, 500, 0, "2026-12-30 00:00 +0000"), "2027-01-02 12:00 +0000", false,
			"since it alone is over the budget: raise renew.budget.month",
		},
		"what waited goes one after the other": {
			question(0, 50, 380, "2026-12-01 00:00 +0000"), "2026-12-02 12:00 +0000", false,
			"what waited is spread over the first 3 days of the month: it waits until 2026-12-02 12:00 UTC",
		},
		"what waited, at its place":           {question(0, 50, 380, "2026-12-02 12:00 +0000"), "", false, "within the budget"},
		"what did not wait, on the first day": {question(0, 50, 100, "2026-12-01 00:00 +0000"), "", false, "within the budget"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lifecycle.HoldToBudget(tt.question)
			require.Equal(t, tt.until == "", got.Allowed)
			require.Equal(t, tt.until == "", got.Until == nil)
			if got.Until != nil {
				require.Equal(t, at(t, tt.until).UTC(), *got.Until)
			}
			require.Equal(t, tt.ask, got.Ask)
			require.Contains(t, got.Reason, tt.reason)
		})
	}
	none := question(1000, 1000, 1000, "2026-12-01 00:00 +0000")
	none.Budget = nil
	require.Equal(t, lifecycle.BudgetAnswer{Allowed: true}, lifecycle.HoldToBudget(none))
}

// Whatever was spent, a model that would stop to serve is renewed, and what a person starts begins.
func TestABudgetNeverHoldsBackWhatMustBe(t *testing.T) {
	t.Parallel()
	causes := []string{
		lifecycle.CauseExpiry, lifecycle.CauseMissing, lifecycle.CauseFirst, lifecycle.CauseSetByHand, "", lifecycle.CauseBase, lifecycle.CauseData,
	}
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Float64Range(0, 2000)
		q := lifecycle.BudgetQuestion{
			Name: "calls", Cause: rapid.SampledFrom(causes).Draw(t, "cause"),
			Budget: &lifecycle.Budget{
				Month:    rapid.Float64Range(0.01, 1000).Draw(t, "budget"),
				OnExceed: rapid.SampledFrom([]string{lifecycle.ExceedWait, lifecycle.ExceedAsk}).Draw(t, "on"),
			},
			Estimate: usd(amount.Draw(t, "estimate")), Spent: usd(amount.Draw(t, "spent")), Before: usd(amount.Draw(t, "before")),
			Now:   time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "now"), 0),
			Place: rapid.Float64Range(0, 0.999999).Draw(t, "place"),
		}
		got := lifecycle.HoldToBudget(q)
		if got.Allowed != (got.Until == nil) || got.Ask && got.Allowed {
			t.Fatalf("%+v", got)
		}
		if q.Cause != lifecycle.CauseBase && q.Cause != lifecycle.CauseData {
			if !got.Allowed {
				t.Fatalf("%s is held back: %s", q.Cause, got.Reason)
			}
			return
		}
		if over := q.Spent.Amount+q.Estimate.Amount > q.Budget.Month+0.01; over && got.Allowed {
			t.Fatalf("over the budget: %s", got.Reason)
		}
		if got.Until == nil {
			return
		}
		if !got.Until.After(q.Now) || got.Until.Sub(q.Now) > 34*lifecycle.Day || got.Until.Day() > 3 {
			t.Fatalf("at %s it waits until %s", q.Now, got.Until)
		}
		// A new month has spent nothing: then it begins, unless it alone is over the budget.
		q.Now, q.Before, q.Spent = *got.Until, q.Spent, usd(0)
		if again := lifecycle.HoldToBudget(q); !again.Allowed && q.Estimate.Amount <= q.Budget.Month {
			t.Fatalf("it waits again: %s", again.Reason)
		}
	})
}
