package speech

import (
	"math/rand/v2"
	"time"
)

// pace is how long to wait between two looks at the same thing: what the service asks for, else
// growing from min to max.
type pace struct {
	min, max, ceiling time.Duration
	current           time.Duration
}

// growth is by how much the pace grows with each look.
const growth = 1.5

// next is the wait before the next look. Jitter only shortens our own pace and only lengthens the
// service's, which is a least one.
func (p *pace) next(m Meta) time.Duration {
	if m.HasRetryAfter && m.RetryAfter > 0 {
		return min(m.RetryAfter+time.Duration(rand.Float64()*float64(m.RetryAfter)/10), p.ceiling)
	}
	p.current = min(max(p.current, p.min), p.max)
	wait := p.current - time.Duration(rand.Float64()*float64(p.current)/5)
	p.current = min(time.Duration(float64(p.current)*growth), p.max)
	return wait
}

// reset starts again from the shortest wait.
func (p *pace) reset() { p.current = p.min }
