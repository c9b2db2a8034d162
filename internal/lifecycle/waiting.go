package lifecycle

import "time"

// WaitingKind is what a run can wait for.
type WaitingKind string

// The kinds of waiting: for an object of the service, for a person's answer, or for the service, which asked to be left
// alone.
const (
	WaitsForDataset    WaitingKind = "dataset"
	WaitsForModel      WaitingKind = "model"
	WaitsForEvaluation WaitingKind = "evaluation"
	WaitsForEndpoint   WaitingKind = "endpoint"
	WaitsForApproval   WaitingKind = "approval"
	WaitsForService    WaitingKind = "service"
)

// Waiting is what a run waits for at this moment.
type Waiting struct {
	Kind     WaitingKind `json:"kind"`
	ID       *string     `json:"id"`
	Since    time.Time   `json:"since"`
	Deadline *time.Time  `json:"deadline"`
}
