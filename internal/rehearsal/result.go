package rehearsal

import (
	"encoding/json"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
)

// Model is one model of the fleet, as a request.
type Model struct {
	Request lifecycle.Request
	Raw     json.RawMessage
}

// Options say what is rehearsed.
type Options struct {
	Models []Model
	Years  int
	// Seed decides how good the base models are that come out: the same seed, the same rehearsal.
	Seed uint64
	// Client is connected to a private Temporal, Begin is the day (UTC) on which the service's clock starts.
	Client client.Client
	Begin  time.Time
	// Progress is told what happens; may be nil.
	Progress func(Event)
}

// Event is one line of the timeline.
type Event struct {
	At    time.Time `json:"at"`
	Model string    `json:"model"`
	// What is renewed, rejected, failed, alarm, released or expired.
	What string `json:"what"`
	Why  string `json:"why"`
	// Base, WER and Compared are those of the new version; empty or null without.
	Base      string     `json:"base,omitempty"`
	WER       *float64   `json:"wordErrorRate"`
	Compared  *float64   `json:"compared"`
	ExpiresAt *time.Time `json:"expiresAt"`
}

// Summary is one model's years.
type Summary struct {
	Model    string `json:"model"`
	Checks   int    `json:"checks"`
	Renewals int    `json:"renewals"`
	Rejected int    `json:"rejected"`
	Failed   int    `json:"failed"`
	Alarms   int    `json:"alarms"`
	// Trainings and Evaluations are those that the service was asked for, TrainingHours what the trainings lasted together.
	Trainings     int     `json:"trainings"`
	Evaluations   int     `json:"evaluations"`
	TrainingHours float64 `json:"trainingHours"`
	// Cost is what the trainings cost, an estimate in Currency.
	Cost     float64 `json:"cost"`
	Currency string  `json:"currency"`
	// LeastMargin is the least time before its expiry at which a version was replaced; null when none was.
	LeastMargin *lifecycle.Duration `json:"leastMargin"`
	// Expired tells that a version expired while it served.
	Expired bool     `json:"expired"`
	Notes   []string `json:"notes"`
}

// Peak is the day (UTC, YYYY-MM-DD) on which most trainings began.
type Peak struct {
	Day       string `json:"day"`
	Trainings int    `json:"trainings"`
}

// Result is a rehearsal.
type Result struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Seed uint64    `json:"seed"`
	// Peak is null when nothing was trained.
	Peak *Peak `json:"peak"`
	// LaterPeak is that without the first training of each model; null without others.
	LaterPeak *Peak     `json:"laterPeak"`
	Timeline  []Event   `json:"timeline"`
	Models    []Summary `json:"models"`
}

// Expired tells whether any model expired while it served.
func (r Result) Expired() bool {
	return slices.ContainsFunc(r.Models, func(s Summary) bool { return s.Expired })
}
