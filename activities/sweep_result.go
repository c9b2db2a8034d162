package activities

import (
	"time"

	"speech-retrainer/internal/lifecycle"
)

// SweepInput names the model to tidy up after.
type SweepInput struct {
	Scope
	// Heal puts marks right that a run could no longer write; nil when the request of the model is not at hand.
	Heal *HealInput `json:"heal,omitempty"`
	// Request is the request at hand, which Temporal may not list yet: the datasets that it names stay; nil when there is
	// none.
	Request *lifecycle.LiveRequest `json:"request,omitempty"`
	// Home is another home that a person says is lost: its unfinished work is removed, too.
	Home string `json:"home,omitempty"`
	// Unused are datasets that a person wants deleted, if nothing uses them. With any the pass does only that.
	Unused []string `json:"unused,omitempty"`
}

// SweepResult is what one pass did.
type SweepResult struct {
	Deleted []lifecycle.Disposed `json:"deleted"`
	// Waiting names what is abandoned but cannot be deleted yet, because it is not terminal.
	Waiting []lifecycle.Disposed `json:"waiting"`
	// Refused names what the service would not delete.
	Refused []lifecycle.Disposed `json:"refused"`
	// Healed are the marks that were put right.
	Healed []lifecycle.Mending `json:"healed,omitempty"`
	// Notes are what an operator should know of the resource.
	Notes []string `json:"notes,omitempty"`
	// LookAgain is when what a canceled create left behind is in the lists at the latest.
	LookAgain time.Duration `json:"lookAgain"`
}

// drop runs one delete and records what came of it; only what may pass by itself is an error.
func (a *Activities) drop(d lifecycle.Disposed, result *SweepResult, do func() error) error {
	refusal, err := deletion(do)
	switch {
	case err != nil:
		return err
	case refusal != "":
		d.Reason += "; " + refusal
		result.Refused = append(result.Refused, d)
	default:
		result.Deleted = append(result.Deleted, d)
	}
	return nil
}

// HealInput is what a request says of its model's endpoint.
type HealInput struct {
	// Endpoint is its ID or exact name; empty for a model without one.
	Endpoint string `json:"endpoint,omitempty"`
	// Deploy is how long a deployment may take.
	Deploy lifecycle.Duration `json:"deploy"`
}
