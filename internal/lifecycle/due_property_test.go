package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// observedOf draws what a service could show.
func observedOf(t *rapid.T) lifecycle.Observed {
	o := calm()
	o.Versions = nil
	states := []lifecycle.State{
		lifecycle.StateChampion, lifecycle.StateRetired, lifecycle.StateRejected,
		lifecycle.StateFailed, lifecycle.StateRolledBack, lifecycle.StateCandidate,
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "versions") {
		v := trained(fmt.Sprint("v", i), rapid.SampledFrom(states).Draw(t, "state"), 10*(i+1), rapid.IntRange(-5, 500).Draw(t, "left"))
		o.Versions = append(o.Versions, v)
	}
	if len(o.Versions) > 0 && rapid.Bool().Draw(t, "ours serves") {
		o.Serving = serving(rapid.SampledFrom(o.Versions).Draw(t, "serving"))
	} else {
		o.Serving = rapid.SampledFrom([]*lifecycle.Model{nil, {ID: "foreign", DisplayName: "foreign", Custom: true}}).Draw(t, "foreign")
	}
	if rapid.Bool().Draw(t, "no endpoint") {
		o.Endpoint = nil
	}
	if rapid.Bool().Draw(t, "new base") {
		o.Bases = append(o.Bases, base("base-9", rapid.IntRange(0, 50).Draw(t, "age")))
	}
	o.Training[0].Content = rapid.SampledFrom([]string{"text", "other"}).Draw(t, "content")
	return o
}

func TestEqualInputEqualAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, r := observedOf(t), desk()
		before := lifecycle.Due(o, r)
		if diff := cmp.Diff(before, lifecycle.Due(o, r)); diff != "" {
			t.Fatal(diff)
		}
		if before.Reason == "" || (before.Due && before.NextCheck != nil) {
			t.Fatalf("%+v", before)
		}
		if before.NextCheck != nil && !before.NextCheck.After(o.Now) {
			t.Fatalf("the next check %s is over", before.NextCheck)
		}
	})
}

// TestADayNeverMakesAnExpiryUndue: whoever is due stays due when only time passes.
func TestADayNeverMakesAnExpiryUndue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, r := observedOf(t), desk()
		r.Renew.OnNewBaseModel = false // a base can pass its adaptation date
		due := lifecycle.Due(o, r).Due
		for range 120 {
			o.Now = o.Now.Add(aDay)
			next := lifecycle.Due(o, r).Due
			if due && !next {
				t.Fatalf("undue on %s", o.Now)
			}
			due = next
		}
	})
}

// TestNotDueBeforeTheNextCheck: the answer stays the same until the time that it names.
func TestNotDueBeforeTheNextCheck(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, r := calm(), desk()
		expire(&o, rapid.IntRange(39, 500).Draw(t, "left"))
		if rapid.Bool().Draw(t, "failed") {
			v := trained("v2", lifecycle.StateFailed, 0, 300)
			v.EndedAt = lifecycle.Ptr(o.Now.Add(-time.Duration(rapid.IntRange(0, 23).Draw(t, "hours ago")) * time.Hour))
			v.Status, v.Input = "Failed", lifecycle.InputMark("base-1", []string{"other"})
			o.Versions = append([]lifecycle.Version{v}, o.Versions...)
			o.Training[0].Content = "other"
		}
		answer := lifecycle.Due(o, r)
		if answer.Due || answer.NextCheck == nil {
			t.Fatalf("%+v", answer)
		}
		until := answer.NextCheck.Sub(o.Now)
		o.Now = o.Now.Add(time.Duration(rapid.Int64Range(0, int64(until)-1).Draw(t, "within")))
		if lifecycle.Due(o, r).Due {
			t.Fatalf("due on %s, before %s", o.Now, answer.NextCheck)
		}
		o.Now = answer.NextCheck.Add(time.Second)
		if !lifecycle.Due(o, r).Due {
			t.Fatalf("not due after %s", answer.NextCheck)
		}
	})
}

// TestNeverExpiresWhileServing plays years of daily checks: trainings of any length up to what was seen, versions
// rejected or failed as long as a champion may judge them, and accepted as last resort. What serves never expires.
func TestNeverExpiresWhileServing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := desk()
		r.LastResort.Before = lifecycle.Duration(rapid.IntRange(14, 60).Draw(t, "lastResort")) * lifecycle.Duration(aDay)
		if rapid.Bool().Draw(t, "before") {
			r.Renew.Before = r.LastResort.Before + lifecycle.Duration(rapid.IntRange(12, 90).Draw(t, "lead"))*lifecycle.Duration(aDay)
		}
		o := calm()
		o.Endpoint.ModelID = "id-v1"
		for n := 2; o.Now.Before(noon.Add(3 * 365 * aDay)); o.Now = o.Now.Add(aDay) {
			if !o.Now.Before(*o.Serving.ExpiresAt) {
				t.Fatalf("%s expired on %s", o.Serving.DisplayName, o.Serving.ExpiresAt)
			}
			if !lifecycle.Due(o, r).Due {
				continue
			}
			took := time.Duration(rapid.IntRange(1, 11*24).Draw(t, "hours")) * time.Hour
			started := o.Now
			o.Now = o.Now.Add(took)
			lastResort := o.Serving.ExpiresAt.Sub(o.Now) < r.LastResort.Before.Std()
			v := trained(fmt.Sprint("v", n), lifecycle.StateChampion, 0, 0)
			n++
			v.CreatedAt, v.EndedAt = &started, lifecycle.Ptr(o.Now)
			v.ExpiresAt = lifecycle.Ptr(o.Now.Add(time.Duration(rapid.IntRange(120, 700).Draw(t, "life")) * aDay))
			switch {
			case lastResort || rapid.IntRange(0, 4).Draw(t, "passes") == 0:
				o.Versions[0].State = lifecycle.StateRetired
				o.Versions = []lifecycle.Version{v}
				o.Serving = serving(v)
				if !o.Now.Before(*o.Serving.ExpiresAt) {
					t.Fatal("expired")
				}
			default:
				v.State = rapid.SampledFrom([]lifecycle.State{lifecycle.StateRejected, lifecycle.StateFailed}).Draw(t, "state")
				champion := o.Versions[len(o.Versions)-1]
				o.Versions = []lifecycle.Version{v, champion}
			}
		}
	})
}
