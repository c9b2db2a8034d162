package emulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// What tests and the admin API do to a service that no client could.

// Now is the service's virtual time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Settings returns the settings as they are.
func (s *Server) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// SetSettings changes the settings from now on; jobs under way keep their plan.
func (s *Server) SetSettings(v Settings) error {
	if err := v.validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = v
	return nil
}

// Advance moves the virtual clock forward and enters every state that is due then. It first waits for content that
// is being read, so that an import is done when its time has passed.
func (s *Server) Advance(ctx context.Context, by time.Duration) error {
	return s.move(ctx, func() error { return s.clock.Advance(by) })
}

// SetTime moves the virtual clock forward to a time, as Advance does.
func (s *Server) SetTime(ctx context.Context, to time.Time) error {
	return s.move(ctx, func() error { return s.clock.Set(to) })
}

func (s *Server) move(ctx context.Context, shift func() error) error {
	if err := s.waitImports(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := shift(); err != nil {
		return err
	}
	s.settle()
	s.save()
	return nil
}

// BaseModel describes a base model to release. Only Locale is required.
type BaseModel struct {
	Locale      string     `json:"locale"`
	DisplayName string     `json:"displayName,omitempty"` // default from the date
	Created     *time.Time `json:"createdDateTime,omitempty"`
	Status      string     `json:"status,omitempty"` // default Succeeded
	// Kinds is supportsAdaptationsWith: absent means what the locale supports, an empty list nothing.
	Kinds *[]string `json:"supportsAdaptationsWith,omitempty"`
	// Dates are computed by the quarter rule unless given; NoDates leaves dates and kinds out altogether.
	Adaptation    *time.Time `json:"adaptationDateTime,omitempty"`
	Transcription *time.Time `json:"transcriptionDateTime,omitempty"`
	NoDates       bool       `json:"noDates,omitempty"`
	Charge        *bool      `json:"chargeForAdaptation,omitempty"` // default true
	NoEndpoints   bool       `json:"noEndpoints,omitempty"`
	// DisplayOnly leaves Lexical out of supportedOutputFormats.
	DisplayOnly bool `json:"displayOnly,omitempty"`
	// Quality is the share (0..1) of words that it recognises untrained, default 0.9.
	Quality *float64 `json:"quality,omitempty"`
}

// ReleaseBaseModel puts a base model into the catalogue and returns its ID.
func (s *Server) ReleaseBaseModel(d BaseModel) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := supported[d.Locale]; !known {
		return "", fmt.Errorf("locale %q is not supported: use one of %v", d.Locale, locales())
	}
	if d.Status != "" && !slices.Contains([]string{notStarted, running, succeeded, failed}, d.Status) {
		return "", fmt.Errorf("status %q does not exist", d.Status)
	}
	if d.Quality != nil && (*d.Quality < 0 || *d.Quality > 1) {
		return "", fmt.Errorf("quality %g: use a share from 0 to 1", *d.Quality)
	}
	b := newBaseModel(d.Locale, seconds(or(d.Created, s.clock.Now())))
	if d.DisplayName != "" {
		b.DisplayName = d.DisplayName
	}
	if d.Status != "" {
		b.Status = d.Status
	}
	b.Kinds, b.Charge, b.Quality = or(d.Kinds, b.Kinds), or(d.Charge, true), or(d.Quality, b.Quality)
	b.NoEndpoints, b.DisplayOnly = d.NoEndpoints, d.DisplayOnly
	adaptation, transcription := seconds(or(d.Adaptation, *b.Adaptation)), seconds(or(d.Transcription, *b.Transcription))
	if b.Adaptation, b.Transcription = &adaptation, &transcription; d.NoDates {
		b.Adaptation, b.Transcription, b.Kinds = nil, nil, nil
	}
	b.Seq = s.next()
	s.state.BaseModels[b.ID] = b
	s.save()
	return b.ID, nil
}

func or[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}

// errNoObject says that an ID names nothing.
var errNoObject = errors.New("no such object: GET /admin/objects lists all")

// Redate changes the dates of a base model, or the transcription date of a custom model.
func (s *Server) Redate(id string, adaptation, transcription *time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, m := s.state.BaseModels[id], s.state.Models[id]
	switch {
	case b != nil:
		if adaptation != nil {
			b.Adaptation = adaptation
		}
		if transcription != nil {
			b.Transcription = transcription
		}
	case m == nil:
		return errNoObject
	case adaptation != nil:
		return errors.New("a custom model has no adaptation date")
	case transcription != nil:
		m.Transcription = seconds(*transcription)
	}
	s.save()
	return nil
}

// Finish ends a job now, well without a code, else failed. It is meant for jobs that hang.
func (s *Server) Finish(id, code, message string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(id)
	if o.job == nil {
		return errNoObject
	}
	redeploying := o.endpoint != nil && o.endpoint.Next != nil
	if o.job.terminal() && !redeploying {
		return fmt.Errorf("the object has ended already, its status is %s", o.job.Status)
	}
	if d := s.state.Datasets[id]; d != nil && d.Import == nil {
		return errors.New("the content of the dataset has not been read yet")
	}
	now := s.clock.Now()
	if code != "" {
		o.job.Planned = &failure{code, message}
	}
	if o.job.EndAt = now; o.job.StartAt.After(now) || o.job.StartAt.IsZero() {
		o.job.StartAt = now
	}
	s.settle()
	s.save()
	return nil
}

// Remove deletes an object as someone else would, without asking whether it is in use.
func (s *Server) Remove(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(id).entity == nil && s.state.BaseModels[id] == nil {
		return errNoObject
	}
	if d := s.state.Datasets[id]; d != nil {
		s.removeContent(d)
	}
	delete(s.state.BaseModels, id)
	delete(s.state.Models, id)
	delete(s.state.Datasets, id)
	delete(s.state.Projects, id)
	delete(s.state.Operations, id)
	delete(s.state.Evaluations, id)
	delete(s.state.Endpoints, id)
	s.save()
	return nil
}

// ServingOf says which model answers the calls of an endpoint, which the service does not show.
func (s *Server) ServingOf(endpointID string) (Serving, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	e := s.state.Endpoints[endpointID]
	if e == nil {
		return Serving{}, errNoObject
	}
	return s.serving(e, s.clock.Now()), nil
}
