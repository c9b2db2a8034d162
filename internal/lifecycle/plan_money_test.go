package lifecycle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// planned is the plan of what is observed, with the base that a retrain would train from.
func planned(o lifecycle.Observed, r lifecycle.Request) lifecycle.Plan {
	base := o.Bases[len(o.Bases)-1]
	return lifecycle.NewPlan(r, lifecycle.Planned{Observed: o, Due: lifecycle.Due(o, r), Base: &base, Resource: "here"})
}

// Plan, check and status name the same due day, whatever is observed.
func TestDatesAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, r := observedOf(t), desk()
		r.Renew.Window = lifecycle.Duration(rapid.IntRange(0, 30).Draw(t, "window")) * lifecycle.Duration(aDay)
		o.Owner = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "owner")
		dates, due := o.Dates(r), lifecycle.Due(o, r)
		if due.DueAt != nil { // none is asked for of what has expired and was set by hand
			require.Equal(t, due.DueAt, dates.DueAt)
		}
		require.Equal(t, dates, planned(o, r).Dates)
		row := lifecycle.Row{Versions: o.Versions, Serving: o.Serving, ObservedAt: o.Now, Owner: o.Owner}
		if o.Endpoint != nil {
			row.Endpoint = &lifecycle.EndpointReport{ID: o.Endpoint.ID}
		}
		if !slices.ContainsFunc(o.Versions, func(v lifecycle.Version) bool { return v.State == lifecycle.StateCandidate }) {
			require.Equal(t, dates, row.Dates(r))
		}
		if dates.Known() {
			require.Equal(t, dates.ExpiresAt.Add(-14*aDay), *dates.LastResortAt)
			require.False(t, dates.DueAt.After(*dates.ExpiresAt))
		}
	})
}

func TestABaseModelSetByHandHasNoDates(t *testing.T) {
	t.Parallel()
	o := calm()
	bare := o.Bases[0]
	o.Serving = &bare
	require.Equal(t, lifecycle.Dates{}, o.Dates(desk()))
	bare.Custom = true
	require.True(t, o.Dates(desk()).Known())
}

func TestPlanSaysWhatComesAndWhatItCosts(t *testing.T) {
	t.Parallel()
	due := noon.Add((300-36)*aDay - 4*time.Hour)
	for name, tc := range map[string]struct {
		change   func(*lifecycle.Observed, *lifecycle.Request)
		at       *time.Time
		held     string
		takes    string
		reason   string
		formula  string
		training int
	}{
		"current": {
			change: func(*lifecycle.Observed, *lifecycle.Request) {}, at: &due, training: 1,
			formula: "estimate: 3 h of training (its longest so far) x 10 = 30.00 USD; " + lifecycle.DefaultPricesSource,
		},
		"due": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) { expire(o, 20) }, at: &noon, training: 1, formula: "estimate: 3 h",
		},
		"a retrain goes on": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Retrain = "run" }, at: &noon, training: 1, formula: "estimate: 3 h",
		},
		"a version is there": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 20)
				tried(o, "v2", lifecycle.StateFailed, 3, "")
			},
			at: &noon, takes: "v2", reason: "v2 of 2026-05-29 has the same base model and data, so nothing is trained",
			formula: "estimate: no training, v2 is taken = 0.00 USD",
		},
		"one that was judged already": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				tried(o, "v2", lifecycle.StateRejected, 3, "fail; "+same()+"; no by ann: worse")
			},
			at: &due, takes: "v2", reason: "v2 was judged by the same question already: fail", formula: "estimate: no training",
		},
		"one that will not live long enough by then": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				v := tried(o, "v2", lifecycle.StateFailed, 3, "")
				v.ExpiresAt = lifecycle.Ptr(due.Add(5 * aDay))
			},
			at: &due, training: 1, formula: "estimate: 3 h",
		},
		"a failed training rests": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				failedTraining(o, "v2", 1)
			},
			at: lifecycle.Ptr(noon.Add(23 * time.Hour)), held: "has failed once", training: 1, formula: "estimate: 3 h",
		},
		"a new base waits for its day": {
			change: func(o *lifecycle.Observed, r *lifecycle.Request) {
				o.Bases = append(o.Bases, base("base-2", 1))
				r.Renew.Window = lifecycle.Duration(21 * aDay)
			},
			held: "is newer than that of v1", training: 1, formula: "estimate: 3 h",
		},
		"no expiry is known": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Versions[0].ExpiresAt, o.Serving.ExpiresAt = nil, nil
			}, training: 1, formula: "estimate: 3 h",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			tc.change(&o, &r)
			plan := planned(o, r)
			switch {
			case tc.at != nil:
				require.Equal(t, *tc.at, *plan.NextRetrainAt)
			case tc.held != "":
				require.Equal(t, plan.Held.Until, *plan.NextRetrainAt)
				require.True(t, plan.NextRetrainAt.After(noon) && plan.NextRetrainAt.Before(noon.Add(21*aDay)))
			default:
				require.Nil(t, plan.NextRetrainAt)
			}
			if tc.held == "" {
				require.Nil(t, plan.Held)
			} else {
				require.Contains(t, plan.Held.Reason, tc.held)
			}
			if tc.takes == "" {
				require.Nil(t, plan.Takes)
				require.Nil(t, plan.LaterEstimate)
			} else {
				require.Equal(t, tc.takes, plan.Takes.DisplayName)
				require.Equal(t, "base-1", plan.Takes.BaseModel)
				require.Contains(t, plan.Takes.Reason, tc.reason)
				require.Equal(t, 1, plan.LaterEstimate.Trainings)
			}
			require.Contains(t, plan.Estimate.Formula, tc.formula)
			require.Equal(t, tc.training, plan.Estimate.Trainings)
			require.True(t, plan.Hosted)
		})
	}
}

// What is stuck is tried again as last resort: by then the question is another one, and the answer that stands now does not.
func TestPlanOfWhatIsStuckUntilTheLastResort(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	r.Tests = []lifecycle.Test{{Data: lifecycle.Data{Name: "calls"}}}
	o.Tests = []lifecycle.ObservedData{{Label: "calls", DatasetID: "t", Content: "calls"}}
	expire(&o, 20)
	tried(&o, "v2", lifecycle.StateRejected, 3, "fail; q:"+lifecycle.Question(r, o.Serving.ID, []string{"calls"})+"; no by ann: worse")
	plan := planned(o, r)
	require.NotNil(t, plan.Stuck)
	require.Equal(t, noon.Add(6*aDay), *plan.NextRetrainAt)
	require.Equal(t, "v2", plan.Takes.DisplayName)
	require.NotContains(t, plan.Takes.Reason, "judged by the same question")
}

func TestAPlanThatCouldNotBeMadeHasNoMoney(t *testing.T) {
	t.Parallel()
	plan := lifecycle.NewPlan(desk(), lifecycle.Planned{Problem: &lifecycle.Failure{Type: lifecycle.Unauthorized}})
	require.Nil(t, plan.Estimate)
	require.Empty(t, lifecycle.Forecast([]lifecycle.Plan{plan}))
}
