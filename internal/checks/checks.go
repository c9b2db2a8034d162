// Package checks is what Temporal remembers of the checks of models: which ended well and when, whose last retrain has failed, and
// which runs wait for a person. It outlives workers: what one of them forgets with its end, another reads here.
package checks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
)

const (
	// page is how many entries one question lists.
	page = 1000
	// mostPages bounds one look at ended runs: of a fleet of 1,000 models, the checks of a week and more.
	mostPages = 10
	// reach is how far the first look at checks reaches back, and overlap how far each later one does beyond the last: lists may lag.
	reach   = 8 * 24 * time.Hour
	overlap = 5 * time.Minute
	// mostAsked bounds how many schedules or runs one look asks by themselves.
	mostAsked = 50
	// MostModels is how many models are told of: those first that need somebody (Check.Before).
	MostModels = 2000
)

// Temporal is what is asked: a client.
type Temporal interface {
	ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error)
	QueryWorkflow(ctx context.Context, workflowID, runID, queryType string, args ...any) (converter.EncodedValue, error)
	ScheduleClient() client.ScheduleClient
}

// Check is what is known of the checks of one model.
type Check struct {
	Model string
	// GoodAt is when the last good check ended; when none is remembered, when the schedule was made, which is earlier.
	// Zero while neither is known.
	GoodAt time.Time
	// Failed tells that the last check failed.
	Failed bool
	// RetrainFailed tells that the last retrain that has ended failed; one that was canceled or whose version was rejected has not.
	RetrainFailed bool
	// Alarm is the kind of the first alarm that the last good check raised, and Locale the model's; empty when there was
	// none, or the namespace has no search attributes.
	Alarm, Locale string
}

// Before tells whether c is told of rather than o when there are too many: a failed retrain, a failed check, an alarm, then
// the one whose last good check is the oldest, or not known.
func (c Check) Before(o Check) int {
	first := func(one, other bool) int {
		switch {
		case one == other:
			return 0
		case one:
			return -1
		}
		return 1
	}
	return cmp.Or(first(c.RetrainFailed, o.RetrainFailed), first(c.Failed, o.Failed), first(c.Alarm != "", o.Alarm != ""),
		c.GoodAt.Compare(o.GoodAt), strings.Compare(c.Model, o.Model))
}

// Question is a run that waits for a person.
type Question struct {
	Model string
	// Until is when it ends without an answer.
	Until time.Time
}

// State is what one look has shown.
type State struct {
	// At is when; zero before the first.
	At        time.Time
	Checks    []Check
	Questions []Question
	// Active and Paused count the schedules.
	Active, Paused int
	// LeftOut is how many models are not told of.
	LeftOut int
}

// Watch asks Temporal, and keeps what it said.
type Watch struct {
	temporal Temporal
	owner    string
	now      func() time.Time

	mu    sync.Mutex
	state State

	// What follows is the looker's own.
	since     time.Time
	schedules map[string]schedule
	foreign   map[string]bool // models whose schedule is another owner's
	ended     map[string]ended
	retrained map[string]retrained
	asked     map[string]Question // by run ID
}

// schedule is that of one model.
type schedule struct {
	paused bool
	// madeAt is when it was made; zero while that was not asked.
	madeAt time.Time
}

// ended is what is known of the checks of a model that have ended.
type ended struct {
	goodAt, failedAt time.Time
	alarm, locale    string
}

// retrained is the newest retrain of a model that has ended.
type retrained struct {
	at     time.Time
	failed bool
}

// New makes the watch of an owner's models. owner is what schedules have in their memo; those that have none were made by
// hand, and are of this namespace.
func New(temporal Temporal, owner string) *Watch {
	return &Watch{
		temporal: temporal, owner: owner, now: time.Now,
		schedules: map[string]schedule{}, ended: map[string]ended{}, retrained: map[string]retrained{}, asked: map[string]Question{},
	}
}

// State is what the last look has shown.
func (w *Watch) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Run looks every so often until ctx ends. failed hears of each look that fails; what was known stays.
func (w *Watch) Run(ctx context.Context, every time.Duration, failed func(error)) {
	for {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return
		}
	}
}

// Look asks Temporal once.
func (w *Watch) Look(ctx context.Context) error {
	at := w.now()
	if err := w.listSchedules(ctx); err != nil {
		return fmt.Errorf("ask Temporal for the schedules: %w", err)
	}
	if err := w.listEnded(ctx, at); err != nil {
		return fmt.Errorf("ask Temporal for the checks and the retrains that have ended: %w", err)
	}
	questions, err := w.questions(ctx, at)
	if err != nil {
		return fmt.Errorf("ask Temporal for the runs that wait for a person: %w", err)
	}
	if err := w.askMade(ctx); err != nil {
		return fmt.Errorf("ask Temporal when schedules were made: %w", err)
	}
	w.tell(at, questions)
	return nil
}

// tell makes what is known the state.
func (w *Watch) tell(at time.Time, questions []Question) {
	s := State{At: at, Questions: questions}
	for name, of := range w.schedules {
		if of.paused {
			s.Paused++
		} else {
			s.Active++
		}
		seen := w.ended[name]
		c := Check{Model: name, GoodAt: seen.goodAt, Failed: seen.failedAt.After(seen.goodAt), Alarm: seen.alarm, Locale: seen.locale}
		c.RetrainFailed = w.retrained[name].failed
		if c.GoodAt.IsZero() {
			c.GoodAt = of.madeAt
		}
		s.Checks = append(s.Checks, c)
	}
	slices.SortFunc(s.Checks, Check.Before)
	if more := len(s.Checks) - MostModels; more > 0 {
		s.Checks, s.LeftOut = slices.Clone(s.Checks[:MostModels]), more
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state = s
}
