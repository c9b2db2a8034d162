package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// costing is a plan whose retrain costs an hour of training and ten hours of audio, 14.50 USD in all.
func costing(change func(*lifecycle.Plan)) lifecycle.Plan {
	p := lifecycle.Plan{Name: "desk", ObservedAt: noon}
	p.Prices = lifecycle.Ptr(lifecycle.Prices{}.List())
	p.Estimate = &lifecycle.Cost{Amount: 14.5, Currency: "USD", Trainings: 1, TrainingHours: 1, Evaluations: 2, AudioHours: 10}
	change(&p)
	return p
}

func TestForecast(t *testing.T) {
	t.Parallel()
	in := func(days int) *time.Time { return lifecycle.Ptr(noon.Add(time.Duration(days) * aDay)) }
	one := costing(func(p *lifecycle.Plan) { p.NextRetrainAt = in(40) })
	twin := costing(func(p *lifecycle.Plan) { p.NextRetrainAt = in(40) })
	taken := costing(func(p *lifecycle.Plan) {
		p.NextRetrainAt, p.RenewsAfter = &noon, lifecycle.Ptr(lifecycle.Duration(100*aDay))
		p.LaterEstimate = p.Estimate
		p.Estimate = &lifecycle.Cost{Currency: "USD", Evaluations: 1, AudioHours: 5, Amount: 2.25}
	})
	hosted := costing(func(p *lifecycle.Plan) { p.Endpoint, p.Hosted = lifecycle.Ptr("as it is"), true })
	created := costing(func(p *lifecycle.Plan) { p.Endpoint, p.NextRetrainAt = lifecycle.Ptr("would be created"), in(29) })
	past := costing(func(p *lifecycle.Plan) { p.NextRetrainAt = lifecycle.Ptr(noon.Add(-40 * aDay)) })
	beyond := costing(func(p *lifecycle.Plan) { p.NextRetrainAt = in(400) })
	months := lifecycle.Forecast([]lifecycle.Plan{one, twin, taken, hosted, created, past, beyond})
	require.Len(t, months, 12)
	require.Equal(t, "2026-06", months[0].Month)
	require.Equal(t, "2027-05", months[11].Month)

	// The taken one and the one that should have been, on the day of the plans; the new endpoint's on the last of the month.
	first := months[0]
	require.Equal(t, []int{3, 2, 5}, []int{first.Retrains, first.Trainings, first.Evaluations})
	require.InDelta(t, 20, first.Training, 1e-9)
	require.InDelta(t, 2*4.5+2.25, first.Evaluation, 1e-9)
	require.Equal(t, "2026-06-01", *first.PeakDay)
	require.Equal(t, 2, first.PeakRetrains)
	require.Equal(t, 2, first.Endpoints)
	require.InDelta(t, (29.5+0.5)*24*0.05375, first.Hosting, 1e-9)
	require.InDelta(t, first.Training+first.Evaluation+first.Hosting, first.Total, 1e-9)

	july := months[1]
	require.Equal(t, []any{2, "2026-07-11", 2}, []any{july.Trainings, *july.PeakDay, july.PeakRetrains})
	require.InDelta(t, 2*31*24*0.05375, july.Hosting, 1e-9)

	// After a version was taken the next retrain trains, 100 days later, and again.
	september, december := months[3], months[6]
	require.Equal(t, []any{1, "2026-09-09"}, []any{september.Trainings, *september.PeakDay})
	require.Equal(t, []any{1, "2026-12-18"}, []any{december.Trainings, *december.PeakDay})
	require.Nil(t, months[2].PeakDay)
}

func TestForecastOfTwoCurrencies(t *testing.T) {
	t.Parallel()
	euro := costing(func(p *lifecycle.Plan) { p.Prices.Currency, p.NextRetrainAt = "EUR", &noon })
	dollar := costing(func(p *lifecycle.Plan) { p.NextRetrainAt = &noon })
	months := lifecycle.Forecast([]lifecycle.Plan{dollar, euro, euro})
	require.Len(t, months, 24)
	require.Equal(t, []any{"EUR", 2}, []any{months[0].Currency, months[0].Trainings})
	require.Equal(t, []any{"USD", 1}, []any{months[12].Currency, months[12].Trainings})
	require.Equal(t, []lifecycle.Month{}, lifecycle.Forecast(nil))
}

// A plan comes from a worker, of whatever release: one that renews at once must not be counted for ever.
func TestForecastEnds(t *testing.T) {
	t.Parallel()
	p := costing(func(p *lifecycle.Plan) { p.NextRetrainAt, p.RenewsAfter = &noon, lifecycle.Ptr(lifecycle.Duration(0)) })
	require.Equal(t, 1, lifecycle.Forecast([]lifecycle.Plan{p})[0].Retrains)
}

// What months count together is what the models count, and no peak is above its month.
func TestForecastLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var plans []lifecycle.Plan
		expected := 0
		for i := range rapid.IntRange(1, 20).Draw(t, "models") {
			ahead := rapid.IntRange(0, 330).Draw(t, fmt.Sprint("ahead ", i))
			plans = append(plans, costing(func(p *lifecycle.Plan) { p.NextRetrainAt = lifecycle.Ptr(noon.Add(time.Duration(ahead) * aDay)) }))
			expected++
		}
		retrains, training := 0, 0.0
		for _, m := range lifecycle.Forecast(plans) {
			retrains += m.Retrains
			training += m.Training
			if m.PeakRetrains > m.Retrains || (m.PeakDay == nil) != (m.Retrains == 0) {
				t.Fatalf("%+v", m)
			}
		}
		require.Equal(t, expected, retrains)
		require.InDelta(t, float64(expected)*10, training, 1e-6)
	})
}
