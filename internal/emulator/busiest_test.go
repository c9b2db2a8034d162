package emulator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The window is open at its end, and the log is not in the order of arrival.
func TestBusiest(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(seconds ...float64) []time.Time {
		var all []time.Time
		for _, s := range seconds {
			all = append(all, start.Add(time.Duration(s*float64(time.Second))))
		}
		return all
	}
	require.Zero(t, busiest(nil))
	require.Equal(t, 1, busiest(at(0, 10, 20)))
	require.Equal(t, 2, busiest(at(0, 9.9, 19.9)))
	require.Equal(t, 3, busiest(at(30, 12, 0, 21, 2, 13)))
}
