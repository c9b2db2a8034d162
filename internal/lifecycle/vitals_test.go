package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestVitals(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 6, n, 0, 0, 0, 0, time.UTC) }
	test := func(name string, at int, of bool, rate, compared float64) lifecycle.ObservedTest {
		return lifecycle.ObservedTest{Name: name, CreatedAt: day(at), OfBase: of, WordErrorRate: &rate, Compared: &compared}
	}
	expires := day(30)
	first := lifecycle.Version{
		ID: "first", Status: lifecycle.StatusSucceeded, State: lifecycle.StateChampion, ExpiresAt: &expires, CreatedAt: lifecycle.Ptr(day(1)),
		Alarm: "expiring-30-2026-06-30; stuck-a1b2; stuck-c3d4; nonsense-1",
		Tests: []lifecycle.ObservedTest{test("calls", 1, true, 0.12, 0.2), test("calls", 3, true, 0.11, 0.19), test("desk", 1, false, 0.3, 0.4)},
	}
	second := lifecycle.Version{
		ID: "second", State: lifecycle.StateRejected, CreatedAt: lifecycle.Ptr(day(2)), ExpiresAt: lifecycle.Ptr(day(29)),
		Tests: []lifecycle.ObservedTest{test("calls", 4, false, 0.15, 0.11), {Name: "calls", CreatedAt: day(5)}},
	}
	untested := lifecycle.Version{ID: "third", State: lifecycle.StateCandidate, CreatedAt: lifecycle.Ptr(day(3))}
	served := &lifecycle.EndpointReport{ID: "e"}
	for name, tt := range map[string]struct {
		row     lifecycle.Row
		expires *time.Time
		rates   []lifecycle.VitalRate
		alarms  []string
	}{
		"nothing": {rates: []lifecycle.VitalRate{}},
		"a champion without an endpoint, and a challenger": {
			row:     lifecycle.Row{Versions: []lifecycle.Version{untested, second, first}},
			expires: &expires,
			rates: []lifecycle.VitalRate{
				{Test: "calls", Side: "base", Rate: 0.19},
				{Test: "calls", Side: "challenger", Rate: 0.15},
				{Test: "calls", Side: "champion", Rate: 0.11},
				{Test: "desk", Side: "champion", Rate: 0.3},
			},
			alarms: []string{"expiring", "stuck"},
		},
		"what serves counts, not the mark": {
			row: lifecycle.Row{
				Versions: []lifecycle.Version{untested, second, first}, Endpoint: served,
				Serving: &lifecycle.Model{ID: "second", Custom: true, ExpiresAt: second.ExpiresAt},
			},
			expires: second.ExpiresAt,
			rates: []lifecycle.VitalRate{
				{Test: "calls", Side: "base", Rate: 0.19}, {Test: "calls", Side: "champion", Rate: 0.15},
			},
		},
		"somebody else's model serves": {
			row: lifecycle.Row{
				Versions: []lifecycle.Version{first}, Endpoint: served, Serving: &lifecycle.Model{ID: "foreign", Custom: true, ExpiresAt: lifecycle.Ptr(day(9))},
			},
			expires: lifecycle.Ptr(day(9)),
			rates: []lifecycle.VitalRate{
				{Test: "calls", Side: "base", Rate: 0.19}, {Test: "calls", Side: "challenger", Rate: 0.11}, {Test: "desk", Side: "challenger", Rate: 0.3},
			},
			alarms: []string{"expiring", "stuck"},
		},
		"a base model serves": {
			row: lifecycle.Row{
				Versions: []lifecycle.Version{first}, Endpoint: served, Serving: &lifecycle.Model{ID: "base", ExpiresAt: lifecycle.Ptr(day(9))},
			},
			rates: []lifecycle.VitalRate{
				{Test: "calls", Side: "base", Rate: 0.19}, {Test: "calls", Side: "champion", Rate: 0.11}, {Test: "desk", Side: "champion", Rate: 0.3},
			},
			alarms: []string{"expiring", "stuck"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := lifecycle.VitalsOf(tt.row)
			require.Equal(t, tt.expires, v.ExpiresAt)
			require.Equal(t, tt.rates, v.Rates)
			require.Equal(t, tt.alarms, v.Alarms)
		})
	}
}

// However many tests a model has, its figures are bounded.
func TestVitalsAreBounded(t *testing.T) {
	t.Parallel()
	v := lifecycle.Version{ID: "v", Status: lifecycle.StatusSucceeded, State: lifecycle.StateChampion}
	for i := range 100 {
		v.Tests = append(v.Tests, lifecycle.ObservedTest{Name: fmt.Sprint("t", i), WordErrorRate: lifecycle.Ptr(0.1)})
	}
	vitals := lifecycle.VitalsOf(lifecycle.Row{Versions: []lifecycle.Version{v}})
	require.Len(t, vitals.Rates, lifecycle.MostRates)
	require.Equal(t, 100-lifecycle.MostRates, vitals.RatesLeftOut)
}

// Of too many models those are told of that need somebody first, whatever their names.
func TestWhichVitalsAreMoreUrgent(t *testing.T) {
	t.Parallel()
	on := func(day int) *time.Time { return lifecycle.Ptr(time.Date(2026, 6, day, 0, 0, 0, 0, time.UTC)) }
	want := []lifecycle.Vitals{
		{Name: "z-alarm", Alarms: []string{"stuck"}, ExpiresAt: on(20)},
		{Name: "y-alarm", Alarms: []string{"stuck"}, ExpiresAt: on(30)},
		{Name: "x-alarm", Alarms: []string{"missing"}},
		{Name: "soon", ExpiresAt: on(1)},
		{Name: "a", Locale: "de-DE", ExpiresAt: on(9)},
		{Name: "a", Locale: "en-US", ExpiresAt: on(9)},
		{Name: "b", ExpiresAt: on(9)},
		{Name: "a", Locale: "fr-FR"},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, lifecycle.Vitals.MoreUrgent)
	require.Equal(t, want, got)
}
