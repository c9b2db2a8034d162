package speech

// Unlimited is the client without its rate limit, for tests that send more than it allows.
func Unlimited(c *Client) *Client {
	u := *c
	u.limiter = newLimiter(1)
	u.limiter.tokens.SetLimit(1e6)
	u.limiter.tokens.SetBurst(1e6)
	return &u
}
