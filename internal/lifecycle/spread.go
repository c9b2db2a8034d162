package lifecycle

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// farthest bounds how far days of renew.avoid are looked through: who avoids every day of a year has no day.
const farthest = 366

// Place is the place of a model in every window: a number from 0 to below 1 that is always the same, and spread evenly over
// models.
func Place(owner, name, locale string) float64 {
	sum := sha256.Sum256([]byte(owner + "/" + name + "/" + strings.ToLower(locale)))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// Calendar is when a model may begin a retrain that can wait: its place in the window, and the days that are avoided.
type Calendar struct {
	// Place is that of the model: see Place.
	Place float64

	window time.Duration
	zone   *time.Location
	avoid  []Avoided
}

// NewCalendar is the calendar of a model, as its request has it.
func NewCalendar(owner string, r Request) Calendar {
	c := Calendar{Place: Place(owner, r.Name, r.Locale), window: r.Renew.Window.Std(), zone: time.UTC}
	if zone, err := Zone(r.Renew.TimeZone); err == nil {
		c.zone = zone
	}
	for _, entry := range r.Renew.Avoid {
		if a, err := ParseAvoid(entry); err == nil {
			c.avoid = append(c.avoid, a)
		}
	}
	return c
}

// Moment is a moment (UTC) and how it came about; Reason is empty when there is nothing to say.
type Moment struct {
	At     time.Time
	Reason string
}

// ForExpiry is when a model is due for its expiry: last is the expiry less the lead, created when the version was made
// (zero = unknown). The moment is never after last, and at most a quarter of the version's life before it.
func (c Calendar) ForExpiry(created, expires, last time.Time) Moment {
	window := c.windowOf(created, expires)
	floor := last.AddDate(0, 0, -farthest)
	if quarter, known := quarterOf(created, expires); known {
		floor = latest(floor, last.Add(-quarter))
	}
	// free are the stretches that count, the last first, length what they make together.
	var free []stretch
	var length time.Duration
	var met []string
	for d := dayOf(last, c.zone); length < window; d = d.plus(-1) {
		end := earliest(d.plus(1).begins(c.zone), last)
		if !end.After(floor) {
			break
		}
		if by := c.avoided(d); by != "" {
			met = addTo(met, by)
			continue
		}
		begin := latest(latest(d.begins(c.zone), floor), end.Add(length-window))
		if begin.Before(end) {
			free, length = append(free, stretch{begin, end}), length+end.Sub(begin)
		}
	}
	rest := time.Duration(c.Place * float64(length))
	at := last
	for _, s := range free {
		if long := s.to.Sub(s.from); rest > long {
			rest -= long
			continue
		}
		at = s.to.Add(-rest)
		break
	}
	return Moment{At: at.UTC(), Reason: c.reason(length, last.Sub(at), "earlier", met)}
}

// ForBase is when a model is due for a new base model: from is when that is old enough. last is the expiry of the champion
// less the lead, after which nothing is spread (zero = unknown), created when the champion was made.
func (c Calendar) ForBase(from, created, expires, last time.Time) Moment {
	window := c.windowOf(created, expires)
	end := from.AddDate(0, 0, farthest)
	if !last.IsZero() {
		end = latest(from, earliest(end, last))
	}
	rest := time.Duration(c.Place * float64(window))
	at := end
	var met []string
	for d := dayOf(from, c.zone); ; d = d.plus(1) {
		begin, finish := latest(d.begins(c.zone), from), d.plus(1).begins(c.zone)
		if !begin.Before(end) {
			break
		}
		if by := c.avoided(d); by != "" {
			met = addTo(met, by)
			continue
		}
		if long := finish.Sub(begin); rest >= long {
			rest -= long
			continue
		}
		at = earliest(begin.Add(rest), end)
		break
	}
	return Moment{At: at.UTC(), Reason: c.reason(window, at.Sub(from), "later", met)}
}

// Held tells whether a retrain that is due at now is held back by a day that is avoided, and until when: the first day
// that is not, at the latest last, the expiry less the lead (zero = unknown). What has no more than the lead left is
// never held back. held is false when nothing holds it.
func (c Calendar) Held(now, last time.Time) (until Moment, held bool) {
	if !last.IsZero() && !now.Before(last) {
		return Moment{}, false
	}
	d := dayOf(now, c.zone)
	if c.avoided(d) == "" {
		return Moment{}, false
	}
	var met []string
	for range farthest {
		by := c.avoided(d)
		if by == "" {
			break
		}
		met, d = addTo(met, by), d.plus(1)
	}
	until = Moment{At: d.begins(c.zone).UTC(), Reason: strings.Join(met, ", ") + " is avoided"}
	if !last.IsZero() && last.Before(until.At) {
		until = Moment{At: last.UTC(), Reason: until.Reason + ", but not with less than the lead left"}
	}
	return until, true
}

// windowOf is the window for a version of that life: at most a quarter of it.
func (c Calendar) windowOf(created, expires time.Time) time.Duration {
	if quarter, known := quarterOf(created, expires); known {
		return min(c.window, quarter)
	}
	return c.window
}

func quarterOf(created, expires time.Time) (quarter time.Duration, known bool) {
	if created.IsZero() || !expires.After(created) {
		return 0, false
	}
	return expires.Sub(created) / 4, true
}

// avoided is the entry of renew.avoid that a day falls under; empty when it does not.
func (c Calendar) avoided(d day) string {
	for _, a := range c.avoid {
		if a.holds(d) {
			return a.Said
		}
	}
	return ""
}

// reason says how a moment came about, by what is avoided among other things.
func (c Calendar) reason(window, moved time.Duration, which string, met []string) string {
	var parts []string
	if window > 0 {
		parts = append(parts, fmt.Sprintf("spread over %s: %s %s", span(window), span(moved), which))
	} else if c.window > 0 && len(met) > 0 {
		parts = append(parts, "no day to spread it over")
	}
	if len(met) > 0 {
		parts = append(parts, strings.Join(met, ", ")+" is avoided")
	}
	return strings.Join(parts, "; ")
}

// stretch is a time without a day that is avoided.
type stretch struct{ from, to time.Time }

// addTo adds what is not there yet.
func addTo(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
