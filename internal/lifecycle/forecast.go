package lifecycle

import (
	"cmp"
	"slices"
	"time"
)

// forecastMonths is how many calendar months a forecast has, the one that goes on included.
const forecastMonths = 12

// Month is what a calendar month (UTC) is likely to cost, of several models together: an estimate. The first one counts from
// the moment of the plans only.
type Month struct {
	// Month is like 2026-12.
	Month    string `json:"month"`
	Currency string `json:"currency"`
	// Retrains are those that begin in the month, and Trainings those of them that are charged.
	Retrains    int     `json:"retrains"`
	Trainings   int     `json:"trainings"`
	Evaluations int     `json:"evaluations"`
	Training    float64 `json:"training"`
	Evaluation  float64 `json:"evaluation"`
	// Hosting is that of the endpoints of the models, used or not, and Endpoints how many of them there are at the month's end.
	Hosting   float64 `json:"hosting"`
	Endpoints int     `json:"endpoints"`
	Total     float64 `json:"total"`
	// PeakDay is the day on which most retrains begin, the first of several, and PeakRetrains how many: null and 0 without.
	PeakDay      *string `json:"peakDay"`
	PeakRetrains int     `json:"peakRetrains"`
}

// ForecastAssumes is what a forecast takes for granted, for those who read it.
const ForecastAssumes = "estimate: each model is renewed once for each expiry, on its due day or when what waits may begin, and a new version lives " +
	"as long as the one that serves; new base models and new data are not known before they come, and are not counted"

// Forecast is what the next twelve months of models are likely to cost, month by month, for each currency. Plans that could
// not be made are left out.
func Forecast(plans []Plan) []Month {
	byCurrency := map[string]*forecast{}
	var currencies []string
	for _, p := range plans {
		if p.Estimate == nil || p.Prices == nil {
			continue
		}
		f := byCurrency[p.Prices.Currency]
		if f == nil {
			f = newForecast(plans, p.Prices.Currency)
			byCurrency[p.Prices.Currency] = f
			currencies = append(currencies, p.Prices.Currency)
		}
		f.add(p)
	}
	slices.Sort(currencies)
	months := []Month{}
	for _, c := range currencies {
		months = append(months, byCurrency[c].months()...)
	}
	return months
}

// forecast is one in the making, in one currency.
type forecast struct {
	from time.Time
	all  []Month
	// days counts the retrains of each day.
	days []map[string]int
}

func newForecast(plans []Plan, currency string) *forecast {
	f := &forecast{}
	for _, p := range plans {
		if p.Estimate != nil && (f.from.IsZero() || p.ObservedAt.Before(f.from)) {
			f.from = p.ObservedAt.UTC()
		}
	}
	for i := range forecastMonths {
		month, _ := monthOf(f.from)
		f.all = append(f.all, Month{Month: month.AddDate(0, i, 0).Format("2006-01"), Currency: currency})
		f.days = append(f.days, map[string]int{})
	}
	return f
}

// add counts one model.
func (f *forecast) add(p Plan) {
	cost, at := p.Estimate, p.NextRetrainAt
	for at != nil {
		i := f.index(*at)
		if i >= forecastMonths {
			break
		}
		f.retrain(i, latest(*at, f.from), *cost, *p.Prices)
		if p.RenewsAfter == nil || p.RenewsAfter.Std() < time.Hour {
			break // it would begin again for ever
		}
		at, cost = Ptr(latest(*at, f.from).Add(p.RenewsAfter.Std())), cmp.Or(p.LaterEstimate, p.Estimate)
	}
	if p.Endpoint == nil || !p.Hosted && p.NextRetrainAt == nil {
		return
	}
	since := f.from
	if !p.Hosted {
		since = latest(since, *p.NextRetrainAt)
	}
	for i := range f.all {
		month, _ := monthOf(f.from)
		begins, ends := month.AddDate(0, i, 0), month.AddDate(0, i+1, 0)
		if hosting := p.Prices.Hosting(1, latest(begins, since), ends); hosting > 0 {
			f.all[i].Hosting += hosting
			f.all[i].Endpoints++
		}
	}
}

func (f *forecast) retrain(i int, at time.Time, cost Cost, prices PriceList) {
	m := &f.all[i]
	m.Retrains++
	m.Trainings += cost.Trainings
	m.Evaluations += cost.Evaluations
	m.Training += cost.TrainingHours * prices.TrainingHour
	m.Evaluation += evaluationCost(cost.AudioHours, prices)
	f.days[i][date(at)]++
}

// index is in which of the months a moment falls; what should have been is in the first.
func (f *forecast) index(at time.Time) int {
	from, to := f.from, at.UTC()
	return max((to.Year()-from.Year())*12+int(to.Month())-int(from.Month()), 0)
}

// months are those that were counted, with their totals and peak days.
func (f *forecast) months() []Month {
	for i := range f.all {
		m := &f.all[i]
		m.Total = m.Training + m.Evaluation + m.Hosting
		for day, n := range f.days[i] {
			if n > m.PeakRetrains || n == m.PeakRetrains && cmp.Compare(day, *m.PeakDay) < 0 {
				m.PeakDay, m.PeakRetrains = Ptr(day), n
			}
		}
	}
	return f.all
}
