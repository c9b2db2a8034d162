package lifecycle

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

// Day is the length of a day in a Duration: always 24 hours, whatever a time zone does.
const Day = 24 * time.Hour

// Duration is a length of time that is written as a string in JSON and YAML: Go's notation
// ("90m", "1h30m") plus "d" for 24 hours ("60d", "1d12h"). The zero value means "not given".
type Duration time.Duration

var days = regexp.MustCompile(`^(\d+(?:\.\d+)?)d(.*)$`)

// ParseDuration reads a Duration. It refuses a negative one, a bare number (no unit) and one beyond
// what Go can hold (about 292 years).
func ParseDuration(s string) (Duration, error) {
	bad := fmt.Errorf("%q is not a duration: write it like 90m, 6h or 60d", s)
	var total time.Duration
	rest := s
	if m := days.FindStringSubmatch(s); m != nil {
		whole, err := time.ParseDuration(m[1] + "h")
		if err != nil || whole > math.MaxInt64/24 {
			return 0, bad
		}
		total = whole * 24
		rest = m[2]
	}
	if s == "" || strings.ContainsAny(rest, "+-") {
		return 0, bad
	}
	if rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil || d > math.MaxInt64-total {
			return 0, bad
		}
		total += d
	}
	return Duration(total), nil
}

// Std returns the Duration as Go's own type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes whole days as "60d", everything else as Go does without trailing zero units.
func (d Duration) String() string {
	std := time.Duration(d)
	if std >= Day && std%Day == 0 {
		return fmt.Sprintf("%dd", std/Day)
	}
	s := std.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText writes String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
