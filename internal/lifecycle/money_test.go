package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// took is a version whose training took so many hours.
func took(created time.Time, hours float64, verdict string) lifecycle.Version {
	return lifecycle.Version{
		ID: "v", Status: lifecycle.StatusSucceeded, CreatedAt: &created, Verdict: verdict,
		EndedAt: lifecycle.Ptr(created.Add(time.Duration(hours * float64(time.Hour)))),
	}
}

func TestPricesOfARequestGoBeforeTheDefaults(t *testing.T) {
	t.Parallel()
	list := lifecycle.Prices{}.List()
	require.Equal(t, lifecycle.PriceList{
		Currency: "USD", TrainingHour: 10, EndpointHour: 0.05375, EvaluationAudioHour: 0.225,
		Source: "list prices of Azure Speech in East US as of February 2026",
	}, list)
	list = lifecycle.Prices{TrainingHour: lifecycle.Ptr(0.0)}.List()
	require.Zero(t, list.TrainingHour, "what is said to cost nothing costs nothing")
	require.Equal(t, "renew.prices, else list prices of Azure Speech in East US as of February 2026", list.Source)
	list = lifecycle.Prices{
		Currency: "EUR", TrainingHour: lifecycle.Ptr(8.0), EndpointHour: lifecycle.Ptr(0.05), EvaluationAudioHour: lifecycle.Ptr(0.2),
	}.List()
	require.Equal(t, lifecycle.PriceList{Currency: "EUR", TrainingHour: 8, EndpointHour: 0.05, EvaluationAudioHour: 0.2, Source: "renew.prices"}, list)

	from := at(t, "2026-11-01 00:00 +0000")
	require.InDelta(t, 2*720*0.05, list.Hosting(2, from, from.AddDate(0, 1, 0)), 1e-9)
	require.Zero(t, list.Hosting(2, from, from.Add(-time.Hour)))
}

func TestTrainingHours(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-20 00:00 +0000")
	running := took(now.Add(-5*time.Hour), 0, "")
	running.Status, running.EndedAt = "Running", nil
	unknown := took(now, 1, "")
	unknown.EndedAt = nil
	for name, tt := range map[string]struct {
		version lifecycle.Version
		want    float64
		known   bool
	}{
		"by its mark":                       {took(now, 20, "pass; 0.112 vs 0.131; at:2026-11-27; h:5.5; n:2"), 5.5, true},
		"by its dates":                      {took(now, 20, "pass; 0.112 vs 0.131"), 20, true},
		"a mark that says none":             {took(now, 20, "pass; h:x; h:-1"), 20, true},
		"running, so far":                   {running, 5, true},
		"a week at most":                    {took(now, 1000, ""), 168, true},
		"a week at most, whatever is noted": {took(now, 20, "h:+Inf"), 168, true},
		"nothing is told":                   {unknown, 0, false},
		"dates in disorder":                 {took(now, -1, ""), 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, known := lifecycle.TrainingHours(tt.version, now)
			require.Equal(t, tt.known, known)
			require.InDelta(t, tt.want, got, 1e-9)
		})
	}
}

func TestEstimateRetrain(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-20 00:00 +0000")
	hours := lifecycle.Ptr[float64]
	request := lifecycle.Request{Tests: []lifecycle.Test{{Data: lifecycle.Data{Name: "calls"}}}}
	base := &lifecycle.Model{DisplayName: "20260901"}
	audio := lifecycle.ObservedData{Kind: lifecycle.DatasetAcoustic}
	test := []lifecycle.ObservedData{{Label: "calls", AudioHours: hours(0.5)}}
	for name, tt := range map[string]struct {
		observed lifecycle.Observed
		change   func(*lifecycle.Request)
		base     *lifecycle.Model
		amount   float64
		formula  string
	}{
		"its own longest training": {
			lifecycle.Observed{Now: now, Tests: test, Versions: []lifecycle.Version{took(now, 2, ""), took(now, 20, "pass; h:5.5")}},
			nil, base, 55.225,
			"estimate: 5.5 h of training (its longest so far) x 10 + 1 evaluation of 0.5 h of audio (test calls, by its dataset) x 2 models x 0.225 = 55.23 USD; " +
				"list prices of Azure Speech in East US as of February 2026",
		},
		"a base that is not charged": {
			lifecycle.Observed{Now: now, Tests: test, Versions: []lifecycle.Version{took(now, 5, "")}},
			nil,
			&lifecycle.Model{DisplayName: "20230101", Charged: lifecycle.Ptr(false)}, 0.225, "training from 20230101 is not charged + 1 evaluation",
		},
		"a base that is charged, and no tests": {
			lifecycle.Observed{Now: now, Versions: []lifecycle.Version{took(now, 5, "")}},
			func(r *lifecycle.Request) { r.Tests = nil },
			&lifecycle.Model{Charged: lifecycle.Ptr(true)}, 50, "estimate: 5 h of training (its longest so far) x 10 = 50.00 USD",
		},
		"an unknown base": {lifecycle.Observed{Now: now, Tests: test, Versions: []lifecycle.Version{took(now, 5, "")}}, nil, nil, 50.225, "5 h of training"},
		"text alone": {
			lifecycle.Observed{Now: now, Tests: test, Training: []lifecycle.ObservedData{{Kind: lifecycle.DatasetLanguage}}},
			nil, base, 10.225,
			"1 h of training (none is known yet: text alone takes less) x 10",
		},
		"audio": {
			lifecycle.Observed{Now: now, Tests: test, Training: []lifecycle.ObservedData{{Kind: lifecycle.DatasetAcoustic, AudioHours: hours(5)}}},
			nil, base, 120.225,
			"12 h of training (none is known yet: 5 h of audio, of which a day takes 10) x 10",
		},
		"a little audio": {
			lifecycle.Observed{Now: now, Tests: test, Training: []lifecycle.ObservedData{{Kind: lifecycle.DatasetAcoustic, AudioHours: hours(0.1)}}},
			nil, base, 10.225,
			"1 h of training",
		},
		"a lot of audio": {
			lifecycle.Observed{Now: now, Tests: test, Training: []lifecycle.ObservedData{{Kind: lifecycle.DatasetAudioFiles, AudioHours: hours(500)}}},
			nil, base, 1680.225,
			"168 h of training",
		},
		"audio of unknown length": {
			lifecycle.Observed{Now: now, Tests: test, Training: []lifecycle.ObservedData{audio}},
			nil, base, 240.225,
			"24 h of training (none is known yet: a day for audio of unknown length) x 10",
		},
		"a failed training tells nothing": {
			lifecycle.Observed{Now: now, Tests: test, Versions: []lifecycle.Version{
				{Status: lifecycle.StatusFailed, CreatedAt: &now, EndedAt: lifecycle.Ptr(now.Add(90 * time.Hour))},
			}},
			nil, base, 10.225, "1 h of training",
		},
		"the bare base is measured too": {
			lifecycle.Observed{Now: now, Tests: test}, func(r *lifecycle.Request) { r.Compare.Base = true }, base, 10.45, "2 evaluations of 0.5 h",
		},
		"an inspection, once": {
			lifecycle.Observed{Now: now, Tests: test}, func(r *lifecycle.Request) {
				r.Compare.Base = true
				r.Tests = []lifecycle.Test{{Data: lifecycle.Data{Name: "calls"}, Inspect: true}}
			}, base, 10.225, "1 evaluation of 0.5 h",
		},
		"by its words": {
			lifecycle.Observed{Now: now, Versions: []lifecycle.Version{{Tests: []lifecycle.ObservedTest{{Name: "calls", Words: lifecycle.Ptr[int64](4500)}}}}},
			nil, base, 10.225,
			"1 evaluation of 0.5 h of audio (test calls, 4500 words) x 2 models x 0.225",
		},
		"unknown audio": {lifecycle.Observed{Now: now}, nil, base, 10, "the audio of test calls is not known: left out = 10.00 USD"},
		"other prices": {
			lifecycle.Observed{Now: now, Tests: test, Versions: []lifecycle.Version{took(now, 5, "")}}, func(r *lifecycle.Request) {
				r.Renew.Prices = lifecycle.Prices{Currency: "EUR", TrainingHour: hours(2), EndpointHour: hours(0), EvaluationAudioHour: hours(1)}
			}, base, 11, "= 11.00 EUR; renew.prices",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request
			if tt.change != nil {
				tt.change(&r)
			}
			got := lifecycle.EstimateRetrain(tt.observed, r, tt.base)
			require.InDelta(t, tt.amount, got.Amount, 1e-9)
			require.Contains(t, got.Formula, tt.formula)
		})
	}
}

func TestSpentIsOfTheCalendarMonth(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-20 00:00 +0000")
	running := took(now.Add(-6*time.Hour), 0, "")
	running.Status, running.EndedAt, running.Model = "Running", nil, "other"
	failed := took(at(t, "2026-11-02 00:00 +0000"), 2, "")
	failed.Status = lifecycle.StatusFailed
	mute := took(at(t, "2026-11-02 00:00 +0000"), 2, "")
	mute.EndedAt = nil
	versions := []lifecycle.Trained{
		{Version: took(at(t, "2026-10-31 23:59 +0000"), 100, "")},
		{Version: took(at(t, "2026-11-01 00:00 +0000"), 9, "pass; h:3"), Charged: lifecycle.Ptr(true)},
		{Version: took(at(t, "2026-11-01 00:00 +0000"), 50, ""), Charged: lifecycle.Ptr(false)},
		{Version: failed},
		{Version: running},
		{Version: mute},
		{},
	}
	evaluations := []lifecycle.Recognized{
		{CreatedAt: at(t, "2026-11-03 00:00 +0000"), AudioHours: lifecycle.Ptr(0.5), Words: lifecycle.Ptr[int64](1)},
		{CreatedAt: at(t, "2026-11-03 00:00 +0000"), Words: lifecycle.Ptr[int64](13500)},
		{CreatedAt: at(t, "2026-11-03 00:00 +0000")},
		{CreatedAt: at(t, "2026-12-01 00:00 +0000"), AudioHours: lifecycle.Ptr(50.0)},
	}
	got := lifecycle.Spent(now, now, versions, evaluations, lifecycle.Prices{}.List())
	require.InDelta(t, 11*10+2*2*0.225, got.Amount, 1e-9)
	require.Equal(t, "estimate of 2026-11: 4 charged trainings of 11 h together x 10 + 3 evaluations of 2 h of audio together x 2 models x 0.225 = 110.90 USD; "+
		"list prices of Azure Speech in East US as of February 2026; of 2 of them the service does not tell how long they are", got.Formula)
	before := lifecycle.Spent(lifecycle.PreviousMonth(now), now, versions, evaluations, lifecycle.Prices{}.List())
	require.InDelta(t, 1000, before.Amount, 1e-9)
	require.Equal(t, "2026-12", lifecycle.PreviousMonth(at(t, "2027-01-01 00:30 +0100").Add(time.Hour)).Format("2006-01"))
}

// Of many that begin in one night, the later ones see what the earlier ones will cost.
func TestSpentForeseesATrainingThatGoesOn(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-20 03:10 +0000")
	of := func(model string, v lifecycle.Version) lifecycle.Trained {
		v.Model = model
		return lifecycle.Trained{Version: v}
	}
	running := func(since time.Duration) lifecycle.Version {
		v := took(now.Add(-since), 0, "")
		v.Status, v.EndedAt = "Running", nil
		return v
	}
	failed := took(at(t, "2026-10-02 00:00 +0000"), 90, "")
	failed.Status = lifecycle.StatusFailed
	for name, tt := range map[string]struct {
		versions []lifecycle.Trained
		hours    float64
	}{
		"as long as the longest of its model": {[]lifecycle.Trained{
			of("desk", took(at(t, "2026-09-02 00:00 +0000"), 6, "")), of("desk", took(at(t, "2026-10-02 00:00 +0000"), 4, "")), of("desk", failed),
			of("desk", running(time.Minute)),
		}, 6},
		"longer when it has lasted longer": {[]lifecycle.Trained{
			of("desk", took(at(t, "2026-09-02 00:00 +0000"), 6, "")), of("desk", running(8*time.Hour)),
		}, 8},
		"an hour when the model has none": {[]lifecycle.Trained{
			of("other", took(at(t, "2026-09-02 00:00 +0000"), 6, "")), of("desk", running(time.Minute)),
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, tt.hours, lifecycle.Spent(now, now, tt.versions, nil, lifecycle.Prices{}.List()).TrainingHours, 1e-9)
		})
	}
}

// No version and no evaluation counts in two months, and none in no month.
func TestMonthsTogetherAreAllThatWasSpent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		now := start.AddDate(1, 0, 0)
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			return start.Add(time.Duration(rapid.Int64Range(0, int64(365*lifecycle.Day)-1).Draw(t, "at")))
		})
		var versions []lifecycle.Trained
		var evaluations []lifecycle.Recognized
		all := 0.0
		prices := lifecycle.Prices{}.List()
		for range rapid.IntRange(0, 20).Draw(t, "versions") {
			hours := rapid.Float64Range(0.01, 100).Draw(t, "hours")
			versions = append(versions, lifecycle.Trained{Version: took(moment.Draw(t, "created"), hours, "")})
			own, _ := lifecycle.TrainingHours(versions[len(versions)-1].Version, now)
			all += own * prices.TrainingHour
		}
		for range rapid.IntRange(0, 20).Draw(t, "evaluations") {
			hours := rapid.Float64Range(0, 10).Draw(t, "audio")
			evaluations = append(evaluations, lifecycle.Recognized{CreatedAt: moment.Draw(t, "made"), AudioHours: &hours})
			all += hours * 2 * prices.EvaluationAudioHour
		}
		months := 0.0
		for m := range 12 {
			months += lifecycle.Spent(start.AddDate(0, m, 14), now, versions, evaluations, prices).Amount
		}
		if diff := months - all; diff > 1e-6 || diff < -1e-6 {
			t.Fatalf("%g in the months, %g in all", months, all)
		}
	})
}
