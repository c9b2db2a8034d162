package campaign

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// asked is what an installation was asked for. What a live request names must stay.
type asked struct {
	lifecycle.LiveRequest

	// caller is whose worker carries it out, as the service's log names it.
	caller string
	// workflow and run are the execution's; schedule is set for a schedule instead.
	workflow, run, schedule string
	// endpoints are those that it names.
	endpoints []string
	// from and to are when it was live, in real time; from is zero for what holds on to nothing, to while it goes on.
	from, to time.Time
}

// liveAt tells whether it holds on to what it names.
func (a asked) liveAt(t time.Time) bool {
	return !a.from.IsZero() && !t.Before(a.from) && (a.to.IsZero() || t.Before(a.to))
}

// ledger is what all installations of a case were asked for.
type ledger struct {
	mu      sync.Mutex
	entries []asked
}

// note writes down what a workflow or a schedule was given.
func (b *ledger) note(a asked, kind string, raw []byte) {
	a.LiveRequest, _ = lifecycle.ReadLive(raw)
	var beside struct{ Endpoint string } // a rollback's
	if json.Unmarshal(raw, &beside) == nil && beside.Endpoint != "" {
		a.endpoints = append(a.endpoints, beside.Endpoint)
	}
	if name := a.Endpoint(); name != "" {
		a.endpoints = append(a.endpoints, name)
	}
	// A check and a sweep look; only these hold on to what they name.
	if a.schedule != "" || kind == workflows.TypeRetrain || kind == workflows.TypeEvaluate {
		a.from = time.Now()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, a)
}

// ended writes down when a run of a workflow ended. One that is not known here, since a reset or a check has started it,
// ends the last that is, unless that has ended before.
func (b *ledger) ended(caller, workflow, run string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var last *asked
	for i := range b.entries {
		e := &b.entries[i]
		if e.caller != caller || e.workflow != workflow {
			continue
		}
		if last = e; e.run == run {
			break
		}
	}
	if last != nil && last.to.IsZero() {
		last.to = at
	}
}

func (b *ledger) all() []asked {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries)
}
