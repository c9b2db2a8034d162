package emulator

import (
	"fmt"
	"sync"
	"time"
)

// clock is the service's virtual time: it runs speed times as fast as real time and can be moved forward, never
// back, for the service's dates would then lie.
type clock struct {
	mu     sync.Mutex
	real   func() time.Time
	base   time.Time // virtual time at mark
	mark   time.Time // real time
	speed  float64
	steady time.Duration // real time up to mark, and every jump
}

func newClock(start time.Time, speed float64, real func() time.Time) *clock {
	return &clock{real: real, base: start, mark: real(), speed: speed}
}

// Now is the virtual time, in UTC.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn()
	return c.base.UTC()
}

// Steady is the time since the start that passes at the pace of real time whatever the speed, plus every jump. It
// measures what belongs to the connection and not to the service's work: the lag of lists, the rate limit.
func (c *clock) Steady() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn()
	return c.steady
}

func (c *clock) turn() {
	now := c.real()
	passed := now.Sub(c.mark)
	c.base = c.base.Add(time.Duration(float64(passed) * c.speed))
	c.steady += passed
	c.mark = now
}

// Advance moves the clock forward.
func (c *clock) Advance(by time.Duration) error {
	if by < 0 {
		return fmt.Errorf("the clock cannot go back by %s: start a new emulator with --now", -by)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn()
	c.base, c.steady = c.base.Add(by), c.steady+by
	return nil
}

// Set moves the clock forward to a time.
func (c *clock) Set(to time.Time) error {
	return c.Advance(to.Sub(c.Now()))
}

// SetSpeed changes how fast virtual time runs from now on; 0 stops it.
func (c *clock) SetSpeed(speed float64) error {
	if speed < 0 {
		return fmt.Errorf("the speed %g is negative: use 0 to stop the clock, 1 for real time", speed)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn()
	c.speed = speed
	return nil
}

// Speed is the number of virtual seconds in a real one.
func (c *clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}
