package speech

import (
	"net/http"

	"speech-retrainer/internal/web"
)

// meta reads the headers of an answer.
func (c *Client) meta(h http.Header) Meta {
	var m Meta
	m.ObservedAt, m.LocalClock = web.DateOf(h, c.now)
	m.RetryAfter, m.HasRetryAfter = web.RetryAfter(h, m.ObservedAt)
	return m
}
