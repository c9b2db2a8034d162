package lifecycle

import (
	"cmp"
	"time"
)

// PlannedTake is the version that the next retrain would take, so that nothing is trained.
type PlannedTake struct {
	ID          string     `json:"id"`
	DisplayName string     `json:"displayName"`
	State       State      `json:"state"`
	TrainedAt   *time.Time `json:"trainedAt"`
	// BaseModel is the display name of what it was trained from, else its ID.
	BaseModel string `json:"baseModel"`
	// Reason says why it is taken, and what is known of it already.
	Reason string `json:"reason"`
}

// ChampionBase is what the champion was trained from, and until when that can be done again.
type ChampionBase struct {
	ID               string     `json:"id"`
	DisplayName      string     `json:"displayName"`
	AdaptationEndsAt *time.Time `json:"adaptationEndsAt"`
}

// PlannedMoney is the part of a plan that says when money will be spent next, and how much. All amounts are estimates.
type PlannedMoney struct {
	// Dates are those of what serves, and Spread how the due day came about from the lead; empty when it is not known.
	Dates  Dates  `json:"dates"`
	Spread string `json:"spread"`
	// ChampionBase is null when it is not known or gone.
	ChampionBase *ChampionBase `json:"championBase"`
	// Held is a retrain that waits although its reason is there; null when none does.
	Held *Held `json:"held"`
	// Stuck says why nothing can be done, and OverBudget what a person is asked about; null without.
	Stuck      *string `json:"stuck"`
	OverBudget *string `json:"overBudget"`
	// PassedOver are base models whose input was tried in vain.
	PassedOver []Refusal `json:"passedOver"`
	// NextRetrainAt is when the next retrain begins, as far as that is known now: new base models and new data are not. Null
	// when nothing is known to come.
	NextRetrainAt *time.Time `json:"nextRetrainAt"`
	// Takes is the version that it would take; null when it trains.
	Takes *PlannedTake `json:"takes"`
	// Estimate is what it may cost; null for a plan that could not be made. LaterEstimate is what one after it may; null when
	// that is the same.
	Estimate      *Cost      `json:"estimate"`
	LaterEstimate *Cost      `json:"laterEstimate"`
	Prices        *PriceList `json:"prices"`
	// RenewsAfter is about how long after a retrain the next one is due, if its version lives as long as the one that serves;
	// null when that is not known.
	RenewsAfter *Duration `json:"renewsAfter"`
	// Hosted tells that the endpoint is there and costs, used or not.
	Hosted bool `json:"hosted"`
}

// plannedMoney says when money will be spent next, and how much.
func plannedMoney(request Request, p Planned) PlannedMoney {
	o := p.Observed
	money := PlannedMoney{PassedOver: append([]Refusal{}, p.Due.PassedOver...)}
	if o.Now.IsZero() {
		return money // it could not be looked at
	}
	money.Dates, money.Spread = o.Dates(request), p.Due.Spread
	money.Held, money.Stuck, money.OverBudget = p.Due.Held, Text(p.Due.Stuck), Text(p.Due.OverBudget)
	if b := o.ChampionBase(); b != nil {
		money.ChampionBase = &ChampionBase{ID: b.ID, DisplayName: b.DisplayName, AdaptationEndsAt: b.AdaptationEndsAt}
	}
	money.NextRetrainAt = nextRetrain(o, p.Due, money.Dates)
	var taken *Version
	if p.Base != nil {
		taken, money.Takes = plannedTake(request, p, money.NextRetrainAt)
	}
	money.Estimate = Ptr(estimate(o, request, p.Base, taken))
	if taken != nil {
		money.LaterEstimate = Ptr(EstimateRetrain(o, request, p.Base))
	}
	money.Prices = Ptr(request.Renew.Prices.List())
	money.RenewsAfter = renewsAfter(o, money.Dates)
	money.Hosted = request.Deploy != nil && o.Endpoint != nil
	return money
}

// nextRetrain is when the next retrain begins: now when one is due or goes on, else when what waits may, else the due day.
// Nothing left to try is tried again when the question changes.
func nextRetrain(o Observed, due DueAnswer, dates Dates) *time.Time {
	if due.Due || o.Retrain != "" {
		return &o.Now
	}
	var at *time.Time
	if due.Held != nil {
		at = &due.Held.Until
	} else if due.Stuck != "" {
		at = due.NextCheck
	}
	if d := dates.DueAt; d != nil && d.After(o.Now) && (at == nil || d.Before(*at)) {
		at = d
	}
	return at
}

// plannedTake is the version that a retrain at that moment would take; nil when it would train.
func plannedTake(request Request, p Planned, at *time.Time) (*Version, *PlannedTake) {
	prospect := ProspectOf(p.Observed, request, cmp.Or(p.Due.Cause, CauseExpiry))
	if at != nil {
		prospect.Now = latest(prospect.Now, at.Add(time.Second)) // the moment is over when it begins
	}
	taken, why := prospect.take(*p.Base)
	if taken == nil {
		return nil, nil
	}
	if judged := JudgedBefore(*taken, request, prospect.question(*p.Base)); judged.Why != "" {
		why += "; " + judged.Why
	}
	return taken, &PlannedTake{
		ID: taken.ID, DisplayName: taken.DisplayName, State: taken.State, TrainedAt: taken.CreatedAt,
		BaseModel: cmp.Or(taken.BaseModel, p.Base.DisplayName, taken.BaseModelID), Reason: why,
	}
}

// renewsAfter is the life of what serves, less what its due day is before its end.
func renewsAfter(o Observed, dates Dates) *Duration {
	if !dates.Known() {
		return nil
	}
	created := time.Time{}
	if changedByHand(o) {
		created = o.Serving.CreatedAt
	} else if c := championOf(o); c != nil {
		created = timeOf(c.CreatedAt)
	}
	if after := dates.DueAt.Sub(created).Truncate(time.Hour); !created.IsZero() && after > 0 {
		return Ptr(Duration(after))
	}
	return nil
}
