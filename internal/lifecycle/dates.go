package lifecycle

import "time"

// Dates are the days of what serves that an operator plans with. Whoever shows them has them from here: plan, status, report,
// card and calendar name the same. Nil = not known.
type Dates struct {
	// ExpiresAt is the last moment that it recognises speech.
	ExpiresAt *time.Time `json:"expiresAt"`
	// DueAt is when the model is due for that expiry.
	DueAt *time.Time `json:"dueAt"`
	// LastResortAt is from when on a new version is judged against what would serve otherwise.
	LastResortAt *time.Time `json:"lastResortAt"`
}

// Known tells that there is a date to show.
func (d Dates) Known() bool { return d.ExpiresAt != nil }

// DatesOf are the dates of what was created and expires then (zero and nil = not known), and how the due day came about from
// the lead.
func DatesOf(c Calendar, request Request, lead Duration, created time.Time, expires *time.Time) (dates Dates, spread string) {
	if expires == nil {
		return Dates{}, ""
	}
	due := c.ForExpiry(created, *expires, expires.Add(-lead.Std()))
	return Dates{
		ExpiresAt: Ptr(expires.UTC()), DueAt: Ptr(due.At), LastResortAt: Ptr(expires.Add(-request.LastResort.Before.Std()).UTC()),
	}, due.Reason
}

// Dates are those of what serves the model, as Due counts them: of its champion, or of what somebody has set in its place.
// A base model set by hand has none: it does not serve as the model does.
func (o Observed) Dates(request Request) Dates {
	lead, _, _ := leadOf(o, request)
	calendar := NewCalendar(o.Owner, request)
	dates := Dates{}
	switch champion := championOf(o); {
	case changedByHand(o):
		if o.Serving.Custom {
			dates, _ = DatesOf(calendar, request, lead, o.Serving.CreatedAt, o.Serving.ExpiresAt)
		}
	case champion != nil:
		dates, _ = DatesOf(calendar, request, lead, timeOf(champion.CreatedAt), champion.ExpiresAt)
	}
	return dates
}

// Dates are those of what serves, by the request of the model's schedule.
func (r Row) Dates(request Request) Dates { return r.observed().Dates(request) }
