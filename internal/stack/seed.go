package stack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// Seed is a custom model that is put there without a training.
type Seed struct {
	DisplayName      string            `json:"displayName"`
	Locale           string            `json:"locale"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	// BaseModel and Datasets are IDs; the base is the service's own choice when empty.
	BaseModel string   `json:"baseModel,omitempty"`
	Datasets  []string `json:"datasets,omitempty"`
	// Training leaves it in training until Finish.
	Training bool `json:"training,omitempty"`
}

// seedsAtOnce keeps the body of one request below what the emulator reads of it, 1 MiB.
const seedsAtOnce = 1000

// SeedModels puts custom models there and returns their IDs in the order given.
func (e *Emulator) SeedModels(ctx context.Context, seeds []Seed) ([]string, error) {
	var ids []string
	for some := range slices.Chunk(seeds, seedsAtOnce) {
		var answer struct{ IDs []string }
		if err := e.admin(ctx, http.MethodPost, "models", map[string]any{"models": some}, &answer); err != nil {
			return ids, err
		}
		ids = append(ids, answer.IDs...)
	}
	return ids, nil
}

// Tally counts what the emulator has logged.
type Tally struct {
	// Last is the number of the newest exchange.
	Last       int            `json:"last"`
	Requests   int            `json:"requests"`
	Operations map[string]int `json:"operations"`
	Statuses   map[string]int `json:"statuses"`
	// Busiest is the most that arrived within any 10 s of real time.
	Busiest int `json:"busiest"`
}

// Tally counts the exchanges after a number of the log.
func (e *Emulator) Tally(ctx context.Context, after int) (Tally, error) {
	var t Tally
	err := e.admin(ctx, http.MethodGet, fmt.Sprintf("tally?after=%d", after), nil, &t)
	return t, err
}
