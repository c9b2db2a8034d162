// Package fleet is what a file says and what its schedules should be: a document becomes a request or the models of a
// fleet, each model the schedule that it should have, and that, held against the one that is there, a list of
// differences. Everything is a value: nothing here reads a file, asks Temporal or sends anything. Whatever is refused is
// a *exit.Failure with every problem and its line.
package fleet

import (
	"slices"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
	"speech-retrainer/internal/words"
)

// Fleet is a file of models that are renewed on schedules.
type Fleet struct {
	Name string
	// ID tells this file from others of the same name; empty when it has none.
	ID     string
	Models []Model
	Doc    Document
	// Warnings are what an operator should know of it, a text each.
	Warnings []string

	// queues are the task queues whose models are applied; none = all.
	queues []string
}

// Model is one model of a fleet, with the fleet's defaults merged in.
type Model struct {
	Given

	schedule timing
	// TaskQueue is that of the worker for its Speech resource.
	TaskQueue string
	// fleetID is the id of its fleet; empty when that has none.
	fleetID string
	// takenInto and takenFor are its fleet and owner when its schedule was made by hand and is taken over; empty else.
	takenInto, takenFor string
	// Uploads are the datasets of its local files by their display names, once they are known.
	Uploads map[string]string
}

// endpoint is the one that the model is deployed to, as its request names it; empty without.
func (m Model) endpoint() string {
	if m.Deploy == nil {
		return ""
	}
	return m.Deploy.Endpoint
}

// Choose keeps the models of the given names; the error names one that the fleet does not have.
func (f Fleet) Choose(names []string) ([]Model, error) {
	if len(names) == 0 {
		return f.Models, nil
	}
	var chosen []Model
	for _, name := range names {
		i := slices.IndexFunc(f.Models, func(m Model) bool { return m.Name == name })
		if i < 0 {
			return nil, f.without(name)
		}
		chosen = append(chosen, f.Models[i])
	}
	return chosen, nil
}

// without is the refusal of a name that no model of the fleet has, with the one that was probably meant.
func (f Fleet) without(name string) error {
	names := make([]string, len(f.Models))
	for i, m := range f.Models {
		names[i] = m.Name
	}
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s has no model %s", f.Doc.Name, name)
	if near := meant.Nearest(name, names); near != "" {
		return refused.Next("did you mean %s?", near)
	}
	return refused.Next("it has: %s", words.Some(names))
}
