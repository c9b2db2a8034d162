package lifecycle_test

import (
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// check is the daily look at the model.
func (w *world) check() {
	w.sweep()
	o := w.observe()
	answer := lifecycle.Due(o, w.request)
	w.holdsDay(o, answer)
	w.holdsExpiry(o, answer)
	w.holdsAvoid(o, answer)
	w.alarm(o, answer)
	if answer.Due {
		w.start(answer.Cause, false)
		w.advance()
	}
}

// holdsDay: adding a day never makes an expiry undue, but for avoided days and after an answer on its input.
func (w *world) holdsDay(o lifecycle.Observed, answer lifecycle.DueAnswer) {
	if !answer.Due || answer.Cause != lifecycle.CauseExpiry || w.basesChange(aDay) {
		return
	}
	o.Now = o.Now.Add(aDay)
	tomorrow := lifecycle.Due(o, w.request)
	_, avoided := lifecycle.NewCalendar(o.Owner, w.request).Held(o.Now, o.Serving.ExpiresAt.Add(-answer.Lead.Std()))
	if !tomorrow.Due && !avoided && !strings.HasPrefix(tomorrow.StuckKey, "tried/") {
		w.wrong("due for the expiry today, but not tomorrow: %q, then %q", answer.Reason, tomorrow.Reason)
	}
}

// basesChange tells that a base comes, is old enough or can no longer be trained from within that time.
func (w *world) basesChange(within time.Duration) bool {
	from, to := w.now, w.now.Add(within)
	if within < 0 {
		from, to = to, from
	}
	is := func(at time.Time) bool { return at.After(from) && !at.After(to) }
	return slices.ContainsFunc(w.bases, func(b lifecycle.Model) bool {
		return is(b.CreatedAt) || is(b.CreatedAt.Add(w.request.BaseModel.MinAge.Std())) || is(b.AdaptationEndsAt.Add(-lifecycle.AdaptationMargin)) || is(*b.ExpiresAt)
	})
}

// holdsExpiry: what serves does not expire while a version is there that would do.
func (w *world) holdsExpiry(o lifecycle.Observed, _ lifecycle.DueAnswer) {
	s := o.Serving
	if s == nil || !s.Custom || w.version(s.ID) == nil || s.ExpiresAt.After(w.now) {
		return
	}
	if w.heard["expired "+s.ID]++; w.heard["expired "+s.ID] > 1 {
		return // only the first day counts: later ones are for the causes of it
	}
	w.say("%s has EXPIRED", s.ID)
	p := lifecycle.ProspectOf(o, w.request, lifecycle.CauseExpiry)
	for _, v := range w.versions {
		record := lifecycle.ReadRecord(v.Verdict)
		passed := record.Said == lifecycle.SaidYes || record.Said == "" && record.Verdict == string(lifecycle.Pass) && record.Unanswered.IsZero()
		if v.ID == s.ID || !passed || record.Failures > 0 || v.State != lifecycle.StateRejected || v.ExpiresAt.Sub(w.now) <= p.Lead.Std() ||
			w.forbidden(v.Input) || w.noChecks.After(w.now) {
			continue
		}
		w.wrong("%s has expired, although %s would do: %s", s.ID, v.ID, v.Verdict)
	}
}

// holdsAvoid: neither a pilot nor days that are avoided delay what has no more than the lead left. What a pilot's trial leads
// to instead, the version of an older base, may have failed, or rest as a question that nobody has answered.
func (w *world) holdsAvoid(o lifecycle.Observed, answer lifecycle.DueAnswer) {
	if answer.Due || o.Serving == nil || o.Serving.ExpiresAt == nil || o.Serving.ExpiresAt.Sub(w.now) > answer.Lead.Std() {
		return
	}
	r := w.request
	r.Renew.Avoid, r.Renew.Pilot, o.Pilot = nil, "", nil
	plain := lifecycle.Due(o, r)
	if plain.Due && plain.Cause == lifecycle.CauseExpiry && !strings.Contains(answer.Reason, "has failed") &&
		!strings.Contains(answer.Reason, "nobody has answered") {
		w.wrong("without pilot and avoided days it would be due for its expiry, %q; but it is %q", plain.Reason, answer.Reason)
	}
}

// alarm sends what nobody has heard of. stuck is sent once for a cause.
func (w *world) alarm(o lifecycle.Observed, answer lifecycle.DueAnswer) {
	if answer.Stuck == "" && !strings.Contains(w.mark(), lifecycle.AlarmStuck) {
		return // the others have tests of their own
	}
	alarms, mark := lifecycle.Alarms(o, w.request, w.mark())
	for _, alarm := range alarms {
		if alarm.Kind == lifecycle.AlarmStuck && !alarm.Sent {
			w.say("stuck: %s", alarm.Message)
			w.stucks = append(w.stucks, answer.StuckKey)
			if len(w.versions) > 0 { // else nothing can remember it
				w.holdsStuck(answer)
			}
		}
	}
	if id := lifecycle.AlarmVersion(o); id != "" {
		w.version(id).Alarm = mark
	}
}

func (w *world) mark() string { return lifecycle.AlarmMark(w.observe()) }

// holdsStuck: a cause is told once, as long as nothing has come between.
func (w *world) holdsStuck(answer lifecycle.DueAnswer) {
	if told, is := w.heard["stuck "+answer.StuckKey]; is && told == w.stir {
		w.wrong("stuck is told once more though nothing has changed: %s", answer.Stuck)
	}
	w.heard["stuck "+answer.StuckKey] = w.stir
}

// live plays days of the world, and of its pilot before it, with what happens on them.
func (w *world) live(days []happening, each func()) {
	for day := range w.plan.days {
		for hour := 0; hour < 24; hour += 6 {
			for _, p := range []*world{w.pilot, w} {
				if p == nil {
					continue
				}
				p.now = noon.Add(time.Duration(day)*aDay + time.Duration(hour)*time.Hour)
				p.tick()
				p.advance()
				if hour == 0 {
					p.morning(day, days)
				}
			}
		}
		if each != nil {
			each()
		}
	}
}

// morning is what happens on a day, and its check.
func (w *world) morning(day int, days []happening) {
	for _, h := range days {
		if h.day == day && (w.pilot == nil || h.n%3 > 0 || h.what == "data") {
			w.befall(h)
		}
	}
	w.advance()
	lastResort := false
	if s := w.serving(); s != nil && s.ExpiresAt != nil {
		left := s.ExpiresAt.Sub(w.now) - w.request.LastResort.Before.Std()
		lastResort = left <= 0 && left > -2*aDay
	}
	if w.basesChange(aDay) || w.basesChange(-aDay) || lastResort {
		w.stir++
	}
	if !w.now.Before(w.noChecks) {
		w.check()
	}
}
