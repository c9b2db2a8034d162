package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func spans(seconds ...int) []span {
	var all []span
	for i := 0; i < len(seconds); i += 2 {
		all = append(all, span{at(seconds[i]), at(seconds[i+1])})
	}
	return all
}

func TestGaps(t *testing.T) {
	t.Parallel()
	frame := span{at(0), at(100)}
	for name, c := range map[string]struct {
		spans []span
		least int
		want  int
	}{
		"nothing":               {nil, 0, 100},
		"all of it":             {spans(0, 100), 0, 0},
		"beyond the frame":      {spans(-10, 20, 90, 120), 0, 70},
		"outside of the frame":  {spans(-10, -5, 110, 120), 0, 100},
		"beside each other":     {spans(0, 40, 10, 20, 30, 60), 0, 40},
		"out of order":          {spans(50, 100, 0, 30), 0, 20},
		"moments":               {spans(10, 10, 20, 20), 0, 100},
		"short ones are none":   {spans(0, 50, 54, 90, 95, 100), 5, 5},
		"the last is one, too":  {spans(0, 50), 5, 50},
		"the first is one, too": {spans(50, 100), 5, 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, time.Duration(c.want)*time.Second, gaps(c.spans, frame, time.Duration(c.least)*time.Second))
		})
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	require.Zero(t, percentile(nil, 95))
	require.InDelta(t, 7, percentile([]float64{7}, 95), 0)
	var hundred []float64
	for i := 100; i > 0; i-- {
		hundred = append(hundred, float64(i))
	}
	require.InDelta(t, 95, percentile(hundred, 95), 0)
	require.InDelta(t, 96, percentile(append(hundred, 101), 95), 0)
	require.InDelta(t, 100, hundred[0], 0, "the values stay as they are")
}
