package emulator

import (
	"time"
)

// Object is an object of the service as the admin sees it: whatever lists, lags and pages show.
type Object struct {
	Kind             string            `json:"kind"` // dataset, model, evaluation, endpoint, project, copy
	ID               string            `json:"id"`
	DisplayName      string            `json:"displayName"`
	Locale           string            `json:"locale,omitempty"`
	Status           string            `json:"status,omitempty"`
	Created          time.Time         `json:"createdDateTime"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	// LastAction is when the status was entered, to the nanosecond; nil for a project.
	LastAction *time.Time `json:"lastActionDateTime,omitempty"`
	Error      *failure   `json:"error,omitempty"`
}

// found is an object of any kind; job is nil for a project, endpoint only set for one.
type found struct {
	kind     string
	entity   *entity
	job      *job
	endpoint *endpoint
	// measured is the model that an evaluation measured: its second one, which the product's evaluations are about.
	measured string
}

// find looks an ID up in all tables. The lock is held.
func (s *Server) find(id string) found {
	for _, f := range s.everything() {
		if f.entity.ID == id {
			return f
		}
	}
	return found{}
}

// everything lists all objects, in the order of creation within a kind. The lock is held.
func (s *Server) everything() []found {
	var out []found
	for _, d := range inOrder(s.state.Datasets) {
		out = append(out, found{kind: "dataset", entity: &d.entity, job: &d.job})
	}
	for _, m := range inOrder(s.state.Models) {
		out = append(out, found{kind: "model", entity: &m.entity, job: &m.job})
	}
	for _, e := range inOrder(s.state.Evaluations) {
		out = append(out, found{kind: "evaluation", entity: &e.entity, job: &e.job, measured: e.Models[1].ID})
	}
	for _, e := range inOrder(s.state.Endpoints) {
		out = append(out, found{kind: "endpoint", entity: &e.entity, job: &e.job, endpoint: e})
	}
	for _, p := range inOrder(s.state.Projects) {
		out = append(out, found{kind: "project", entity: &p.entity})
	}
	for _, o := range inOrder(s.state.Operations) {
		out = append(out, found{kind: "copy", entity: &o.entity, job: &o.job})
	}
	return out
}

// Objects lists all objects of a kind, or of all kinds with "". Base models are not among them.
func (s *Server) Objects(kind string) []Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	out := []Object{}
	for _, f := range s.everything() {
		if kind != "" && f.kind != kind {
			continue
		}
		o := Object{
			Kind: f.kind, ID: f.entity.ID, DisplayName: f.entity.DisplayName, Locale: f.entity.Locale,
			Created: f.entity.Created.UTC(), CustomProperties: f.entity.CustomProperties,
		}
		if f.job != nil {
			o.Status, o.LastAction, o.Error = f.job.Status, &f.job.LastAction, f.job.Error
		}
		out = append(out, o)
	}
	return out
}
