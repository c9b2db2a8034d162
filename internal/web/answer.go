package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxRetryAfter is the longest wait that is taken from a Retry-After header: a wrong one must not
// park a run for years.
const MaxRetryAfter = time.Hour

// HeaderRetryAfter is the header with which a server asks to be left alone for a while.
const HeaderRetryAfter = "Retry-After"

// DateOf is the Date of an answer, in UTC; local tells that it has none and is this machine's now.
func DateOf(h http.Header, now func() time.Time) (date time.Time, local bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return now().UTC(), true
	}
	return date.UTC(), false
}

// RetryAfter is how long an answer asks to wait, an hour at most, and whether it asks at all: whole seconds, or an HTTP date,
// which counts from the answer's own Date (RFC 9110, 10.2.3), or from observed when it has none.
func RetryAfter(h http.Header, observed time.Time) (wait time.Duration, asked bool) {
	value := strings.TrimSpace(h.Get(HeaderRetryAfter))
	observed, _ = DateOf(h, func() time.Time { return observed })
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(MaxRetryAfter/time.Second) {
			return MaxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(observed), 0), MaxRetryAfter), true
}
