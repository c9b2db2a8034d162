package emulator_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestProfiles(t *testing.T) {
	t.Parallel()
	plain, err := emulator.Profile("")
	require.NoError(t, err)
	require.Equal(t, emulator.Plain(), plain)
	a := emulator.Awkward()
	require.Equal(t, []any{1, 10, 5 * time.Second, 409, "succeeded", "replace"}, []any{
		a.PageSize, a.MaxTop, time.Duration(a.ListLag), a.InUseStatus, a.EndpointPatchStatus, a.CustomPropertiesPatch,
	})
	_, err = emulator.Profile("odd")
	require.ErrorContains(t, err, "plain or awkward")
	for _, s := range []emulator.Settings{plain, a} {
		b, err := json.Marshal(s)
		require.NoError(t, err)
		back, err := emulator.Settings{}.Patch(b)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(s, back))
	}
}

func TestEverySettingIsDocumentedAndHasAFlag(t *testing.T) {
	t.Parallel()
	var f emulator.SettingFlags
	flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
	f.AddFlags(flags)
	typ := reflect.TypeFor[emulator.Settings]()
	n := 0
	flags.VisitAll(func(*pflag.Flag) { n++ })
	require.Equal(t, typ.NumField(), n)
	for i := range typ.NumField() {
		require.NotEmpty(t, typ.Field(i).Tag.Get("doc"), typ.Field(i).Name)
	}
	require.NoError(t, flags.Parse([]string{
		"--profile=awkward", "--page-size=4", "--filter-parentheses", "--error-nulls=false", "--reject-threshold", "0.25",
		"--queue-time", "0s", "--content-url-shown", "absent",
	}))
	got, err := f.Settings()
	require.NoError(t, err)
	want := emulator.Awkward()
	want.PageSize, want.FilterParentheses, want.ErrorNulls, want.RejectThreshold = 4, true, false, 0.25
	want.QueueTime, want.ContentURLShown = 0, "absent"
	require.Empty(t, cmp.Diff(want, got))
	require.Error(t, flags.Parse([]string{"--page-size", "many"}))
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"90m": 90 * time.Minute, "60d": 60 * 24 * time.Hour, "0.5d": 12 * time.Hour, "0s": 0} {
		var d emulator.Duration
		require.NoError(t, d.UnmarshalText([]byte(text)))
		require.Equal(t, want, time.Duration(d))
	}
	var d emulator.Duration
	for _, text := range []string{"", "5", "d", "1w"} {
		require.ErrorContains(t, d.UnmarshalText([]byte(text)), "no duration")
	}
}

func TestClockRunsAtItsSpeed(t *testing.T) {
	t.Parallel()
	real := start
	s := setup(t, func(o *emulator.Options) {
		o.Frozen, o.Speed, o.RealNow = false, 60, func() time.Time { return real }
	})
	d := s.dataset("d", "Language", bom+"x")
	require.NoError(t, s.Advance(t.Context(), 0), "waits for the content")
	real = real.Add(time.Second)
	require.Equal(t, start.Add(time.Minute), s.Now())
	require.Equal(t, "Succeeded", s.again(d).text("status"))
	require.NoError(t, s.Advance(t.Context(), time.Hour))
	require.Equal(t, start.Add(61*time.Minute), s.Now())
	require.Error(t, s.Advance(t.Context(), -time.Second))
	require.Error(t, s.SetTime(t.Context(), start))
}
