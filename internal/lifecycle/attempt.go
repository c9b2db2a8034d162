package lifecycle

import (
	"fmt"
	"time"
)

// AttemptFresh is how long after it was scheduled an activity may start and still count as tried for the first time.
const AttemptFresh = time.Minute

// Pulse is the heartbeat detail of an activity that is not a wait: what its next attempt reads of it.
type Pulse struct {
	// Attempt is the number of the attempt that left it.
	Attempt int `json:"attempt"`
	// WentBack tells that the attempt ended before its POST, because the request limit had no room for it, and that none
	// before it can have sent one.
	WentBack bool `json:"wentBack,omitempty"`
	// Made are the IDs of what an activity that creates several objects has created so far.
	Made []string `json:"made,omitempty"`
}

// Attempt is what an activity knows of its own attempt.
type Attempt struct {
	// Number counts from 1. An operator's "activity reset" or "unpause --reset-attempts" counts from 1 again.
	Number int
	// Repeated tells that the workflow runs the activity once more, under another ID; Reset that the workflow was reset.
	Repeated, Reset bool
	// Left is what an earlier attempt has left in its heartbeat; nil when it left nothing.
	Left *Pulse
	// Delay is how long after it was scheduled the activity started. An operator's reset leaves the time at which it was
	// scheduled.
	Delay time.Duration
}

// Later says why an earlier attempt at the same step may have left an object behind; "" when none can have. The attempt
// right after one that went back counts as first; an attempt that sends a POST has first replaced what was left.
func (a Attempt) Later() string {
	switch {
	case a.Repeated:
		return "the workflow runs this step once more"
	case a.Reset:
		return "the workflow was reset"
	case a.Left != nil && a.Left.WentBack && a.Left.Attempt == a.Number-1:
		return ""
	case a.Number > 1:
		return fmt.Sprintf("it is attempt %d", a.Number)
	case a.Left != nil:
		return fmt.Sprintf("attempt %d was here before", a.Left.Attempt)
	case a.Delay > AttemptFresh:
		return fmt.Sprintf("it starts %s after it was scheduled", a.Delay.Round(time.Second))
	}
	return ""
}
