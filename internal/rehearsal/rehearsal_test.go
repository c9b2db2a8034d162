package rehearsal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// A seed decides how good the base models are, and nothing else does.
func TestQualityIsOfTheSeed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed, n := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 40).Draw(t, "n")
		q := quality(seed, "en-US", n)
		require.Equal(t, q, quality(seed, "en-US", n))
		require.Equal(t, q, quality(seed, "EN-us", n))
		require.GreaterOrEqual(t, q, firstQuality-mostBad)
		require.LessOrEqual(t, q, mostQuality+spread)
		require.NotEqual(t, q, quality(seed+1, "en-US", n))
		require.NotEqual(t, q, quality(seed, "de-DE", n))
	})
	worse := 0
	for n := range 1000 {
		if quality(1, "en-US", n) < min(firstQuality+growth*float64(n+1), mostQuality)-spread {
			worse++
		}
	}
	require.InDelta(t, 1000*bad, worse, 60)
}

func TestChecksAreDaily(t *testing.T) {
	t.Parallel()
	three := time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)
	require.Equal(t, three, checkAfter(three.Add(-3*time.Hour)))
	require.Equal(t, three, checkAfter(three.Add(-time.Nanosecond)))
	require.Equal(t, three.Add(day), checkAfter(three))
}

func TestPeakIsTheFirstBusiestDay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)
	require.Nil(t, peak(nil))
	trainings := []training{{at: at.Add(4 * day)}, {at: at.Add(4*day + time.Hour)}, {at: at}, {at: at.Add(time.Hour)}, {at: at.Add(day)}}
	require.Equal(t, &Peak{Day: "2026-11-27", Trainings: 2}, peak(trainings))

	trainings = []training{{model: "a", at: at}, {model: "b", at: at}, {model: "a", at: at.Add(day)}}
	require.Equal(t, &Peak{Day: "2026-11-28", Trainings: 1}, peak(afterFirst(trainings)))
	require.Len(t, trainings, 3)
}

func TestSpentIsInOneSentence(t *testing.T) {
	t.Parallel()
	r := Result{
		Peak: &Peak{Day: "2026-11-27", Trainings: 2}, LaterPeak: &Peak{Day: "2027-02-26", Trainings: 1},
		Models: []Summary{
			{Model: "a", Trainings: 2, TrainingHours: 48, Cost: 480, Currency: "USD", Evaluations: 1},
			{Model: "b", Trainings: 1, TrainingHours: 1, Cost: 10, Currency: "USD"},
		},
	}
	require.Equal(t, "3 trainings of 49 h together: 490.00 USD; at most 2 in a day, on 2026-11-27, "+
		"and without each model's first at most 1, on 2027-02-26. An estimate: an hour for text alone and a day with audio, at renew.prices, else "+
		lifecycle.DefaultPricesSource+"; 1 evaluation and hosting come on top", r.Spent())
	r.Models[1].Currency = "EUR"
	require.Contains(t, r.Spent(), "10.00 EUR + 480.00 USD")
}

// What the marks of versions say depends on the run; a rehearsal says the same each time.
func TestVersionsAreCalledByTheirDay(t *testing.T) {
	t.Parallel()
	r := rehearsal{names: []string{"desk 2026-11-28 0a1b2c3d", "desk of 2028-02-01"}}
	require.Equal(t, "desk of 2028-02-01 was judged: fail; 0.034 vs 0.020; h:1",
		r.called("desk 2026-11-28 0a1b2c3d was judged: fail; 0.034 vs 0.020; q:be023db7; h:1"))
}
