package dataset

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"speech-retrainer/internal/speech"
)

// DefaultFirstAnswer is how long an upload waits for the service's first usable answer when the caller does not say.
const DefaultFirstAnswer = 2 * time.Minute

const (
	// tellFirst is the silence after which the caller hears of it, tellAgain how much more there is each time.
	tellFirst = 5 * time.Second
	tellAgain = 15 * time.Second
	// lookAtSilence is how often the silence is measured.
	lookAtSilence = 500 * time.Millisecond
)

// Waiting is what an upload tells while the service gives no usable answer and tries go on.
type Waiting struct {
	// Silent is how long there has been neither a usable answer nor data that went out.
	Silent time.Duration
	// Answered tells that there was a usable answer before, so that no time is set for one.
	Answered bool
	// Last is why the latest try failed; nil when none has ended yet.
	Last error
}

// NoAnswerError says that the service gave no usable answer at all within the time for the first one. Nothing was
// uploaded.
type NoAnswerError struct {
	// After is that time.
	After time.Duration
	// Last is why the latest try failed; nil when none had ended.
	Last error
}

func (e *NoAnswerError) Error() string {
	if e.Last == nil {
		return fmt.Sprintf("no answer within %s", e.After)
	}
	return fmt.Sprintf("no usable answer within %s: %s", e.After, e.Last)
}

// Unwrap gives the failure of the latest try.
func (e *NoAnswerError) Unwrap() error { return e.Last }

// answers keeps how long the service has been silent in one upload.
type answers struct {
	mu    sync.Mutex
	begun time.Time
	alive time.Time // the latest usable answer, or data that went out
	heard bool      // there was a usable answer
	last  error     // of the tries since
	limit time.Duration
}

// attend tells of silences until stop is called, and ends the context with a *NoAnswerError as its cause when the
// first answer takes too long. tell is not called any more when stop has returned.
func (a *answers) attend(ctx context.Context, tell func(Waiting)) (attended context.Context, stop func()) {
	a.begun = time.Now()
	a.alive = a.begun
	attended, cancel := context.WithCancelCause(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		tick := time.NewTicker(lookAtSilence)
		defer tick.Stop()
		next := tellFirst
		for {
			select {
			case <-attended.Done():
				return
			case <-tick.C:
			}
			now, overdue := a.look()
			switch {
			case overdue:
				cancel(&NoAnswerError{After: a.limit, Last: now.Last})
				return
			case now.Silent < tellFirst:
				next = tellFirst
			case now.Silent >= next && tell != nil:
				tell(now)
				next = now.Silent + tellAgain
			}
		}
	})
	return attended, func() { cancel(context.Canceled); group.Wait() }
}

func (a *answers) look() (now Waiting, overdue bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Waiting{Silent: time.Since(a.alive), Answered: a.heard, Last: a.last}, !a.heard && time.Since(a.begun) >= a.limit
}

// note takes how a try ended.
func (a *answers) note(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var answer *speech.Error
	switch {
	case errors.As(err, &answer) && answer.Transient():
		a.last = err
	case errors.As(err, &answer) && answer.Throttled():
		a.heard, a.last = true, err
	default:
		a.heard, a.last, a.alive = true, nil, time.Now()
	}
}

// queued takes that a request waits for its turn: our own pace, not the service's.
func (a *answers) queued() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.alive = time.Now()
}

// moved takes that data went out. After a failed try that proves nothing: a connection takes some before it breaks.
func (a *answers) moved() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil {
		a.alive = time.Now()
	}
}

// patience is how long one request is tried again: for ever the first answer may take, and at least retryFor.
func (a *answers) patience() time.Duration { return max(retryFor, a.limit) }
