package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// monthSpread is over how long the retrains that waited for a month are spread at its beginning.
const monthSpread = 3 * Day

// BudgetQuestion is a retrain that is due, and what the month may cost.
type BudgetQuestion struct {
	// Name is that of the model, Cause one of the Cause constants; a person's own start has none.
	Name, Cause string
	// Budget is that of the request; nil = there is none.
	Budget *Budget
	// Estimate is what the retrain is estimated to cost, Spent what this calendar month has cost so far, Before what the
	// one before did.
	Estimate, Spent, Before Cost
	// Now is the service's.
	Now time.Time
	// Place is that of the model: see Place.
	Place float64
}

// BudgetAnswer is whether a retrain may begin.
type BudgetAnswer struct {
	Allowed bool
	// Until is when it may; nil when it may now.
	Until *time.Time
	// Ask tells that a person is asked meanwhile.
	Ask bool
	// Reason says why, with the arithmetic; empty when no budget was asked about.
	Reason string
}

// HoldToBudget holds a retrain for a new base model or new data to the budget. An expiry, a missing model, a first version
// and whatever a person starts are never held back, and nor is anything without a budget.
func HoldToBudget(q BudgetQuestion) BudgetAnswer {
	if q.Budget == nil || !slices.Contains(mayWait, q.Cause) {
		return BudgetAnswer{Allowed: true}
	}
	budget := Money(q.Budget.Month, q.Estimate.Currency)
	month, next := monthOf(q.Now)
	share := time.Duration(q.Place * float64(monthSpread))
	if !within(q.Spent, q) {
		answer := BudgetAnswer{Until: Ptr(next.Add(share)), Ask: q.Budget.OnExceed == ExceedAsk}
		answer.Reason = fmt.Sprintf("over the budget of %s for %s: %s is spent (%s), and this retrain may cost %s (%s); it waits until %s",
			budget, month.Format("2006-01"), q.Spent, q.Spent.Formula, q.Estimate, q.Estimate.Formula, stamp(*answer.Until))
		if q.Estimate.Amount > q.Budget.Month {
			answer.Reason += ", and then again, since it alone is over the budget: raise renew.budget.month, or start it yourself"
		}
		if answer.Ask {
			answer.Reason += fmt.Sprintf("; to have it now: starter run %s", q.Name)
		}
		return answer
	}
	if begins := month.Add(share); q.Now.Before(begins) && !within(q.Before, q) {
		return BudgetAnswer{Until: &begins, Reason: fmt.Sprintf(
			"waited for the budget of %s; what waited is spread over the first %s of the month: it waits until %s",
			month.Format("2006-01"), span(monthSpread), stamp(begins))}
	}
	return BudgetAnswer{Allowed: true, Reason: fmt.Sprintf("within the budget of %s for %s: %s is spent, and this retrain may cost %s",
		budget, month.Format("2006-01"), q.Spent, q.Estimate)}
}

// within tells that a month that has cost so much has room for the retrain; the whole budget may be spent.
func within(spent Cost, q BudgetQuestion) bool {
	const cent = 0.01
	return spent.Amount+q.Estimate.Amount < q.Budget.Month+cent/2
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// mayWait are the causes of a retrain that a budget may hold back: the model goes on serving meanwhile.
var mayWait = []string{CauseBase, CauseData}
