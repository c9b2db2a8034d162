package emulator

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Seed describes a custom model that is put there at once, without a training: a resource of thousands is made in
// moments. Only DisplayName and Locale are required.
type Seed struct {
	DisplayName      string            `json:"displayName"`
	Locale           string            `json:"locale"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	// BaseModel is the ID of a base model of the locale, default the service's own choice.
	BaseModel string `json:"baseModel,omitempty"`
	// Datasets are the IDs of what it was trained with.
	Datasets []string `json:"datasets,omitempty"`
	// Created is when, default now; the training took no time.
	Created *time.Time `json:"createdDateTime,omitempty"`
	// Transcription is its last day, default by the quarter rule.
	Transcription *time.Time `json:"transcriptionDateTime,omitempty"`
	// Training leaves it in training until Finish.
	Training bool `json:"training,omitempty"`
}

// SeedModels puts custom models there, all or none, and returns their IDs in the order given. Lists show them at once.
func (s *Server) SeedModels(seeds []Seed) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	c := &call{Server: s, settings: s.settings, now: now}
	made := make([]*model, 0, len(seeds))
	for i, seed := range seeds {
		m, err := c.seeded(seed)
		if err != nil {
			return nil, fmt.Errorf("model %d, %q: %w", i+1, seed.DisplayName, err)
		}
		made = append(made, m)
	}
	ids := make([]string, 0, len(made))
	for _, m := range made {
		m.Seq = s.next()
		s.state.Models[m.ID] = m
		ids = append(ids, m.ID)
	}
	s.save()
	return ids, nil
}

func (c *call) seeded(seed Seed) (*model, error) {
	if _, known := supported[seed.Locale]; !known || seed.DisplayName == "" {
		return nil, fmt.Errorf("give a display name, and a locale of %v", locales())
	}
	if err := checkProperties(seed.CustomProperties); err != nil {
		return nil, err
	}
	base := c.state.BaseModels[seed.BaseModel]
	if seed.BaseModel == "" {
		base = c.newestAdaptable(seed.Locale)
	}
	if base == nil || base.Locale != seed.Locale {
		return nil, fmt.Errorf("there is no base model %q of locale %s", seed.BaseModel, seed.Locale)
	}
	for _, id := range seed.Datasets {
		if c.state.Datasets[id] == nil {
			return nil, fmt.Errorf("there is no dataset %q", id)
		}
	}
	created := or(seed.Created, c.now)
	m := &model{
		entity: entity{
			ID: uuid.NewString(), DisplayName: seed.DisplayName, Locale: seed.Locale, CustomProperties: seed.CustomProperties, Created: created,
		},
		job:  job{Status: succeeded, LastAction: created, StartAt: created, EndAt: created},
		Base: reference{ID: base.ID, Base: true}, Quality: base.Quality, NoEndpoints: base.NoEndpoints, DisplayOnly: base.DisplayOnly,
		Datasets: seed.Datasets, Transcription: seconds(or(seed.Transcription, transcriptionEnd(created))),
	}
	if seed.Training {
		m.Status, m.EndAt = running, time.Time{}
	}
	return m, nil
}
