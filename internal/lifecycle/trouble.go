package lifecycle

import (
	"strconv"
	"strings"
	"time"
)

// TroubleKind is why a run that goes on does not get on.
type TroubleKind string

// The kinds of trouble.
const (
	// Retrying: a step fails and is tried again.
	Retrying TroubleKind = "retrying"
	// Paused: somebody has paused a step.
	Paused TroubleKind = "paused"
	// NoWorker: no worker takes a step up.
	NoWorker TroubleKind = "noWorker"
)

// Trouble is one step of a run that does not get on, as Temporal knows it. The workflow itself is not told of
// the attempts at its activities, so only who asks Temporal can say this.
type Trouble struct {
	Kind TroubleKind `json:"kind"`
	// Step is the activity ID that the Temporal CLI takes; nil when the workflow itself is meant.
	Step *string `json:"step"`
	// Attempts is how many have ended without a result.
	Attempts int `json:"attempts"`
	// Type and Code are those of the last failure; nil when it has none.
	Type *FailureClass `json:"type"`
	Code *string       `json:"code"`
	// Message is what was said at last; for a pause, who paused the step and why.
	Message string `json:"message"`
	// LastAttemptAt is the end of the last attempt; NextAttemptAt is nil while one is under way, or when none is due.
	LastAttemptAt *time.Time `json:"lastAttemptAt"`
	NextAttemptAt *time.Time `json:"nextAttemptAt"`
	// GivesUpAt is when the step has used up its time and fails.
	GivesUpAt *time.Time `json:"givesUpAt"`
	Next      *string    `json:"next"`
}

// StartAgain ends the advice of failures that end a run.
const StartAgain = "then start the run again"

// Meanwhile is the advice of a failure for a run that still goes on: what to repair, without starting it again.
func Meanwhile(next string) string {
	return strings.TrimRight(strings.TrimSuffix(next, StartAgain), ",; ")
}

// Sentence says the trouble in words, without the advice. when writes a time ("in 12s", "at 12:00 UTC").
func (t Trouble) Sentence(when func(time.Time) string) string {
	step := "the workflow"
	if t.Step != nil {
		step = *t.Step
	}
	if t.Kind != Retrying {
		return step + " " + t.Message
	}
	parts := []string{"tried again"}
	switch {
	case t.Attempts == 1:
		parts[0] = "1 attempt failed"
	case t.Attempts > 1:
		parts[0] = strconv.Itoa(t.Attempts) + " attempts failed"
	}
	if t.NextAttemptAt != nil {
		parts = append(parts, "the next is "+when(*t.NextAttemptAt))
	} else {
		parts = append(parts, "another is under way")
	}
	if t.GivesUpAt != nil {
		parts = append(parts, "gives up "+when(*t.GivesUpAt))
	}
	return step + ": " + strings.Join(parts, ", ") + ": " + t.Message
}
