package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
)

func TestFiring(t *testing.T) {
	t.Parallel()
	at := func(start, end, step int) []client.ScheduleRange {
		return []client.ScheduleRange{{Start: start, End: end, Step: step}}
	}
	three := client.ScheduleCalendarSpec{
		Second: at(0, 0, 1), Minute: at(0, 0, 1), Hour: at(3, 3, 1), DayOfMonth: at(1, 31, 1), Month: at(1, 12, 1), DayOfWeek: at(0, 6, 1),
	}
	workdays := three
	workdays.Minute, workdays.Hour, workdays.DayOfWeek = at(0, 59, 15), append(at(8, 0, 0), at(9, 17, 2)...), at(1, 5, 0)
	odd := three
	odd.Second, odd.Year = at(30, 30, 1), at(2027, 0, 0)
	day := client.ScheduleIntervalSpec{Every: 24 * time.Hour}
	for want, spec := range map[string]*client.ScheduleSpec{
		"":                                nil,
		"cron 0 3 * * * in Europe/Berlin": {Calendars: []client.ScheduleCalendarSpec{three}, TimeZoneName: "Europe/Berlin"},
		"cron 0 3 * * *, up to 1h later":  {Calendars: []client.ScheduleCalendarSpec{three}, TimeZoneName: "UTC", Jitter: time.Hour},
		"cron */15 8,9-17/2 * * 1-5":      {Calendars: []client.ScheduleCalendarSpec{workdays}},
		"cron 0 3 * * * at second 30 in the year 2027": {Calendars: []client.ScheduleCalendarSpec{odd}},
		"cron @daily": {CronExpressions: []string{"@daily"}},
		"every 1d":    {Intervals: []client.ScheduleIntervalSpec{day}},
	} {
		require.Equal(t, want, firing(spec))
	}
	want := "cron 0 3 * * * and every 12h from 30m on, not before 2027-01-01T00:00:00Z, until 2027-02-01T00:00:00Z, with exceptions"
	require.Equal(t, want, firing(&client.ScheduleSpec{
		Calendars: []client.ScheduleCalendarSpec{three}, Intervals: []client.ScheduleIntervalSpec{{Every: 12 * time.Hour, Offset: 30 * time.Minute}},
		StartAt: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), EndAt: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), Skip: []client.ScheduleCalendarSpec{three},
	}))
	require.Empty(t, firing(&client.ScheduleSpec{}))
}
