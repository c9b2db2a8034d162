package emulator

import (
	"net/http"
	"strconv"
	"time"
)

// throttle keeps the service's limit of requests per resource (D-quota). It counts by steady time: the limit is one of
// real connections, and would mean nothing on a clock that runs a thousand times as fast.
func (c *call) throttle() error {
	if c.settings.RateLimit == 0 {
		return nil
	}
	now := c.clock.Steady()
	window := time.Duration(c.settings.RateWindow)
	kept := c.recent[:0]
	for _, at := range c.recent {
		if now-at < window {
			kept = append(kept, at)
		}
	}
	c.recent = kept
	if len(c.recent) < c.settings.RateLimit {
		c.recent = append(c.recent, now)
		return nil
	}
	no := &refusal{
		status: http.StatusTooManyRequests, code: "TooManyRequests",
		message: "The rate limit has been reached. The timeout in seconds can be found in the Retry-After header.",
	}
	if c.settings.RateRetryAfter > 0 {
		no.header = http.Header{"Retry-After": {strconv.Itoa(c.settings.RateRetryAfter)}}
	}
	return no
}
