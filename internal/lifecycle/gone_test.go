package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestDoubt(t *testing.T) {
	t.Parallel()
	const lag, pace = 30 * time.Second, 2 * time.Second
	for name, tt := range map[string]struct {
		doubt lifecycle.Doubt
		lag   time.Duration
		pause time.Duration
		gone  bool
	}{
		"the first":                  {lifecycle.Doubt{Answers: 1}, lag, 7500 * time.Millisecond, false},
		"just within the lag":        {lifecycle.Doubt{Answers: 9, Stood: lag - 1}, lag, 7500 * time.Millisecond, false},
		"as long as the lag":         {lifecycle.Doubt{Answers: 2, Stood: lag}, lag, 0, true},
		"the first counts never":     {lifecycle.Doubt{Answers: 1}, 0, pace, false},
		"the second, without lag":    {lifecycle.Doubt{Answers: 2}, 0, 0, true},
		"a long lag is not slept on": {lifecycle.Doubt{Answers: 1}, time.Hour, 10 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pause, gone := tt.doubt.Gone(tt.lag, pace)
			require.Equal(t, tt.gone, gone)
			require.Equal(t, tt.pause, pause)
		})
	}
}
