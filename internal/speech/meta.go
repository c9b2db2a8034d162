package speech

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest wait that is taken from a Retry-After header: a wrong one must not
// park a run for years.
const maxRetryAfter = time.Hour

// retryAfterHeader is the header with which a server asks to be left alone for a while.
const retryAfterHeader = "Retry-After"

// meta reads the headers of an answer.
func (c *Client) meta(h http.Header) Meta {
	var m Meta
	m.ObservedAt, m.LocalClock = dateOf(h, c.now)
	m.RetryAfter, m.HasRetryAfter = retryAfter(h.Get(retryAfterHeader), m.ObservedAt)
	return m
}

// dateOf is the Date of an answer, in UTC; local tells that it has none and is this machine's now.
func dateOf(h http.Header, now func() time.Time) (date time.Time, local bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return now().UTC(), true
	}
	return date.UTC(), false
}

// RetryAfter is how long the answer with these headers asks to wait, an hour at most, and whether it asks at all. now
// counts when the answer has no Date. It is the one reader of the header, for web hooks too.
func RetryAfter(h http.Header, now time.Time) (wait time.Duration, asked bool) {
	date, _ := dateOf(h, func() time.Time { return now })
	return retryAfter(h.Get(retryAfterHeader), date)
}

// retryAfter reads a Retry-After header: whole seconds, or an HTTP date, which counts from the
// answer's own Date (RFC 9110, 10.2.3).
func retryAfter(value string, observed time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(observed), 0), maxRetryAfter), true
}
