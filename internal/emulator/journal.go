package emulator

import (
	"slices"
	"time"

	"speech-retrainer/internal/contract"
)

// maxExchanges is how many exchanges the log keeps; counts go on beyond it.
const maxExchanges = 100_000

// Exchange is one entry of the request log. Dropped connections have status 0 if nothing was done.
type Exchange struct {
	Number       int       `json:"number"`
	Time         time.Time `json:"time"` // virtual
	Method       string    `json:"method"`
	Path         string    `json:"path"`
	Query        string    `json:"query"`
	Operation    string    `json:"operation"` // "" = not in the contract
	Status       int       `json:"status"`
	Object       string    `json:"object"` // ID in the path, or of what was made
	Deliberate   bool      `json:"deliberate"`
	Fault        string    `json:"fault,omitempty"`
	Milliseconds int64     `json:"milliseconds"` // real
}

// Violation is a departure from the contract, with the exchange it was found in.
type Violation struct {
	Number    int    `json:"number"`
	Operation string `json:"operation"`
	contract.Violation
}

type journal struct {
	number     int
	exchanges  []Exchange
	counts     map[string]int // by operation
	violations []Violation
}

func (j *journal) add(e Exchange, violations []contract.Violation) {
	j.number++
	e.Number = j.number
	if j.counts == nil {
		j.counts = map[string]int{}
	}
	j.counts[e.Operation]++
	if len(j.exchanges) >= maxExchanges {
		j.exchanges = slices.Delete(j.exchanges, 0, maxExchanges/10)
	}
	j.exchanges = append(j.exchanges, e)
	for _, v := range violations {
		j.violations = append(j.violations, Violation{Number: e.Number, Operation: e.Operation, Violation: v})
	}
}

// Requests returns the log of all exchanges of the service's API, oldest first.
func (s *Server) Requests() []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal.exchanges)
}

// Violations returns all departures from the contract, of clients and of the emulator itself, except in deliberate
// exchanges. A test suite should fail on any.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal.violations)
}
