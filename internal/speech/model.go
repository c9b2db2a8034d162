package speech

import (
	"context"
	"time"
)

// CustomModel is one trained version (schema CustomModel).
type CustomModel struct {
	Object
	BaseModel  *Ref                  `json:"baseModel,omitempty"`
	Datasets   []Ref                 `json:"datasets,omitempty"`
	Project    *Ref                  `json:"project,omitempty"`
	Properties CustomModelProperties `json:"properties"`
}

// CustomModelProperties holds what the service knows about a version besides its status.
type CustomModelProperties struct {
	DeprecationDates CustomModelDates `json:"deprecationDates"`
	Features         ModelFeatures    `json:"features"`
	// CustomModelWeightPercent is 1 to 100; nil when the service does not say.
	CustomModelWeightPercent *int `json:"customModelWeightPercent,omitempty"`
	// Error is why the training failed; nil unless it did.
	Error *EntityError `json:"error,omitempty"`
}

// CustomModelDates holds a version's expiry; nil when the service gives none.
type CustomModelDates struct {
	// TranscriptionDateTime is the last day on which the version recognises speech.
	TranscriptionDateTime *time.Time `json:"transcriptionDateTime,omitempty"`
}

func (m CustomModel) dates() []time.Time {
	return append(m.Object.dates(), given(m.Properties.DeprecationDates.TranscriptionDateTime)...)
}

// NewModel is the body of a create. An absent base model means the service's own default, which is
// not always the newest.
type NewModel struct {
	DisplayName      string              `json:"displayName"`
	Description      string              `json:"description,omitempty"`
	Locale           string              `json:"locale"`
	BaseModel        *Ref                `json:"baseModel,omitempty"`
	Datasets         []Ref               `json:"datasets,omitempty"`
	Project          *Ref                `json:"project,omitempty"`
	CustomProperties map[string]string   `json:"customProperties,omitempty"`
	Properties       *NewModelProperties `json:"properties,omitempty"`
}

// NewModelProperties are the settings of a training.
type NewModelProperties struct {
	// CustomModelWeightPercent is 1 to 100; nil lets the service choose.
	CustomModelWeightPercent *int `json:"customModelWeightPercent,omitempty"`
}

// ModelUpdate is the body of a change.
type ModelUpdate = Update

// ListModels lists custom models (Models_ListCustomModels).
func (c *Client) ListModels(ctx context.Context, f Filter) ([]CustomModel, Meta, error) {
	return list[CustomModel](ctx, c, KindModel, f)
}

// CreateModel starts a training (Models_Create). It is not idempotent: look before calling it.
func (c *Client) CreateModel(ctx context.Context, m NewModel) (CustomModel, Meta, error) {
	m.Project = c.project(m.Project)
	return create[CustomModel](ctx, c, KindModel, m.DisplayName, m)
}

// GetModel reads one custom model (Models_GetCustomModel).
func (c *Client) GetModel(ctx context.Context, id string) (CustomModel, Meta, error) {
	return get[CustomModel](ctx, c, KindModel, id)
}

// UpdateModel changes the metadata of a custom model (Models_Update).
func (c *Client) UpdateModel(ctx context.Context, id string, u ModelUpdate) (CustomModel, Meta, error) {
	u.Project = c.project(u.Project)
	return update[CustomModel](ctx, c, KindModel, id, u)
}

// DeleteModel deletes a custom model (Models_Delete). One that does not exist is no error.
func (c *Client) DeleteModel(ctx context.Context, id string) (Meta, error) {
	return c.remove(ctx, KindModel, id)
}
