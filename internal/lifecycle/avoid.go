package lifecycle

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// AvoidForm says how an entry of renew.avoid is written.
const AvoidForm = "must be days like 2026-12-19..2027-01-06, both included, or one of Mon, Tue, Wed, Thu, Fri, Sat, Sun"

// weekdays are the names of the days of a week in renew.avoid, Sunday first as Go counts.
var weekdays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// Avoided are days on which no retrain begins that can wait: one day of every week, or all from From to To.
type Avoided struct {
	// Said is the entry as it was written.
	Said string
	// Weekday is an index into weekdays; -1 for dates.
	Weekday int
	// From and To are days as 2006-01-02, both included; empty for a weekday.
	From, To string
}

// ParseAvoid reads an entry of renew.avoid. The error is AvoidForm.
func ParseAvoid(s string) (Avoided, error) {
	if day := slices.Index(weekdays, s); day >= 0 {
		return Avoided{Said: s, Weekday: day}, nil
	}
	a := Avoided{Said: s, Weekday: -1}
	var two bool
	a.From, a.To, two = strings.Cut(s, "..")
	from, fault1 := time.Parse(time.DateOnly, a.From)
	to, fault2 := time.Parse(time.DateOnly, a.To)
	if !two || fault1 != nil || fault2 != nil || to.Before(from) {
		return Avoided{}, errors.New(AvoidForm)
	}
	return a, nil
}

// Zone is a time zone by its IANA name; empty is UTC. The zone of the machine is none: two workers could differ.
func Zone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New("the zone of a machine is none")
	}
	return time.LoadLocation(name)
}
