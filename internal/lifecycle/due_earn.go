package lifecycle

import (
	"fmt"
	"strings"
	"time"
)

// earn asks of every reason whether a training could earn its price: what was tried in vain is no reason again, what has
// failed or waits for an answer rests for a while, and a new base model alone waits for the pilot.
func (d *due) earn() {
	if len(d.reasons) == 0 {
		p := ProspectOf(d.Observed, d.request, CauseExpiry)
		if c := p.choose(d.baseQuestion()); c.base != nil && !changedByHand(d.Observed) {
			d.ofUnmoved(p.input(*c.base))
		}
		return
	}
	d.answer.Due, d.answer.Reason = true, strings.Join(d.reasons, "; also ")
	// When time alone makes it due for something else.
	otherwise := d.answer.NextCheck
	d.answer.NextCheck = nil
	p := ProspectOf(d.Observed, d.request, d.answer.Cause)
	c := p.choose(d.baseQuestion())
	d.answer.PassedOver = c.passed
	if c.base == nil {
		d.noBase()
		return
	}
	switch {
	case c.trial.no && fresh(d.answer.Cause):
		d.drop(c.first.why)
	case c.trial.no:
		d.tried(c)
	case c.trial.stuck || c.trial.until.After(d.Now):
		d.rest(p.input(*c.base), c.trial)
	case d.answer.Cause == CauseExpiry && c.trial.taken == nil:
		d.ofUnmoved(p.input(*c.base))
	case d.answer.Cause == CauseBase && len(d.reasons) == 1 && c.trial.taken == nil:
		d.ofPilot(*c.base)
	}
	if d.answer.Due && fresh(d.answer.Cause) && c.trial.taken == nil {
		d.ofBudget(*c.base)
	}
	// Who waits for the pilot, or has dropped the reason, is due for its expiry all the same.
	if otherwise != nil && !d.answer.Due && (len(d.reasons) == 0 || d.follows) {
		d.next(*otherwise)
	}
}

// noBase is about a model that is due while no base model can be trained from: the retrain that is tried fails each time,
// until the service has another one.
func (d *due) noBase() {
	refused := ChooseBase(d.Bases, d.baseQuestion()).Refused
	why := "the service lists none"
	if len(refused) > 0 {
		why = fmt.Sprintf("%s refused; %s: %s", count(len(refused), "base model"), refused[0].DisplayName, refused[0].Reason)
	}
	d.stuck("base", fmt.Sprintf("no base model of %s can be trained from: %s; it is tried again at each check", d.request.Locale, why),
		fmt.Sprintf("see each reason, and change baseModel or the data where that helps: starter plan --file FILE %s --verbose", d.request.Name))
}

// ofBudget lets what would be better wait when the month has no money left for it: never an expiry, a missing model or a
// first version.
func (d *due) ofBudget(base Model) {
	if d.request.Renew.Budget == nil || d.Spent == nil || d.SpentBefore == nil {
		return
	}
	answer := HoldToBudget(BudgetQuestion{
		Name: d.request.Name, Cause: d.answer.Cause, Budget: d.request.Renew.Budget, Estimate: EstimateRetrain(d.Observed, d.request, &base),
		Spent: *d.Spent, Before: *d.SpentBefore, Now: d.Now, Place: d.calendar.Place,
	})
	if answer.Allowed || answer.Until == nil {
		return
	}
	d.follows = true
	if answer.Ask {
		d.answer.OverBudget = fmt.Sprintf("%s: %s", strings.Join(d.reasons, "; also "), answer.Reason)
	}
	d.hold(*answer.Until, answer.Reason)
}

// ofAvoided holds what can wait back on days that are avoided: nothing that has no more than the lead left, no missing
// model and no first version.
func (d *due) ofAvoided() {
	if !d.answer.Due || d.answer.Cause == CauseMissing || d.answer.Cause == CauseFirst || d.champion == nil {
		return
	}
	var last time.Time
	if d.expires != nil {
		last = d.expires.Add(-d.answer.Lead.Std())
	} else if d.answer.Cause == CauseSetByHand {
		return // nothing of this model serves
	}
	if until, held := d.calendar.Held(d.Now, last); held {
		d.hold(until.At, until.Reason)
	}
}

// drop takes what would be something better for no reason, and says why.
func (d *due) drop(why string) {
	for _, reason := range d.reasons {
		d.note("%s, but %s", reason, why)
	}
	d.reasons, d.answer.Reason, d.answer.Cause, d.answer.Due = nil, "", "", false
}

// fresh tells the causes that are about something better: without them the champion serves on.
func fresh(cause string) bool { return cause == CauseBase || cause == CauseData }

// tried is about an input that was tried, with the answer no: what must be renewed is stuck until the question or the
// input changes.
func (d *due) tried(c chosen) {
	why := c.first.why
	d.answer.Due = false
	text := "nothing is left to try: " + why
	if len(c.passed) > 0 {
		text += fmt.Sprintf("; so were %s", count(len(c.passed), "other base model"))
	}
	if at := d.lastResort(); at != nil {
		text += fmt.Sprintf("; it is tried again on %s, as last resort, against what would serve otherwise", date(*at))
		d.next(*at)
	} else {
		text += "; nothing changes that by itself but a new base model or new data"
	}
	d.stuck("tried/"+c.first.why, text, fmt.Sprintf("see why: starter history %s; then give other data, change the tests, or train the same once more: "+
		"starter run %s --force", d.request.Name, d.request.Name))
	d.answer.Reason = text + "; " + strings.Join(d.reasons, "; also ")
}

// lastResort is when the champion will be judged against what would serve otherwise; nil when it is already, or is not
// known.
func (d *due) lastResort() *time.Time {
	if d.expires == nil {
		return nil
	}
	at := d.expires.Add(-d.request.LastResort.Before.Std())
	if !at.After(d.Now) {
		return nil
	}
	return &at
}

func (d *due) stuck(key, text, next string) {
	d.answer.StuckKey, d.answer.StuckNext = key, next
	d.answer.Stuck = fmt.Sprintf("%s: %s", strings.Join(d.reasons, "; also "), text)
}

// rest holds a retrain back that would repeat what has just failed, or ask what has just been asked.
func (d *due) rest(input string, t trial) {
	until := t.until
	if t.taken == nil && d.expires != nil {
		// A failed training is tried once more when the expiry becomes urgent.
		if begins := d.expires.Add(-d.lastPart()); begins.After(t.last) && begins.Before(until) {
			until = begins
		}
	}
	if t.stuck {
		// Also on the day on which it is tried once more: the cause is the same until that has helped.
		d.stuck("training/"+input, fmt.Sprintf("%s; it is tried again on %s", t.why, date(latest(until, d.Now))),
			fmt.Sprintf("see what the service says: starter report %s; correct the data: other data is tried at once", d.request.Name))
	}
	if until.After(d.Now) {
		d.hold(until, t.why)
	}
}

// hold puts a retrain off until a moment.
func (d *due) hold(until time.Time, why string) {
	if d.answer.NextCheck == nil || until.After(*d.answer.NextCheck) || d.answer.Due {
		d.answer.NextCheck = Ptr(until.UTC())
	}
	d.answer.Due, d.answer.Held = false, &Held{Until: *d.answer.NextCheck, Reason: why}
	d.answer.Reason = fmt.Sprintf("waiting until %s: %s; then: %s", date(until), why, d.answer.Reason)
}

// unmoved is a renewal within the lead that did not move the expiry: every success would be due again at once.
type unmoved struct {
	// again is when half of the time that is left has passed, and the same is trained again.
	again time.Time
	why   string
}

// findUnmoved tells that training the input now would repeat what was trained within the lead and moved nothing: the
// champion itself, or a version since that does not serve and would not outlive it.
func (d *due) findUnmoved(input string) *unmoved {
	c := d.champion
	if c == nil || input == "" || c.ExpiresAt == nil || c.CreatedAt == nil {
		return nil
	}
	since := newest(d.Versions, func(v Version) bool {
		return v.Input == input && v.Status == StatusSucceeded && leftOver(v) && v.ExpiresAt != nil && compareVersions(v, *c) > 0
	})
	if since != nil {
		return d.movedNothing(*since, *c, d.answer.Lead)
	}
	before := newest(d.Versions, func(v Version) bool {
		return v.State == StateRetired && v.Status == StatusSucceeded && compareVersions(v, *c) < 0
	})
	if c.Input != input || before == nil || before.ExpiresAt == nil {
		return nil
	}
	lead, _ := Lead(d.Versions, d.request)
	lead, _, _ = capLead(lead, "", "", before.CreatedAt, before.ExpiresAt)
	return d.movedNothing(*c, *before, lead)
}

// movedNothing tells that a version was trained within the lead of another, and lives hardly longer.
func (d *due) movedNothing(v, before Version, lead Duration) *unmoved {
	if v.ExpiresAt.Sub(*before.ExpiresAt) >= Outlives || before.ExpiresAt.Sub(timeOf(v.CreatedAt)) > lead.Std() {
		return nil
	}
	since := latest(timeOf(v.EndedAt), timeOf(v.CreatedAt))
	return &unmoved{
		again: since.Add(d.champion.ExpiresAt.Sub(since) / 2),
		why: fmt.Sprintf("%s was trained within the lead and expires hardly later than %s (%s, %s)",
			v.DisplayName, before.DisplayName, date(*v.ExpiresAt), date(*before.ExpiresAt)),
	}
}

// ofUnmoved lets half of the time that is left pass after a renewal that moved nothing, again and again, and tells a
// person.
func (d *due) ofUnmoved(input string) {
	u := d.findUnmoved(input)
	if u == nil {
		return
	}
	d.answer.StuckKey = "same/" + input
	d.answer.StuckNext = fmt.Sprintf("see whether another base model or other data would do: starter plan --file FILE; starter history %s", d.request.Name)
	d.answer.Stuck = fmt.Sprintf("%s; the same is trained again on %s, when half of the time left has passed", u.why, date(u.again))
	if d.answer.Cause == CauseExpiry && u.again.After(d.Now) {
		d.hold(u.again, u.why)
	}
}

// ofPilot lets a new base model alone wait until the pilot has served a version of it for long enough.
func (d *due) ofPilot(base Model) {
	if d.request.Renew.Pilot == "" {
		return
	}
	if d.Pilot == nil || d.Pilot.Fault != "" {
		fault := "it was not looked at"
		if d.Pilot != nil {
			fault = d.Pilot.Fault
		}
		d.note("renew.pilot %s is no pilot: %s; a new base model does not wait for it", d.request.Renew.Pilot, fault)
		return
	}
	until, passed, why := d.Pilot.await(base, d.request.Renew.PilotSoak, d.Now)
	switch {
	case passed:
		d.drop(why)
	case !until.IsZero():
		d.follows = true
		d.hold(until, why)
	}
}
