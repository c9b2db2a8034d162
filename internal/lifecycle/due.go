package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Due tells whether a model is to be retrained now, and why, from nothing but what the service shows. A
// hand-made change of the endpoint is taken as it is, as long as something alive serves: then only its expiry is a reason.
func Due(o Observed, request Request) DueAnswer {
	d := due{Observed: o, request: request, calendar: NewCalendar(o.Owner, request), answer: DueAnswer{Notes: []string{}}}
	d.champion = championOf(o)
	d.lead()
	d.decide()
	return d.answer
}

// due is one question and what is known of its answer.
type due struct {
	Observed
	request  Request
	calendar Calendar
	champion *Version
	answer   DueAnswer
	// reasons for a retrain, most urgent first.
	reasons []string
	// follows tells that only a new base model waits, for others or for money.
	follows bool
	// unknown tells that whether the training data have changed cannot be told now.
	unknown bool
	// expires is the end of what the answer is about: the champion, or what somebody has set in its place.
	expires *time.Time
}

// lead is how long before the expiry of what serves the model is due.
func (d *due) lead() {
	lead, reason, note := leadOf(d.Observed, d.request)
	d.answer.Lead, d.answer.LeadReason = lead, reason
	if note != "" {
		d.note("%s", note)
	}
}

// leadOf is how long before the expiry of what serves the model is due, why, and what an operator should know of it.
func leadOf(o Observed, request Request) (lead Duration, reason, note string) {
	lead, reason = Lead(o.Versions, request)
	champion := championOf(o)
	switch {
	case changedByHand(o):
		return capLead(lead, reason, o.Serving.DisplayName, &o.Serving.CreatedAt, o.Serving.ExpiresAt)
	case champion != nil:
		return capLead(lead, reason, champion.DisplayName, champion.CreatedAt, champion.ExpiresAt)
	}
	return lead, reason, ""
}

func (d *due) decide() {
	hand := changedByHand(d.Observed)
	d.unknown = d.unknownData()
	switch {
	case hand:
		d.ofHand()
	default:
		d.ofChampion()
		if d.champion != nil {
			d.ofExpiry()
			d.ofBase()
			d.ofData()
		}
	}
	d.notes()
	d.earn()
	if d.answer.Due {
		d.answer.Held = nil
	}
	if len(d.reasons) == 0 {
		if !hand {
			d.current()
		}
		return
	}
	if d.answer.Due {
		d.ofImports()
	}
	// Last: a day that is avoided ends no alarm.
	d.ofAvoided()
}

// ofChampion finds a model that has nothing to serve.
func (d *due) ofChampion() {
	switch {
	case modelMissing(d.Observed):
		d.reason(CauseMissing, fmt.Sprintf("the model of endpoint %s is missing: it serves the bare base model", d.Endpoint.DisplayName))
	case d.champion == nil && hasServed(d.Observed):
		d.reason(CauseMissing, "no version of the model serves: the one that was promoted last was deleted, or its endpoint taken over")
	case d.champion == nil:
		d.reason(CauseFirst, "no version of the model has served yet")
	}
}

// ofHand is about an endpoint that somebody has set to another model. What is alive is left, until it is about to
// expire; a base model, or what has expired, is nothing to leave.
func (d *due) ofHand() {
	if !Alive(d.Serving, d.Now) {
		what := "the base model " + d.Serving.DisplayName
		if d.Serving.Custom {
			what = fmt.Sprintf("%s, which expired on %s", d.Serving.DisplayName, date(*d.Serving.ExpiresAt))
		}
		d.reason(CauseSetByHand, fmt.Sprintf("the endpoint was changed by hand, and nothing of this model serves: it refers to %s, not to %s",
			what, d.promoted()))
		return
	}
	left := fmt.Sprintf("the endpoint was changed by hand: it serves %s, not %s", d.Serving.DisplayName, d.promoted())
	d.answer.Reason = left + "; it is left as it is until the version is adopted, the endpoint is changed back, or the version is about to expire"
	at := d.Serving.ExpiresAt
	if at == nil {
		d.note("the service gives no expiry date for %s, so that it cannot be renewed in time", d.Serving.DisplayName)
		return
	}
	if why := d.renews(d.Serving.CreatedAt, *at); why != "" {
		d.reason(CauseSetByHand, fmt.Sprintf("%s, and that expires on %s, in %s: %s", left, date(*at), span(at.Sub(d.Now)), why))
	}
}

// promoted names the champion, or what is left of it.
func (d *due) promoted() string {
	if d.champion != nil {
		return "the champion " + d.champion.DisplayName
	}
	return promotedLast(d.Observed)
}

// renews says why what was created and expires then is to be renewed now, or "": it is within the lead, or its day in
// the window before that has come.
func (d *due) renews(created, expires time.Time) (why string) {
	d.expires = &expires
	dates, spread := DatesOf(d.calendar, d.request, d.answer.Lead, created, &expires)
	d.answer.DueAt, d.answer.Spread = dates.DueAt, spread
	switch {
	case !d.Now.Before(expires.Add(-d.answer.Lead.Std())):
		return fmt.Sprintf("within the lead of %s", span(d.answer.Lead.Std()))
	case d.Now.Before(*dates.DueAt):
		d.next(*dates.DueAt)
		return ""
	}
	return fmt.Sprintf("due since %s (lead %s, %s)", date(*dates.DueAt), span(d.answer.Lead.Std()), spread)
}

// lastPart is how long before an expiry a retrain is urgent: what comes of it then can still be the last resort.
func (d *due) lastPart() time.Duration {
	return (d.request.LastResort.Before + retrainTime(d.Versions, d.request)).Std()
}

func (d *due) reason(cause, text string) {
	d.reasons = append(d.reasons, text)
	d.answer.Cause = cmp.Or(d.answer.Cause, cause)
}

func (d *due) ofExpiry() {
	at := d.champion.ExpiresAt
	if at == nil {
		d.note("the service gives no expiry date for %s, so that it cannot be renewed in time", d.champion.DisplayName)
		return
	}
	why := d.renews(timeOf(d.champion.CreatedAt), *at)
	switch left := at.Sub(d.Now); {
	case left <= 0:
		d.reason(CauseExpiry, fmt.Sprintf("the champion %s expired on %s", d.champion.DisplayName, date(*at)))
	case why != "":
		d.reason(CauseExpiry, fmt.Sprintf("the champion %s expires on %s, in %s: %s", d.champion.DisplayName, date(*at), span(left), why))
	}
}

func (d *due) ofBase() {
	if !d.request.Renew.OnNewBaseModel || d.request.BaseModel.Choose != Latest {
		return
	}
	q := d.baseQuestion()
	than := *d.champion
	// A base that is gone from the list was there when the version was made.
	since := timeOf(than.CreatedAt)
	for _, b := range d.Bases {
		if b.ID == than.BaseModelID {
			since = b.CreatedAt
		}
	}
	newer := func(b Model) bool { return b.ID != than.BaseModelID && b.CreatedAt.After(since) }
	// Whatever comes of the newest that is old enough: a younger one has its day.
	for _, b := range d.Bases {
		if of := b.CreatedAt.Add(q.MinAge.Std()); newer(b) && refuseFamily(b, q.Family) == "" && of.After(d.Now) {
			d.next(d.baseMoment(b, q).At)
		}
	}
	if choice := ChooseBase(d.Bases, q); choice.Model != nil && newer(*choice.Model) {
		moment := d.baseMoment(*choice.Model, q)
		if d.Now.Before(moment.At) {
			d.next(moment.At)
			why := fmt.Sprintf("the base model %s is newer than that of %s, and is trained from on %s: %s", choice.Model.DisplayName, than.DisplayName,
				date(moment.At), moment.Reason)
			d.answer.Held = &Held{Until: moment.At, Reason: why}
			d.note("%s", why)
			return
		}
		d.reason(CauseBase, fmt.Sprintf("the base model %s of %s is newer than that of %s", choice.Model.DisplayName, date(choice.Model.CreatedAt), than.DisplayName))
	}
}

// baseMoment is when the model is due for a new base model.
func (d *due) baseMoment(b Model, q BaseQuestion) Moment {
	var last time.Time
	if d.expires != nil {
		last = d.expires.Add(-d.answer.Lead.Std())
	}
	return d.calendar.ForBase(b.CreatedAt.Add(q.MinAge.Std()), timeOf(d.champion.CreatedAt), timeOf(d.expires), last)
}

// baseQuestion is what a base model must satisfy.
func (d *due) baseQuestion() BaseQuestion {
	q := BaseQuestion{
		Locale: d.request.Locale, Kinds: d.kinds(), MinAge: d.request.BaseModel.MinAge, Deny: d.request.BaseModel.Deny,
		Deploy: d.request.Deploy != nil, Now: d.Now,
	}
	var of *Model
	if d.champion != nil {
		of = d.baseOf(d.champion.BaseModelID)
	}
	q.Family = WantedFamily(d.request.BaseModel, of)
	return q
}

func (d *due) kinds() []DatasetKind {
	var kinds []DatasetKind
	for _, data := range d.Training {
		if data.Kind != "" {
			kinds = append(kinds, data.Kind)
		}
	}
	return kinds
}

func (d *due) ofData() {
	if !d.request.Renew.OnDataChange {
		return
	}
	than := *d.champion
	if than.Input == "" {
		d.note("what %s was trained on is not known, so that a change of the data cannot be seen", than.DisplayName)
		return
	}
	if d.unknown {
		return
	}
	var contents []string
	for _, data := range d.Training {
		if data.Unseen != "" {
			d.note("data %s: %s", data.Label, data.Unseen)
		}
		if data.Fault != "" && !data.Upload {
			d.note("data %s: %s", data.Label, data.Fault)
			return
		}
		if !slices.Contains(contents, data.Content) {
			contents = append(contents, data.Content)
		}
	}
	if InputMark(than.BaseModelID, contents) != than.Input {
		d.reason(CauseData, fmt.Sprintf("the training data differ from those of %s", than.DisplayName))
	}
}

// unknownData notes the data whose servers do not tell now, and tells whether that leaves open if the training data have
// changed, or keeps a retrain from its tests. What is not known is never a change.
func (d *due) unknownData() (open bool) {
	for i, data := range slices.Concat(d.Training, d.Tests) {
		if data.Unknown == "" {
			continue
		}
		if data.Fault != "" {
			d.note("data %s: not known today: %s", data.Label, data.Fault)
		} else {
			d.note("data %s: not known today: %s", data.Label, StandInNote(data.Unknown, data.DatasetName))
		}
		open = open || i < len(d.Training) || data.Fault != ""
	}
	return open
}

// notes warns of a lead that is too short to be kept.
func (d *due) notes() {
	if need := retrainTime(d.Versions, d.request); d.request.Renew.Before > 0 && d.request.Renew.Before < need {
		d.note("renew.before %s is shorter than the %s that a retrain of this model may take", d.request.Renew.Before, need)
	}
	d.answer.Notes = append(d.answer.Notes, d.request.Outdated()...)
	if d.Retrain != "" {
		d.note("a retrain is running: %s", d.Retrain)
	}
}

func (d *due) note(format string, args ...any) {
	d.answer.Notes = append(d.answer.Notes, fmt.Sprintf(format, args...))
}

// current says why there is nothing to do.
func (d *due) current() {
	if at := d.champion.ExpiresAt; at != nil {
		d.answer.Reason = fmt.Sprintf("current: the champion %s expires on %s, in %s; the lead is %s",
			d.champion.DisplayName, date(*at), span(at.Sub(d.Now)), span(d.answer.Lead.Std()))
		return
	}
	d.answer.Reason = fmt.Sprintf("current: nothing is newer than the champion %s", d.champion.DisplayName)
}

// next remembers the earliest moment in the future at which the answer can differ.
func (d *due) next(at time.Time) {
	if at.After(d.Now) && (d.answer.NextCheck == nil || at.Before(*d.answer.NextCheck)) {
		d.answer.NextCheck = Ptr(at.UTC())
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// span is a time as people count it.
func span(d time.Duration) string {
	switch n := int(d / (24 * time.Hour)); {
	case n == 1:
		return "1 day"
	case n > 1:
		return fmt.Sprintf("%d days", n)
	default:
		return d.Round(time.Minute).String()
	}
}
