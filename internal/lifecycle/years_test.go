package lifecycle_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// drawPlan draws a world: how its bases come and go, how long versions live, and how much goes wrong.
func drawPlan(t *rapid.T) yearsPlan {
	plan := yearsPlan{
		seed: rapid.IntRange(0, 1_000_000).Draw(t, "seed"), days: 900,
		baseEvery: rapid.SampledFrom([]int{91, 182, 365}).Draw(t, "baseEvery"), trainable: rapid.SampledFrom([]int{365, 730}).Draw(t, "trainable"),
		lastBase: rapid.SampledFrom([]int{900, 200}).Draw(t, "lastBase"),
		life:     rapid.SampledFrom([]int{730, 365}).Draw(t, "life"), ofBase: rapid.IntRange(0, 3).Draw(t, "ofBase") == 0,
		passes: rapid.SampledFrom([]int{100, 60, 20, 0}).Draw(t, "passes"), badBase: rapid.SampledFrom([]int{0, 40}).Draw(t, "badBase"),
		fails: rapid.SampledFrom([]int{0, 20, 70}).Draw(t, "fails"), runFails: rapid.SampledFrom([]int{0, 20}).Draw(t, "runFails"),
		yes: rapid.SampledFrom([]int{0, 30}).Draw(t, "yes"), no: rapid.SampledFrom([]int{0, 30, 60}).Draw(t, "no"),
	}
	before := rapid.SampledFrom([]int{0, 0, 60, 150}).Draw(t, "before")
	when := rapid.SampledFrom([]lifecycle.When{lifecycle.WhenInconclusive, lifecycle.WhenNever, lifecycle.WhenFail, lifecycle.WhenAlways}).Draw(t, "when")
	onTimeout := rapid.SampledFrom([]string{lifecycle.Reject, lifecycle.Promote}).Draw(t, "onTimeout")
	tests := rapid.IntRange(0, 3).Draw(t, "tests") > 0
	untested := rapid.SampledFrom([]string{lifecycle.Promote, lifecycle.Reject}).Draw(t, "untested")
	avoid := rapid.Bool().Draw(t, "avoid")
	window := rapid.SampledFrom([]int{21, 0, 90}).Draw(t, "window")
	plan.request = func(r *lifecycle.Request) {
		r.Renew.Before = lifecycle.Duration(before) * lifecycle.Duration(aDay)
		r.Renew.Window = lifecycle.Duration(window) * lifecycle.Duration(aDay)
		r.Approval.When, r.Approval.OnTimeout, r.Untested = when, onTimeout, untested
		if !tests {
			r.Tests = nil
		}
		if avoid {
			r.Renew.Avoid = []string{"Sat", "Sun", "2026-12-01..2027-01-31", "2027-06-01..2027-08-15"}
		}
	}
	return plan
}

// drawDays draws what happens on which day.
func drawDays(t *rapid.T, plan yearsPlan, kinds []string) []happening {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) happening {
		return happening{
			day: rapid.IntRange(0, plan.days-1).Draw(t, "day"), what: rapid.SampledFrom(kinds).Draw(t, "what"), n: rapid.IntRange(0, 9).Draw(t, "n"),
		}
	}), 0, 20).Draw(t, "days")
}

// TestYears plays years of daily checks through everything that can go wrong. What the rules promise is held at each step:
// see excuse, holdsDay, holdsExpiry, holdsAvoid, holdsStuck and deploy.
func TestYears(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan := drawPlan(t)
		if plan.seed%5 > 1 {
			return // a world takes a while: two of five are enough
		}
		w := newWorld(plan, "desk", func(s string) { t.Fatal(s) })
		if rapid.Bool().Draw(t, "pilot") {
			w.pilot = newWorld(plan, "pilot", func(s string) { t.Fatal(s) })
			w.pilot.bases = w.bases
			w.request.Renew.Pilot, w.pilot.request.Renew.Pilot = "pilot", ""
		}
		days := drawDays(t, plan, happenings)
		w.live(days, nil)
		w.holdsSpent()
	})
}

// holdsSpent: in any year no more trainings succeed than there were inputs, two for expiry, and halves of the lead where
// the expiry does not move. An input whose versions a person goes on rejecting is trained again when the last of them has no
// more than the lead left.
func (w *world) holdsSpent() {
	for i, first := range w.trained {
		inputs, spent := map[string]bool{}, 0
		for _, t := range w.trained[i:] {
			if t.at.Sub(first.at) > 365*aDay {
				break
			}
			if excused := t.again != "" && t.again != lifecycle.CauseExpiry; t.person || excused || !t.succeeded {
				continue
			}
			inputs[t.input] = true
			spent++
		}
		lead := w.request.Renew.Before.Std()
		if lead == 0 {
			lead = 45 * aDay // the computed one, and some days
		}
		life := time.Duration(w.plan.life) * aDay
		most := len(inputs)*int(math.Ceil(float64(365*aDay)/float64(life-min(lead, life/2)))) + 2
		if w.plan.ofBase {
			most += int(math.Ceil(math.Log2(365)))
		}
		if spent > most {
			w.wrong("from %s on %d trainings a year for %d inputs", first.at, spent, len(inputs))
		}
	}
}

// TestYearsRenewInTime: where a base can be trained and what is trained passes, no champion expires and none is stuck, but
// for a renewal that moves nothing.
func TestYearsRenewInTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan := drawPlan(t)
		if plan.seed%5 > 1 {
			return
		}
		plan.passes, plan.badBase, plan.fails, plan.runFails, plan.lastBase, plan.no = 100, 0, 0, 0, 10_000, 0
		request := plan.request
		plan.request = func(r *lifecycle.Request) {
			request(r)
			r.Approval.When, r.Untested = lifecycle.WhenInconclusive, lifecycle.Promote
		}
		w := newWorld(plan, "desk", func(s string) { t.Fatal(s) })
		w.live(drawDays(t, plan, []string{"data", "data", "test", "run", "reset"}), func() {
			if s := w.serving(); w.endpoint && (s == nil || !lifecycle.Alive(s, w.now)) {
				w.wrong("nothing alive serves")
			}
		})
		for _, key := range w.stucks {
			if !strings.HasPrefix(key, "same/") {
				w.wrong("an ordinary renewal became stuck: %v", w.stucks)
			}
		}
	})
}

// TestYearsAFirstVersionThatFails: whoever does not pass is trained once, and told once.
func TestYearsAFirstVersionThatFails(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*lifecycle.Request){
		"tests":                       func(*lifecycle.Request) {},
		"untested":                    func(r *lifecycle.Request) { r.Tests = nil },
		"a lead longer than its life": func(r *lifecycle.Request) { r.Renew.Before = lifecycle.LongestBefore },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := yearsPlan{days: 60, baseEvery: 400, trainable: 365, lastBase: 1, life: 200, badBase: 100, request: change}
			w := newWorld(plan, "desk", func(s string) { t.Fatal(s) })
			limit := 0.05
			for i := range w.request.Tests {
				w.request.Tests[i].MaxWordErrorRate = &limit
			}
			w.live(nil, nil)
			require.Len(t, w.trained, 1, strings.Join(w.journal, "\n"))
			require.Len(t, w.stucks, 1, strings.Join(w.journal, "\n"))
		})
	}
}

// TestYearsAnExpiryThatDoesNotMove: what is trained near an expiry, does not pass and would not live longer is trained again
// when half of the time left has passed, not with each check.
func TestYearsAnExpiryThatDoesNotMove(t *testing.T) {
	t.Parallel()
	plan := yearsPlan{days: 800, baseEvery: 400, trainable: 720, lastBase: 1, ofBase: true, passes: 100, request: func(r *lifecycle.Request) {
		r.Renew.Before = lifecycle.Duration(60 * aDay)
		r.Renew.Window = 0
		r.LastResort.Before = 0
	}}
	most := 2 + int(math.Ceil(math.Log2(60.0/3))) // a retrain takes about three days
	for _, passes := range []int{100, 0} {
		w := newWorld(plan, "desk", func(s string) { t.Fatal(s) })
		for i := range w.bases { // trained from for as long as it serves
			w.bases[i].AdaptationEndsAt = lifecycle.Ptr(noon.Add(700 * aDay))
			w.bases[i].ExpiresAt = lifecycle.Ptr(noon.Add(700 * aDay))
		}
		w.plan.days = 690
		w.live(nil, func() {
			if w.endpoint {
				w.plan.passes = passes
			}
		})
		require.Greater(t, len(w.trained), 1)
		require.LessOrEqual(t, len(w.trained), most, strings.Join(w.journal, "\n"))
		require.LessOrEqual(t, len(w.stucks), len(w.trained), strings.Join(w.journal, "\n"))
	}
}
