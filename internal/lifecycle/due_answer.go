package lifecycle

import "time"

// The causes for which a model is retrained.
const (
	CauseExpiry    = "expiry"
	CauseMissing   = "missing"
	CauseFirst     = "first"
	CauseSetByHand = "setByHand"
	CauseBase      = "base"
	CauseData      = "data"
)

// CauseText is a cause in words.
func CauseText(cause string) string {
	switch cause {
	case CauseExpiry:
		return "what serves comes to its end, or has expired"
	case CauseMissing:
		return "what served is gone"
	case CauseFirst:
		return "it has no version yet"
	case CauseSetByHand:
		return "somebody has set the endpoint by hand"
	case CauseBase:
		return "there is a newer base model"
	case CauseData:
		return "the data have changed"
	}
	return cause
}

// DueAnswer is whether a model is to be retrained now, and why.
type DueAnswer struct {
	Due    bool   `json:"due"`
	Reason string `json:"reason"`
	// Cause is one of the Cause constants, the most urgent; empty when nothing is.
	Cause string `json:"cause,omitempty"`
	// Stuck says what keeps a model from being retrained that is due, when trying again has not helped; empty when
	// nothing does.
	Stuck string `json:"stuck,omitempty"`
	// StuckKey tells one such cause from another, and StuckNext says what a person can do about it.
	StuckKey  string `json:"-"`
	StuckNext string `json:"-"`
	// OverBudget says what a person is asked about that the budget of the month does not allow; empty when there is nothing.
	OverBudget string `json:"overBudget,omitempty"`
	// PassedOver are base models that a retrain for an expiry passes over, because their input was tried in vain.
	PassedOver []Refusal `json:"passedOver,omitempty"`
	// NextCheck is when the answer can next differ by the passing of time alone; nil when it cannot.
	NextCheck *time.Time `json:"nextCheck"`
	// Held is a retrain that waits although its reason is there; nil when none does.
	Held *Held `json:"held,omitempty"`
	// DueAt is when the model is due for the expiry of what serves, and Spread how that came about from the lead; nil and
	// empty when the expiry is not known.
	DueAt  *time.Time `json:"dueAt,omitempty"`
	Spread string     `json:"spread,omitempty"`
	// Lead is how long before expiry a model is due, and LeadReason how it came about.
	Lead       Duration `json:"lead"`
	LeadReason string   `json:"leadReason"`
	// Notes are what an operator should know of the answer: data whose change cannot be seen.
	Notes []string `json:"notes"`
}

// Held is until when a retrain waits whose reason is there already, and what for: a pause after a failure, an open question,
// the pilot, the budget, a day that is avoided, or its place in the window after a new base model.
type Held struct {
	Until  time.Time `json:"until"`
	Reason string    `json:"reason"`
}
