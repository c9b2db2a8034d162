package lifecycle

// ObjectKind is a kind of the service's objects that a run keeps or deletes.
type ObjectKind string

// The kinds of objects. A version is a model of the service.
const (
	ObjectModel      ObjectKind = "model"
	ObjectEvaluation ObjectKind = "evaluation"
	ObjectDataset    ObjectKind = "dataset"
	ObjectEndpoint   ObjectKind = "endpoint"
	ObjectProject    ObjectKind = "project"
)

// Disposed is an object that was kept or deleted, and why.
type Disposed struct {
	Kind        ObjectKind `json:"kind"`
	ID          string     `json:"id"`
	DisplayName string     `json:"displayName"`
	Reason      string     `json:"reason"`
}
