package page

import (
	"encoding/json"
	"time"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
)

// Fleet is what is known of all models at one moment.
type Fleet struct {
	// Models are those of this worker's resource, and those whose schedules name another task queue; most urgent first.
	Models []Model
	// Bases are the base models of their locales, by ID.
	Bases map[string]lifecycle.Model
	// Bare are the rates of bare base models that the runs of versions have measured, by version.
	Bare     map[string][]lifecycle.ObservedTest
	Resource string
	// ObservedAt is the service's now when it was looked at, LookedAt the same moment by this machine's clock; zero when it
	// was never read.
	ObservedAt, LookedAt time.Time
	// Unread is why the service could not be read this time, nil when it could: then what is shown of it is older.
	Unread *exit.Failure
}

// Model is what is known of one model.
type Model struct {
	overview.Row
	// Seen is what the service shows, with all versions.
	Seen lifecycle.Row
	// Queue is the task queue of its schedule; empty without. Elsewhere tells that it is not this worker's, which therefore
	// knows only what Temporal does.
	Queue     string
	Elsewhere bool
	// Request is that of its schedule, Raw as it is given to each check; nil without, or when it cannot be read.
	Request *lifecycle.Request
	Raw     json.RawMessage
}

// now is the service's now as far as it is known, else this machine's.
func (m Model) now(clock time.Time) time.Time {
	if m.ObservedAt != nil {
		return *m.ObservedAt
	}
	return clock
}

// urgency is that of its most urgent need; empty when nobody is needed.
func (m Model) urgency() lifecycle.Urgency {
	if len(m.Needs) == 0 || m.Needs[0].Urgency == lifecycle.UrgencyNote {
		return ""
	}
	return m.Needs[0].Urgency
}

// served is the version of ours that serves or was promoted last; nil when there is none.
func (m Model) served() *lifecycle.Version { return m.Seen.Champion() }

// Plans are what would be done for the models of a fleet, and what its next months may cost.
type Plans struct {
	Plans []lifecycle.Plan
	// Unplanned are the models that could not be planned, and why.
	Unplanned []string
}
