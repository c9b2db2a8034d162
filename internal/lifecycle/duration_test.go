package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "60d": 60 * 24 * time.Hour, "1d12h": 36 * time.Hour, "0.5d": 12 * time.Hour, "0s": 0, "0d": 0, "1h30m": 90 * time.Minute,
	} {
		got, err := lifecycle.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.Std(), text)
	}
	for _, text := range []string{"", "d", "90", "-1h", "-3d", "1d-2h", "1w", "1d2d", "1h2d", " 1h", "+5h", "1d+2h", "999999999d", "NaNd", "1e9d", "1 d"} {
		_, err := lifecycle.ParseDuration(text)
		require.Error(t, err, text)
	}
}

func TestDurationReadsBackWhatItWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := lifecycle.Duration(rapid.Int64Range(0, int64(1000*lifecycle.Day)).Draw(t, "d"))
		text, err := d.MarshalText()
		require.NoError(t, err)
		var back lifecycle.Duration
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, d, back)
	})
	require.Equal(t, "60d", lifecycle.Duration(60*lifecycle.Day).String())
	require.Equal(t, "6h", lifecycle.Duration(6*time.Hour).String())
	require.Equal(t, "1h30m", lifecycle.Duration(90*time.Minute).String())
}

// What is read is not negative, and is read again from what it is written as, without a loss.
func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{
		"90m", "60d", "1d12h", "-1h", "9999999999999d", "1e308d", "0.1d1ns",
		"106751d23h47m16.854775807s", "1.0000000000000001h", "µs", "1µs",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := lifecycle.ParseDuration(text)
		if err != nil {
			require.Zero(t, d)
			return
		}
		require.GreaterOrEqual(t, d, lifecycle.Duration(0))
		back, err := lifecycle.ParseDuration(d.String())
		require.NoError(t, err, "%q is written as %q", text, d)
		require.Equal(t, d, back, "%q is written as %q", text, d)
	})
}
