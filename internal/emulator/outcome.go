package emulator

import (
	"fmt"
	"slices"
	"strings"
)

var outcomeKinds = []string{"training", "dataset", "evaluation", "endpoint", "copy"}

// Outcome changes how the next job of a kind ends: the training of a model, the import of a dataset, an evaluation, the
// deployment or redeployment of an endpoint, a copy. It is taken when the job is accepted (a dataset made of
// blocks: when they are committed).
type Outcome struct {
	Kind string `json:"kind"`
	// DisplayName, if set, is the name that the object has to have (a copy: that of its source); Contains a part of it.
	DisplayName string `json:"displayName,omitempty"`
	Contains    string `json:"contains,omitempty"`
	// Code, if set, makes the job fail, with Message.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Duration, if set, is the time in Running.
	Duration *Duration `json:"duration,omitempty"`
	// Hang leaves the job in Running until the admin finishes it.
	Hang bool `json:"hang,omitempty"`
	// Count is how many jobs are changed, default 1.
	Count int `json:"count,omitempty"`
}

func (o Outcome) failure() *failure {
	if o.Code == "" {
		return nil
	}
	return &failure{o.Code, o.Message}
}

// Plan adds an outcome for a job to come.
func (s *Server) Plan(o Outcome) error {
	switch {
	case !slices.Contains(outcomeKinds, o.Kind):
		return fmt.Errorf("outcome kind %q does not exist: use one of %s", o.Kind, strings.Join(outcomeKinds, ", "))
	case o.Code == "" && o.Duration == nil && !o.Hang:
		return fmt.Errorf("the outcome changes nothing: give a code, a duration or hang")
	case o.Code == "" && o.Message != "":
		return fmt.Errorf("the outcome has a message without a code")
	}
	if o.Count == 0 {
		o.Count = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes = append(s.outcomes, &o)
	return nil
}

// Outcomes lists what is planned and not yet taken.
func (s *Server) Outcomes() []Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Outcome{}
	for _, o := range s.outcomes {
		out = append(out, *o)
	}
	return out
}

// ClearOutcomes forgets what is planned.
func (s *Server) ClearOutcomes() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes = nil
}

// takeOutcome is the plan for a job, the zero Outcome if there is none.
func (c *call) takeOutcome(kind, name string) Outcome {
	for i, o := range c.outcomes {
		if o.Kind != kind || o.DisplayName != "" && o.DisplayName != name || !strings.Contains(name, o.Contains) {
			continue
		}
		if o.Count--; o.Count == 0 {
			c.outcomes = slices.Delete(c.outcomes, i, i+1)
		}
		return *o
	}
	return Outcome{}
}
