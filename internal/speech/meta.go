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

// meta reads the headers of an answer.
func (c *Client) meta(h http.Header) Meta {
	var m Meta
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		date, m.LocalClock = c.now(), true
	}
	m.ObservedAt = date.UTC()
	m.RetryAfter, m.HasRetryAfter = retryAfter(h.Get("Retry-After"), m.ObservedAt)
	return m
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
