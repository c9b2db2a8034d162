package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// The place of owner "own", name desk and locale en-US in a window.
var place = lifecycle.Place("own", "desk", "en-US")

// Renewals are spread over a window before the lead; a new base model over one after its day.
func TestDueIsSpread(t *testing.T) {
	t.Parallel()
	window := 20 * aDay
	before := time.Duration(place * float64(window))
	for name, tt := range map[string]struct {
		left   time.Duration
		change func(*lifecycle.Observed, *lifecycle.Request)
		due    bool
		reason string
	}{
		"before its moment":          {60*aDay + before + time.Second, nil, false, "current"},
		"at its moment":              {60*aDay + before, nil, true, "due since 2026-06-01 (lead 60 days, spread over 20 days: "},
		"within the lead":            {60 * aDay, nil, true, "within the lead of 60 days"},
		"a day that is avoided":      {60*aDay + before, avoid("Mon"), false, "waiting until 2026-06-02: Mon is avoided"},
		"avoided, within the lead":   {60 * aDay, avoid("Mon"), true, "within the lead"},
		"avoided, and it is missing": {100 * aDay, func(o *lifecycle.Observed, r *lifecycle.Request) { avoid("Mon")(o, r); o.Serving = nil }, true, "is missing"},
		"avoided, and the first": {100 * aDay, func(o *lifecycle.Observed, r *lifecycle.Request) {
			avoid("Mon")(o, r)
			o.Versions, o.Serving = nil, nil
		}, true, "no version"},
		"new data on a day that is avoided": {
			100 * aDay, func(o *lifecycle.Observed, r *lifecycle.Request) {
				avoid("2026-05-30..2026-06-03")(o, r)
				o.Training[0].Content = "other"
			}, false, "waiting until 2026-06-04: 2026-05-30..2026-06-03 is avoided; then: the training data differ",
		},
		"a new base before its moment": {
			100 * aDay, func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Bases = append(o.Bases, newerBase(before-time.Second))
			}, false, "current",
		},
		"a new base at its moment": {
			100 * aDay, func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Bases = append(o.Bases, newerBase(before))
			}, true, "the base model new of 2026-05-15 is newer",
		},
		"a new base that has to be old enough": {
			100 * aDay, func(o *lifecycle.Observed, r *lifecycle.Request) {
				r.BaseModel.MinAge = lifecycle.Duration(aDay)
				o.Bases = append(o.Bases, newerBase(aDay+before-time.Second))
			}, false, "current",
		},
		"new data at once": {
			100 * aDay, func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Training[0].Content = "other" }, true, "the training data differ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			o.Owner = "own"
			r.Renew.Before, r.Renew.Window = lifecycle.Duration(60*aDay), lifecycle.Duration(window)
			at := noon.Add(tt.left)
			created := at.Add(-700 * aDay)
			o.Versions[0].CreatedAt, o.Versions[0].ExpiresAt, o.Serving.ExpiresAt = &created, &at, &at
			o.Bases[0].CreatedAt = created
			if tt.change != nil {
				tt.change(&o, &r)
			}
			answer := lifecycle.Due(o, r)
			require.Equal(t, tt.due, answer.Due, answer.Reason)
			require.Contains(t, answer.Reason, tt.reason)
		})
	}
}

func avoid(days string) func(*lifecycle.Observed, *lifecycle.Request) {
	return func(_ *lifecycle.Observed, r *lifecycle.Request) { r.Renew.Avoid = []string{days} }
}

func newerBase(ago time.Duration) lifecycle.Model {
	m := base("new", 0)
	m.CreatedAt = noon.Add(-ago)
	return m
}

// A new base model alone waits for the pilot, and never an expiry.
func TestDueFollowsThePilot(t *testing.T) {
	t.Parallel()
	of := func(state lifecycle.State, verdict string) lifecycle.Version {
		v := trained("p1", state, 10, 600)
		v.BaseModelID, v.Verdict = "new", verdict
		return v
	}
	seen := func(versions ...lifecycle.Version) *lifecycle.PilotSeen {
		return &lifecycle.PilotSeen{Versions: versions}
	}
	lead := noon.Add(240 * aDay)
	for name, tt := range map[string]struct {
		pilot  *lifecycle.PilotSeen
		change func(*lifecycle.Observed)
		due    bool
		reason string
		next   time.Time
	}{
		"it has not tried it yet": {
			pilot:  seen(),
			reason: "the pilot pilot has not served a version of it yet; without its judgement it is waited for until 2026-06-21",
			next:   noon.Add(20 * aDay),
		},
		"it is trying it": {pilot: seen(of("candidate", "")), reason: "has not served", next: noon.Add(20 * aDay)},
		"it has served it for two days": {
			pilot:  seen(of("champion", "pass; at:2026-05-30")),
			reason: "serves a version of it since 2026-05-30, and 3d are asked for", next: time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC),
		},
		"it has served it for three days": {pilot: seen(of("champion", "pass; at:2026-05-29")), due: true, reason: "newer"},
		"it did not pass":                 {pilot: seen(of("rejected", "fail; q:1")), reason: "current", next: lead},
		"a person rejected it":            {pilot: seen(of("rejected", "pass; no by ann: heard")), reason: "current", next: lead},
		"it was rolled back":              {pilot: seen(of("rolledback", "pass; back by ann: worse")), reason: "current", next: lead},
		"nobody answered":                 {pilot: seen(of("rejected", "inconclusive; unanswered@2026-05-30")), reason: "has not served", next: noon.Add(20 * aDay)},
		"it is none":                      {pilot: &lifecycle.PilotSeen{Fault: "it has no schedule here"}, due: true, reason: "newer"},
		"it was not looked at":            {due: true, reason: "newer"},
		"60 days have passed": {
			pilot: seen(), change: func(o *lifecycle.Observed) { o.Bases[1].CreatedAt = noon.Add(-60 * aDay) }, due: true, reason: "newer",
		},
		"the data are new, too": {
			pilot: seen(), change: func(o *lifecycle.Observed) { o.Training[0].Content = "other" }, due: true, reason: "also the training data differ",
		},
		"the champion expires, too": {pilot: seen(), change: func(o *lifecycle.Observed) { expire(o, 30) }, due: true, reason: "within the lead"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			expire(&o, 300)
			r.Renew.Pilot, r.Renew.Before = "pilot", lifecycle.Duration(60*aDay)
			o.Bases = append(o.Bases, newerBase(40*aDay))
			if o.Pilot = tt.pilot; tt.pilot != nil {
				o.Pilot.Name = "pilot"
			}
			if tt.change != nil {
				tt.change(&o)
			}
			answer := lifecycle.Due(o, r)
			require.Equal(t, tt.due, answer.Due, answer.Reason)
			require.Contains(t, answer.Reason, tt.reason)
			if !tt.next.IsZero() {
				require.Equal(t, tt.next, *answer.NextCheck)
			}
			require.Empty(t, answer.Stuck)
		})
	}
}

// For an expiry, too, a base that the pilot has rejected is passed over.
func TestAnExpiryPassesOverWhatThePilotRejected(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	expire(&o, 30)
	r.Renew.Pilot = "pilot"
	o.Bases = append(o.Bases, newerBase(5*aDay))
	v := trained("p1", lifecycle.StateRejected, 3, 600)
	v.BaseModelID, v.Verdict = "new", "fail; q:1"
	o.Pilot = &lifecycle.PilotSeen{Name: "pilot", Versions: []lifecycle.Version{v}}
	answer := lifecycle.Due(o, r)
	require.True(t, answer.Due)
	const why = "passed over: the version of it of the pilot pilot, p1, did not pass"
	require.Equal(t, []lifecycle.Refusal{{ID: "new", DisplayName: "new", Reason: why}}, answer.PassedOver)
	p := lifecycle.ProspectOf(o, r, lifecycle.CauseExpiry)
	q := lifecycle.BaseQuestion{Locale: "en-US", Kinds: []lifecycle.DatasetKind{"Language"}, Deploy: true, Now: noon}
	require.Equal(t, answer.PassedOver, lifecycle.PassOver(p, q), "the retrain passes over what the check did")
	require.Empty(t, lifecycle.PassOver(lifecycle.ProspectOf(o, r, ""), q), "a person's run does not")
}

// When the pilot has rejected whatever could be trained from, a model that expires tries them itself, each once: it has
// tests of its own, and the last resort needs a version to take.
func TestAPilotThatRejectsEverythingStopsNoExpiry(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	expire(&o, 30)
	r.Renew.Pilot = "pilot"
	o.Bases = append(o.Bases, base("newest", 5), base("newer", 50))
	o.Pilot = &lifecycle.PilotSeen{Name: "pilot"}
	for _, b := range o.Bases {
		v := trained("p-"+b.ID, lifecycle.StateRejected, 3, 600)
		v.BaseModelID, v.Verdict = b.ID, "fail; q:1"
		o.Pilot.Versions = append(o.Pilot.Versions, v)
	}
	answer := lifecycle.Due(o, r)
	require.True(t, answer.Due, answer.Reason)
	require.Empty(t, answer.PassedOver)
	p := lifecycle.ProspectOf(o, r, lifecycle.CauseExpiry)
	q := lifecycle.BaseQuestion{Locale: "en-US", Kinds: []lifecycle.DatasetKind{"Language"}, Deploy: true, Now: noon}
	require.Empty(t, lifecycle.PassOver(p, q))

	// Each of them once: two are passed over at most.
	for n, of := range []string{"newest", "newer", "base-1"} {
		require.True(t, lifecycle.Due(o, r).Due, n)
		own := tried(&o, "v2-"+of, lifecycle.StateRejected, 1, "fail; "+same())
		own.BaseModelID, own.Input = of, lifecycle.InputMark(of, []string{"text"})
	}
	answer = lifecycle.Due(o, r)
	require.False(t, answer.Due, answer.Reason)
	require.Contains(t, answer.Stuck, "nothing is left to try")
	require.Contains(t, answer.Stuck, "as last resort")
}

// A budget holds back what would be better, and nothing else; a person who is asked hears of it once a month.
func TestDueKeepsToTheBudget(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spent  float64
		ask    bool
		change func(*lifecycle.Observed)
		due    bool
		alarms []string
	}{
		"money is left":     {100, false, func(o *lifecycle.Observed) { o.Training[0].Content = "other" }, true, nil},
		"none is left":      {400, false, func(o *lifecycle.Observed) { o.Training[0].Content = "other" }, false, nil},
		"a person is asked": {400, true, func(o *lifecycle.Observed) { o.Training[0].Content = "other" }, false, []string{"budget-2026-06"}},
		"an expiry":         {400, true, func(o *lifecycle.Observed) { expire(o, 35) }, true, nil},
		"a missing model":   {400, true, func(o *lifecycle.Observed) { o.Serving = nil }, true, nil},
		"a first version":   {400, true, func(o *lifecycle.Observed) { o.Versions, o.Serving, o.Endpoint = nil, nil, nil }, true, nil},
		"a version that is there": {400, true, func(o *lifecycle.Observed) {
			o.Training[0].Content = "other"
			v := trained("v0", lifecycle.StateRetired, 100, 300)
			v.Input = lifecycle.InputMark("base-1", []string{"other"})
			o.Versions = append(o.Versions, v)
		}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			r.Renew.Budget = &lifecycle.Budget{Month: 400, OnExceed: lifecycle.ExceedWait}
			if tt.ask {
				r.Renew.Budget.OnExceed = lifecycle.ExceedAsk
			}
			o.Spent, o.SpentBefore = &lifecycle.Cost{Amount: tt.spent, Currency: "USD"}, &lifecycle.Cost{Currency: "USD"}
			tt.change(&o)
			answer := lifecycle.Due(o, r)
			require.Equal(t, tt.due, answer.Due, answer.Reason)
			if !tt.due {
				require.Contains(t, answer.Reason, "over the budget of")
				require.Contains(t, answer.Reason, "then: the training data differ")
				require.False(t, answer.NextCheck.Before(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)))
			}
			alarms, _ := lifecycle.Alarms(o, r, "")
			var keys []string
			for _, alarm := range alarms {
				if alarm.Kind == lifecycle.AlarmBudget {
					keys = append(keys, alarm.Key)
					require.Equal(t, "to train it now all the same: starter run desk", alarm.Next)
				}
			}
			require.Equal(t, tt.alarms, keys)
		})
	}
}
