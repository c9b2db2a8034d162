package lifecycle

import "time"

// day is a day of a calendar, whatever the zone.
type day struct {
	year  int
	month time.Month
	of    int
}

func dayOf(t time.Time, zone *time.Location) day {
	year, month, of := t.In(zone).Date()
	return day{year, month, of}
}

// plus is the day so many days later.
func (d day) plus(days int) day { return dayOf(d.utc().AddDate(0, 0, days), time.UTC) }

func (d day) utc() time.Time        { return time.Date(d.year, d.month, d.of, 0, 0, 0, 0, time.UTC) }
func (d day) weekday() time.Weekday { return d.utc().Weekday() }
func (d day) String() string        { return d.utc().Format(time.DateOnly) }

// begins is the first moment of the day in a zone: midnight, or later where the clocks jump over it. A day that the zone
// left out begins, and ends, with the next.
func (d day) begins(zone *time.Location) time.Time {
	at := time.Date(d.year, d.month, d.of, 0, 0, 0, 0, zone)
	const step = 15 * time.Minute
	for range Day / step {
		if !dayOf(at, zone).utc().Before(d.utc()) {
			break
		}
		at = at.Add(step)
	}
	return at
}

// holds tells whether a day is one of them.
func (a Avoided) holds(d day) bool {
	if a.Weekday >= 0 {
		return int(d.weekday()) == a.Weekday
	}
	text := d.String()
	return a.From <= text && text <= a.To
}
