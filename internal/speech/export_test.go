package speech

import "testing"

// Unlimited is the client without its rate limit, for tests that send more than it allows.
func Unlimited(c *Client) *Client {
	u := *c
	u.limiter = newLimiter(1, c.logger)
	u.limiter.quota.none()
	return &u
}

// Hog takes all turns of a client, and returns what gives them back.
func Hog(t testing.TB, c *Client) (release func()) { return hog(t, c.limiter) }

// Sent is how many requests count in the window of a client's quota.
func Sent(c *Client) int {
	c.limiter.mu.Lock()
	defer c.limiter.mu.Unlock()
	return len(c.limiter.quota.sent)
}
