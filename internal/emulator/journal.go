package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
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
	Caller       string    `json:"caller"` // which key or token it carried, see CallerOf
	Deliberate   bool      `json:"deliberate"`
	Fault        string    `json:"fault,omitempty"`
	Arrived      time.Time `json:"arrived"`      // real
	Milliseconds int64     `json:"milliseconds"` // real
	// After is what a write left of the object that it touched, nil when that is gone or nothing was touched.
	After *After `json:"after,omitempty"`
}

// CallerOf is how the log tells callers apart without showing their secrets: the first 8 hex digits of the SHA-256 of
// the key, or of the token, that a request carries; empty without one.
func CallerOf(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:4])
}

// After is an object right after a write, for those who check afterwards what was ever true.
type After struct {
	Kind             string            `json:"kind"`
	DisplayName      string            `json:"displayName"`
	Status           string            `json:"status,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	// Model and ModelStatus are of the model that an endpoint was told to serve.
	Model       string `json:"model,omitempty"`
	ModelStatus string `json:"modelStatus,omitempty"`
	// Measured is the second model of an evaluation.
	Measured string `json:"measured,omitempty"`
	// NeverServedBy are the endpoints that refer to a model whose deployment there has Failed, so that it does not serve.
	NeverServedBy []string `json:"neverServedBy,omitempty"`
}

// after reads an object that a write touched. The lock is held.
func (s *Server) after(id string) *After {
	f := s.find(strings.ToLower(id))
	if f.entity == nil {
		return nil
	}
	a := &After{Kind: f.kind, DisplayName: f.entity.DisplayName, CustomProperties: maps.Clone(f.entity.CustomProperties), Measured: f.measured}
	if f.job != nil {
		a.Status = f.job.Status
	}
	if e := f.endpoint; e != nil {
		told := e.Model
		if e.Next != nil {
			told = *e.Next
		}
		a.Model, a.ModelStatus = told.ID, s.recogniser(told).status
	}
	if f.kind == "model" {
		for _, e := range s.state.Endpoints {
			if e.Model.ID == f.entity.ID && e.Next == nil && e.Status == failed && (e.Serving == nil || e.Serving.ID != e.Model.ID) {
				a.NeverServedBy = append(a.NeverServedBy, e.ID)
			}
		}
		slices.Sort(a.NeverServedBy)
	}
	return a
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
