package decode

import (
	"regexp"
	"strconv"
	_ "time/tzdata" // time zones are read on machines without a database of them

	"speech-retrainer/internal/lifecycle"
)

const (
	// maxAvoid bounds how many entries renew.avoid may have.
	maxAvoid = 100
	// maxMoney is the largest budget and price: far above any honest one.
	maxMoney = 1e9
)

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

func decodeRenew(o *object, r *lifecycle.Request) {
	renew, ok := o.child("renew")
	if !ok {
		return
	}
	renew.duration("before", &r.Renew.Before, true)
	renew.flag("onNewBaseModel", &r.Renew.OnNewBaseModel)
	renew.flag("onDataChange", &r.Renew.OnDataChange)
	renew.duration("window", &r.Renew.Window, false)
	decodeDays(renew, &r.Renew)
	if renew.text("pilot", &r.Renew.Pilot) && Name(r.Renew.Pilot) != "" {
		renew.problem(renew.at("pilot"), "must be the name of the model that goes first with a new base model: 1 to 40 of a-z, 0-9 and -")
	}
	renew.duration("pilotSoak", &r.Renew.PilotSoak, false)
	r.Renew.Budget = decodeBudget(renew)
	decodePrices(renew, &r.Renew.Prices)
	if renew.has("retryAfter") {
		r.Ignored = append(r.Ignored, renew.at("retryAfter"))
	}
	var unused lifecycle.Duration
	renew.duration("retryAfter", &unused, false)
	renew.done()
}

func decodeDays(o *object, r *lifecycle.Renew) {
	items, _ := o.list("avoid")
	if len(items) > maxAvoid {
		o.problem(o.at("avoid"), "at most %d entries", maxAvoid)
	}
	for i, item := range items {
		_, err := lifecycle.ParseAvoid(item.text)
		if item.kind != kindText || err != nil {
			o.problem(index(o.at("avoid"), i), "%s, not %s", lifecycle.AvoidForm, shown(item))
			continue
		}
		r.Avoid = append(r.Avoid, item.text)
	}
	if !o.text("timeZone", &r.TimeZone) {
		return
	}
	if _, err := lifecycle.Zone(r.TimeZone); err != nil || r.TimeZone == "" {
		o.problem(o.at("timeZone"), "must be the name of a time zone, like Europe/Berlin")
	}
}

// shown is a value for a message: a text itself, else its kind.
func shown(n node) string {
	if n.kind != kindText {
		return string(n.kind)
	}
	return Show(n.text)
}

func decodeBudget(o *object) *lifecycle.Budget {
	b, ok := o.child("budget")
	if !ok {
		return nil
	}
	budget := &lifecycle.Budget{OnExceed: lifecycle.ExceedWait}
	if !b.has("month") {
		b.problem(b.at("month"), "is required: what a calendar month may cost, in the currency of prices")
	}
	if month := b.amount("month", true); month != nil {
		budget.Month = *month
	}
	oneOf(b, "onExceed", &budget.OnExceed, lifecycle.ExceedWait, lifecycle.ExceedAsk)
	b.done()
	return budget
}

func decodePrices(o *object, p *lifecycle.Prices) {
	prices, ok := o.child("prices")
	if !ok {
		return
	}
	if prices.text("currency", &p.Currency) && !currencyForm.MatchString(p.Currency) {
		prices.problem(prices.at("currency"), "must be the code of a currency, like EUR")
	}
	foreign := p.Currency != "" && p.Currency != lifecycle.DefaultCurrency
	for _, price := range []struct {
		key    string
		target **float64
	}{
		{"trainingHour", &p.TrainingHour},
		{"endpointHour", &p.EndpointHour},
		{"evaluationAudioHour", &p.EvaluationAudioHour},
	} {
		*price.target = prices.amount(price.key, false)
		if foreign && !prices.has(price.key) {
			prices.problem(prices.at(price.key), "is required with currency %s: the default prices are in %s", Show(p.Currency), lifecycle.DefaultCurrency)
		}
	}
	prices.done()
}

// amount reads an amount of money; positive asks for more than zero.
func (o *object) amount(key string, positive bool) *float64 {
	n, ok := o.typed(key, kindNumber)
	if !ok {
		return nil
	}
	v, err := strconv.ParseFloat(n.text, 64)
	switch {
	case err != nil || v > maxMoney || v < 0:
		o.problem(o.at(key), "must be a number from 0 to 1000000000, not %s", Show(n.text))
	case positive && v == 0:
		o.problem(o.at(key), "must be more than zero")
	default:
		return &v
	}
	return nil
}

// Spending tells what is wrong with the budget and the prices that a fleet gives for all its models, as an object with
// these two keys; none of them need be there.
func Spending(raw []byte) []lifecycle.Problem {
	_, problems := read(raw, lifecycle.Renew{}, func(o *object, r *lifecycle.Renew) {
		decodeBudget(o)
		decodePrices(o, &r.Prices)
	})
	return problems
}
