package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// at is a moment written as 2006-01-02 15:04 -0700.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	moment, err := time.Parse("2006-01-02 15:04 -0700", s)
	require.NoError(t, err)
	return moment
}

// calendar is that of a model with a place in the window of its own.
func calendar(place float64, window int, zone string, avoid ...string) lifecycle.Calendar {
	r := lifecycle.Request{Name: "calls", Locale: "en-US"}
	r.Renew = lifecycle.Renew{Window: lifecycle.Duration(time.Duration(window) * lifecycle.Day), Avoid: avoid, TimeZone: zone}
	c := lifecycle.NewCalendar("us", r)
	c.Place = place
	return c
}

func TestPlaceIsThatOfOwnerNameAndLocale(t *testing.T) {
	t.Parallel()
	place := lifecycle.Place("us", "calls", "en-US")
	require.InDelta(t, 0.8842879, place, 1e-7, "it never changes: fleets would come due at other times")
	require.InDelta(t, place, lifecycle.Place("us", "calls", "EN-us"), 0, "the service and a request may differ in it")
	for _, other := range []float64{
		lifecycle.Place("them", "calls", "en-US"), lifecycle.Place("us", "call", "en-US"), lifecycle.Place("us", "calls", "de-DE"),
	} {
		require.NotEqual(t, place, other)
	}
}

func TestForExpiry(t *testing.T) {
	t.Parallel()
	const created, expires, last = "2025-01-10 00:00 +0000", "2027-01-15 00:00 +0000", "2026-12-20 12:00 +0000"
	for name, tt := range map[string]struct {
		c                      lifecycle.Calendar
		created, expires, last string
		want, reason           string
	}{
		"at its place":    {calendar(0.25, 20, ""), created, expires, last, "2026-12-15 12:00 +0000", "spread over 20 days: 5 days earlier"},
		"the first place": {calendar(0, 20, ""), created, expires, last, last, "spread over 20 days: 0s earlier"},
		"no window":       {calendar(0.9, 0, ""), created, expires, last, last, ""},
		"a short life": {
			calendar(0.5, 20, ""), "2026-12-01 00:00 +0000", "2026-12-25 00:00 +0000", last,
			"2026-12-17 12:00 +0000", "spread over 6 days: 3 days earlier",
		},
		"avoided days do not count": {
			calendar(0.25, 20, "", "2026-12-17..2026-12-18", "Wed"), created, expires, last,
			// 20 noon back to 19, then Wed 16, Thu 17 and Fri 18 do not count: 15, 14, 13 and half of 12.
			"2026-12-12 12:00 +0000", "spread over 20 days: 8 days earlier; 2026-12-17..2026-12-18, Wed is avoided",
		},
		"in the time zone": {
			// Saturday and Sunday in Berlin are Friday 23:00 to Sunday 23:00 in UTC.
			calendar(0.5, 1, "Europe/Berlin", "Sat", "Sun"), created, expires, "2026-12-20 23:00 +0000", "2026-12-18 11:00 +0000",
			"spread over 1 day: 2 days earlier; Sun, Sat is avoided",
		},
		"every day is avoided": {
			calendar(0.5, 20, "", "0001-01-01..9999-12-31"), created, expires, last, last, "no day to spread it over; 0001-01-01..9999-12-31 is avoided",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tt.c.ForExpiry(at(t, tt.created), at(t, tt.expires), at(t, tt.last))
			require.Equal(t, at(t, tt.want).UTC().String(), got.At.UTC().String())
			require.Equal(t, tt.reason, got.Reason)
		})
	}
	got := calendar(0.5, 20, "", "0001-01-01..9999-12-31").ForExpiry(time.Time{}, time.Time{}, at(t, last))
	require.Equal(t, at(t, last).UTC(), got.At.UTC(), "a life that is not known does not look back for ever")
}

func TestForBase(t *testing.T) {
	t.Parallel()
	const from, created, expires, last = "2026-03-02 12:00 +0000", "2025-01-10 00:00 +0000", "2027-01-15 00:00 +0000", "2026-12-01 00:00 +0000"
	for name, tt := range map[string]struct {
		c                lifecycle.Calendar
		from, last, want string
		reason           string
	}{
		"at its place": {calendar(0.25, 20, ""), from, last, "2026-03-07 12:00 +0000", "spread over 20 days: 5 days later"},
		"no window":    {calendar(0.9, 0, ""), from, last, from, ""},
		"avoided days": {
			calendar(0.1, 20, "", "Tue", "2026-03-04..2026-03-05"), from, last, "2026-03-07 12:00 +0000",
			"spread over 20 days: 5 days later; Tue, 2026-03-04..2026-03-05 is avoided",
		},
		"before the lead": {calendar(0.5, 20, ""), from, "2026-03-04 00:00 +0000", "2026-03-04 00:00 +0000", "spread over 20 days: 1 day later"},
		"within the lead": {calendar(0.5, 20, "", "Mon"), from, "2026-02-01 00:00 +0000", from, "spread over 20 days: 0s later"},
		"every day is avoided": {
			calendar(0.5, 20, "", "0001-01-01..9999-12-31"), from, last, last, "spread over 20 days: 273 days later; 0001-01-01..9999-12-31 is avoided",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tt.c.ForBase(at(t, tt.from), at(t, created), at(t, expires), at(t, tt.last))
			require.Equal(t, at(t, tt.want).UTC().String(), got.At.UTC().String())
			require.Equal(t, tt.reason, got.Reason)
		})
	}
	short := calendar(0.5, 20, "").ForBase(at(t, from), at(t, "2026-02-20 00:00 +0000"), at(t, "2026-03-16 00:00 +0000"), at(t, last))
	require.Equal(t, lifecycle.Moment{At: at(t, "2026-03-05 12:00 +0000").UTC(), Reason: "spread over 6 days: 3 days later"}, short, "a quarter of a short life")
	got := calendar(0.5, 20, "", "0001-01-01..9999-12-31").ForBase(at(t, from), time.Time{}, time.Time{}, time.Time{})
	require.Equal(t, at(t, from).AddDate(0, 0, 366).UTC(), got.At.UTC(), "without an expiry it does not look for ever")
}

func TestHeldOnDaysThatAreAvoided(t *testing.T) {
	t.Parallel()
	c := calendar(0, 0, "America/New_York", "Sat", "Sun", "2026-12-21..2026-12-24")
	for name, tt := range map[string]struct{ now, last, until, reason string }{
		"a day like any other": {"2026-12-18 23:00 -0500", "2027-06-01 00:00 +0000", "", ""},
		"until the next day that is not": {
			"2026-12-19 00:00 -0500", "2027-06-01 00:00 +0000", "2026-12-25 00:00 -0500", "Sat, Sun, 2026-12-21..2026-12-24 is avoided",
		},
		"at the latest when the lead is left": {
			"2026-12-19 12:00 -0500", "2026-12-20 00:00 +0000", "2026-12-20 00:00 +0000",
			"Sat, Sun, 2026-12-21..2026-12-24 is avoided, but not with less than the lead left",
		},
		"never with the lead left": {"2026-12-19 12:00 -0500", "2026-12-19 12:00 -0500", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			until, held := c.Held(at(t, tt.now), at(t, tt.last))
			require.Equal(t, tt.until != "", held)
			if held {
				require.Equal(t, at(t, tt.until).UTC(), until.At.UTC())
				require.Equal(t, tt.reason, until.Reason)
			}
		})
	}
	until, held := calendar(0, 0, "", "0001-01-01..9999-12-31").Held(at(t, "2026-12-19 12:00 +0000"), time.Time{})
	require.True(t, held)
	require.Equal(t, at(t, "2027-12-20 00:00 +0000").UTC(), until.At.UTC(), "every day is avoided, and no expiry is known: it does not look for ever")
}

// Days begin where clocks jump over midnight (Cairo, Sao Paulo) and days are left out (Apia), too.
func TestHeldEndsAfterItBegan(t *testing.T) {
	t.Parallel()
	for zone, days := range map[string]string{
		"Africa/Cairo": "2023-04-27..2023-04-27", "America/Sao_Paulo": "2018-11-03..2018-11-03", "Pacific/Apia": "2011-12-29..2011-12-29",
		"Europe/Berlin": "2026-03-28..2026-03-29", "Australia/Lord_Howe": "2026-04-04..2026-04-05",
	} {
		c := calendar(0, 0, zone, days)
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		begin, err := time.ParseInLocation(time.DateOnly, days[:10], loc)
		require.NoError(t, err)
		held := 0
		for now := begin.Add(-12 * time.Hour); now.Before(begin.Add(72 * time.Hour)); now = now.Add(15 * time.Minute) {
			until, is := c.Held(now, time.Time{})
			if !is {
				continue
			}
			held++
			require.True(t, until.At.After(now), "%s: %s, until %s", zone, now, until.At)
			_, still := c.Held(until.At, time.Time{})
			require.False(t, still, "%s: %s", zone, until.At)
		}
		require.GreaterOrEqual(t, held, 4*23, zone)
	}
}

var zones = []string{"", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Pacific/Kiritimati", "America/Sao_Paulo", "Africa/Cairo"}

// drawn is a calendar with a version's dates.
type drawn struct {
	calendar               lifecycle.Calendar
	created, expires, last time.Time
	window                 time.Duration
}

func drawCalendar(t *rapid.T) drawn {
	d := drawn{created: time.Unix(rapid.Int64Range(1_500_000_000, 1_900_000_000).Draw(t, "created"), 0)}
	life := time.Duration(rapid.IntRange(1, 900*24).Draw(t, "life")) * time.Hour
	d.expires = d.created.Add(life)
	d.last = d.expires.Add(-time.Duration(rapid.Int64Range(0, int64(life/2)).Draw(t, "lead")))
	if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
		d.created = time.Time{}
	}
	var avoid []string
	for _, day := range []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} {
		if rapid.IntRange(0, 3).Draw(t, day) == 0 {
			avoid = append(avoid, day)
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "dates") {
		from := d.last.AddDate(0, 0, rapid.IntRange(-200, 30).Draw(t, "from"))
		avoid = append(avoid, from.Format(time.DateOnly)+".."+from.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "to")).Format(time.DateOnly))
	}
	days := rapid.IntRange(0, 60).Draw(t, "window")
	d.window = time.Duration(days) * lifecycle.Day
	d.calendar = calendar(rapid.Float64Range(0, 0.999999).Draw(t, "place"), days, rapid.SampledFrom(zones).Draw(t, "zone"), avoid...)
	return d
}

// quarter is the longest that a moment of the drawn version may be before its lead.
func (d drawn) quarter() time.Duration {
	if d.created.IsZero() {
		return 367 * lifecycle.Day
	}
	return d.expires.Sub(d.created) / 4
}

func TestAnExpiryIsDueWithinTheWindowAndNeverAfterItsLead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawCalendar(t)
		got := d.calendar.ForExpiry(d.created, d.expires, d.last)
		if got != d.calendar.ForExpiry(d.created, d.expires, d.last) {
			t.Fatal("it is not stable")
		}
		if got.At.After(d.last) {
			t.Fatalf("%s is after the lead began, %s", got.At, d.last)
		}
		if early := d.last.Sub(got.At); early > d.quarter() {
			t.Fatalf("%s early: more than a quarter of the life", early)
		}
		if d.window == 0 && !got.At.Equal(d.last) {
			t.Fatalf("%s: without a window it is the lead, %s", got.At, d.last)
		}
		// The days that count between the moment and the lead are no more than the window.
		counted := time.Duration(0)
		for now := got.At; now.Before(d.last); now = now.Add(time.Hour) {
			if _, held := d.calendar.Held(now, d.last); !held {
				counted += time.Hour
			}
		}
		if counted > d.window+26*time.Hour {
			t.Fatalf("%s of days that count, the window is %s", counted, d.window)
		}
	})
}

// TestADayMakesNothingUndueButDaysThatAreAvoided: a check finds due what one of a day before did, but on days that are
// avoided, and always with the lead left.
func TestADayMakesNothingUndueButDaysThatAreAvoided(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawCalendar(t)
		moment := d.calendar.ForExpiry(d.created, d.expires, d.last)
		due := false
		for now := moment.At.Add(-36 * time.Hour); now.Before(d.last.Add(72 * time.Hour)); now = now.Add(lifecycle.Day) {
			until, held := d.calendar.Held(now, d.last)
			is := !now.Before(moment.At) && !held
			if held && (!until.At.After(now) || until.At.After(d.last)) {
				t.Fatalf("at %s held until %s, the lead begins at %s", now, until.At, d.last)
			}
			if due && !is && !held {
				t.Fatalf("undue at %s", now)
			}
			if !now.Before(d.last) && !is {
				t.Fatalf("not due at %s with less than the lead left", now)
			}
			due = due || is
		}
	})
}

func TestANewBaseIsTriedWithinTheWindowAndNotAfterTheLead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawCalendar(t)
		from := d.last.Add(time.Duration(rapid.IntRange(-400*24, 40*24).Draw(t, "before")) * time.Hour)
		got := d.calendar.ForBase(from, d.created, d.expires, d.last)
		if got.At.Before(from) || got.At.After(d.last) && !got.At.Equal(from) || got.At.Sub(from) > 367*lifecycle.Day {
			t.Fatalf("from %s to the lead %s: %s", from, d.last, got.At)
		}
	})
}

// TestTenThousandModelsOfOneQuarter: versions of a quarter expire together, and a new base model comes to all at once. No
// day has more than twice what an even spread gives.
func TestTenThousandModelsOfOneQuarter(t *testing.T) {
	t.Parallel()
	const models, window = 10_000, 21
	created, expires := at(t, "2025-02-01 08:00 +0000"), at(t, "2027-04-15 00:00 +0000")
	last := expires.AddDate(0, 0, -44)
	for name, avoid := range map[string][]string{"every day": nil, "working days": {"Sat", "Sun", "2027-02-15..2027-02-18"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			days, based := map[string]int{}, map[string]int{}
			for i := range models {
				r := lifecycle.DefaultRequest()
				r.Name, r.Locale, r.Renew.Avoid, r.Renew.TimeZone = fmt.Sprintf("line-%d", i), "en-US", avoid, "Europe/Berlin"
				c := lifecycle.NewCalendar("us", r)
				moment := c.ForExpiry(created, expires, last)
				require.False(t, moment.At.After(last))
				_, held := c.Held(moment.At.Add(-time.Second), last)
				require.False(t, held, "%s is on or behind a day that is avoided", moment.At)
				days[moment.At.UTC().Format(time.DateOnly)]++
				base := c.ForBase(created, created, expires, last)
				based[base.At.UTC().Format(time.DateOnly)]++
			}
			for day, n := range days {
				require.LessOrEqual(t, n, 2*models/window, day)
			}
			for day, n := range based {
				require.LessOrEqual(t, n, 2*models/window, day)
			}
			require.GreaterOrEqual(t, len(days), window)
			require.GreaterOrEqual(t, len(based), window)
		})
	}
}
