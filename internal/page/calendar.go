package page

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/calendar"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// calendarMonths is how many months the calendar has, and mostEvents how many days of one month it lists before it counts the
// rest.
const (
	calendarMonths = 12
	mostEvents     = 60
)

// calendarView is the page of the next twelve months.
type calendarView struct {
	head

	Months []monthView
	// Empty are the names of the months without a day.
	Empty []string
	// Overdue are the days that are over and still stand: an expiry that has passed, a due day before today.
	Overdue []event
	// Money tells what the months are likely to cost; empty while that is not known.
	Money   []moneyView
	Picture template.HTML
	Legend  []legend
	Assumes string
	// Pending says why there are no costs yet.
	Pending   string
	Unplanned []string
}

// monthView is a month of the calendar.
type monthView struct {
	Name   string
	Events []event
	More   int
	Counts string
}

// event is a day of a model.
type event struct {
	At                           time.Time
	Day, Kind, Text, Model, Link string
	Tone                         string
}

// moneyView is a month of the forecast.
type moneyView struct {
	Month, Retrains, Trainings, Training, Evaluation, Hosting, Total, Peak string
}

func (p *Page) calendar(w http.ResponseWriter, r *http.Request) {
	f, head, code := p.read(r, "Calendar", "calendar")
	head.Self = "/calendar"
	if f == nil {
		p.show(w, code, "message", messageView{head: head, Lines: notYet})
		return
	}
	v := calendarView{head: head}
	v.Months, v.Empty, v.Overdue = monthsOf(*f, p.Now())
	p.addForecast(r, &v)
	p.show(w, code, "calendar", v)
}

// eventsOf are the days of a model: those that plan and its calendar file name, from the same dates.
func eventsOf(m Model) []event {
	var events []event
	add := func(kind, text, tone string, at *time.Time) {
		if at != nil {
			events = append(events, event{
				At: at.UTC(), Day: words.Day(*at), Kind: kind, Text: text, Tone: tone, Model: words.Model(m.Model, m.Locale), Link: modelLink(m.Model, m.Locale),
			})
		}
	}
	add(dueDay, "retrain is due", "soon", m.DueAt)
	add(lastResort, "last resort begins", "soon", m.LastResortAt)
	add(expiry, "model expires", "now", m.ExpiresAt)
	return events
}

// The kinds of days.
const (
	dueDay, lastResort, expiry, retirement = "due day", "last resort", "expiry", "base retirement"
)

// retirements are the last days to train from the base models of what serves, each once.
func retirements(f Fleet) []event {
	of := map[string][]Model{}
	for _, m := range f.Models {
		if c := m.served(); c != nil && f.Bases[c.BaseModelID].AdaptationEndsAt != nil {
			of[c.BaseModelID] = append(of[c.BaseModelID], m)
		}
	}
	var events []event
	for id, models := range of {
		base := f.Bases[id]
		e := event{
			At: base.AdaptationEndsAt.UTC(), Day: words.Day(*base.AdaptationEndsAt), Kind: retirement,
			Text:  "base model " + words.Model(base.DisplayName, base.Locale) + " retires",
			Model: words.Model(models[0].Model, models[0].Locale), Link: modelLink(models[0].Model, models[0].Locale),
		}
		if len(models) > 1 {
			e.Model += fmt.Sprintf(" and %d more", len(models)-1)
		}
		events = append(events, e)
	}
	return events
}

// monthsOf are the days of all models, by month as far as there are any, the names of the months without, and the days that are
// over and still stand.
func monthsOf(f Fleet, clock time.Time) (months []monthView, empty []string, overdue []event) {
	now := f.ObservedAt
	if now.IsZero() {
		now = clock
	}
	now = now.UTC()
	all := retirements(f)
	for _, m := range f.Models {
		all = append(all, eventsOf(m)...)
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Model, b.Model)) })
	today := now.Truncate(day)
	for i := range calendarMonths {
		from := time.Date(now.Year(), now.Month()+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
		v := monthView{Name: from.Format("January 2006")}
		counts := map[string]int{}
		for _, e := range all {
			if e.At.Before(from) || !e.At.Before(from.AddDate(0, 1, 0)) || e.At.Before(today) {
				continue
			}
			counts[e.Kind]++
			if len(v.Events) < mostEvents {
				v.Events = append(v.Events, e)
			} else {
				v.More++
			}
		}
		if len(v.Events) == 0 {
			empty = append(empty, from.Format("Jan 2006"))
			continue
		}
		var parts []string
		for _, c := range []struct{ kind, several string }{
			{expiry, "expiries"}, {dueDay, "due days"}, {lastResort, "last resorts"}, {retirement, "base retirements"},
		} {
			switch n := counts[c.kind]; n {
			case 0:
			case 1:
				parts = append(parts, "1 "+c.kind)
			default:
				parts = append(parts, fmt.Sprintf("%d %s", n, c.several))
			}
		}
		v.Counts = strings.Join(parts, ", ")
		months = append(months, v)
	}
	for _, e := range all {
		if e.At.Before(today) && e.Kind != retirement && len(overdue) < mostEvents {
			overdue = append(overdue, e)
		}
	}
	return months, empty, overdue
}

// addForecast adds what the months are likely to cost, as far as that is known by now.
func (p *Page) addForecast(r *http.Request, v *calendarView) {
	plans := p.Source.forecast(r.Context())
	switch {
	case !plans.known && plans.err != nil:
		v.Troubles = append(v.Troubles, troubleFrom("The models could not be planned, so that costs are not known", exit.As(plans.err)))
		return
	case !plans.known:
		v.Pending, v.Refresh = "The models are being planned: this page loads itself again in a moment.", 5
		return
	case plans.err != nil:
		v.Troubles = append(v.Troubles, troubleFrom("The models could not be planned anew: the costs are those of before", exit.As(plans.err)))
	}
	v.Ages = append(v.Ages, "costs planned "+ago(p.Now(), plans.at))
	v.Unplanned = plans.value.Unplanned
	months := lifecycle.Forecast(plans.value.Plans)
	if len(months) == 0 {
		v.Pending = "No model has a plan: without a schedule there is no request to plan by."
		return
	}
	for _, m := range months {
		view := moneyView{
			Month: m.Month, Retrains: words.Count(m.Retrains, "retrain"), Trainings: fmt.Sprint(m.Trainings), Training: lifecycle.Money(m.Training, m.Currency),
			Evaluation: lifecycle.Money(m.Evaluation, m.Currency), Hosting: lifecycle.Money(m.Hosting, m.Currency), Total: lifecycle.Money(m.Total, m.Currency),
		}
		view.Retrains = fmt.Sprint(m.Retrains)
		if m.PeakDay != nil && m.PeakRetrains > 1 {
			view.Peak = fmt.Sprintf("%d on %s", m.PeakRetrains, *m.PeakDay)
		}
		v.Money = append(v.Money, view)
	}
	v.Assumes = lifecycle.ForecastAssumes
	if single := months[:min(len(months), calendarMonths)]; len(months) <= calendarMonths {
		v.Picture = drawMonths("money", "Costs of the next twelve months", "In "+months[0].Currency+", by month; the table below says the same.", single)
		v.Legend = []legend{{"cost-hosting", "■", "hosting, in " + months[0].Currency}, {"cost-training", "■", "training"}, {"cost-evaluation", "■", "evaluation"}}
	}
}

// calendarFile is the calendar as a file that people's calendars read again and again.
func (p *Page) calendarFile(w http.ResponseWriter, r *http.Request) {
	plans := p.Source.forecast(r.Context())
	if !plans.known {
		w.Header().Set("Retry-After", "30")
		refuse(w, http.StatusServiceUnavailable, "the models are being planned: ask again in a moment")
		return
	}
	content, _ := calendar.File(plans.value.Plans)
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="speech-models.ics"`)
	_, _ = w.Write(content) // a viewer who has gone needs no answer
}
