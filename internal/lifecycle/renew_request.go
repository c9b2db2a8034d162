package lifecycle

import "fmt"

// Renew says when a model is due for retraining, and what that may cost; read by Renew and Plan, and Before by Retrain.
type Renew struct {
	// Before is the lead before expiry; zero = computed from the model's own history.
	Before         Duration `json:"before,omitempty"`
	OnNewBaseModel bool     `json:"onNewBaseModel"`
	OnDataChange   bool     `json:"onDataChange"`
	// Window is how far the renewals of a fleet are spread; zero = not at all.
	Window Duration `json:"window"`
	// Avoid lists days on which no retrain begins that can wait: see ParseAvoid. They are days of TimeZone.
	Avoid []string `json:"avoid,omitempty"`
	// TimeZone is the IANA name of the zone of Avoid; empty = UTC.
	TimeZone string `json:"timeZone,omitempty"`
	// Pilot names the model that goes first with a new base model; empty = none.
	Pilot string `json:"pilot,omitempty"`
	// PilotSoak is how long the pilot must have served a version of the base before others follow.
	PilotSoak Duration `json:"pilotSoak"`
	// Budget bounds what a month may cost; nil = nothing does.
	Budget *Budget `json:"budget,omitempty"`
	// Prices take the place of the default prices.
	Prices Prices `json:"prices,omitzero"`
}

// What happens with a retrain for new data or a new base model that would exceed the budget (Budget.OnExceed).
const (
	// ExceedWait holds it back until the next month.
	ExceedWait = "wait"
	// ExceedAsk tells a person, who may start it.
	ExceedAsk = "ask"
)

// Budget is what the trainings and evaluations of a calendar month (UTC) may cost, of all models of an owner and resource.
type Budget struct {
	// Month is in the currency of the prices, more than zero.
	Month    float64 `json:"month"`
	OnExceed string  `json:"onExceed"`
}

// Prices are what an operator says of prices; nil = the default price. None is below zero.
type Prices struct {
	// Currency is an ISO 4217 code; empty = that of the default prices. With another, all prices are given.
	Currency string `json:"currency,omitempty"`
	// TrainingHour is the price of a compute hour of training.
	TrainingHour *float64 `json:"trainingHour,omitempty"`
	// EndpointHour is the price of an hour of an endpoint, whether it is used or not.
	EndpointHour *float64 `json:"endpointHour,omitempty"`
	// EvaluationAudioHour is the price of an hour of audio that one model recognises in an evaluation, which has two.
	EvaluationAudioHour *float64 `json:"evaluationAudioHour,omitempty"`
}

// DefaultCurrency is that of the default prices.
const DefaultCurrency = "USD"

// outdated are the fields of earlier versions that are accepted and have no effect, with what takes their place.
var outdated = map[string]string{
	"renew.retryAfter": "an input that was trained is not trained again, and what failed is repeated after growing pauses",
}

// Outdated are notes on what the request says and what has no effect any more; empty when there is nothing.
func (r Request) Outdated() []string {
	notes := []string{}
	for _, path := range r.Ignored {
		notes = append(notes, fmt.Sprintf("%s has no effect any more: %s; it can be left out", path, outdated[path]))
	}
	return notes
}
