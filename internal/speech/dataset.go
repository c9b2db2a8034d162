package speech

import "context"

// DatasetKind is the kind of a dataset's content. The service's list is open: unknown kinds are kept, and none is
// named here: this package has no rules for them.
type DatasetKind string

// Dataset is training or test data (schema Dataset). The contentUrl that the service may send back
// is dropped on purpose: it can carry a signature.
type Dataset struct {
	Object
	Kind       DatasetKind       `json:"kind"`
	Project    *Ref              `json:"project,omitempty"`
	Properties DatasetProperties `json:"properties"`
}

// DatasetProperties is the result of an import; the numbers are nil when the service does not say.
type DatasetProperties struct {
	AcceptedLineCount *int `json:"acceptedLineCount,omitempty"`
	RejectedLineCount *int `json:"rejectedLineCount,omitempty"`
	// DurationMilliseconds is the total length of the audio, 0 for text.
	DurationMilliseconds *int64 `json:"durationMilliseconds,omitempty"`
	// Error is why the import failed; nil unless it did.
	Error *EntityError `json:"error,omitempty"`
}

// NewDataset is the body of a create. Without ContentURL the service waits for blocks.
type NewDataset struct {
	DisplayName      string            `json:"displayName"`
	Description      string            `json:"description,omitempty"`
	Locale           string            `json:"locale"`
	Kind             DatasetKind       `json:"kind"`
	ContentURL       string            `json:"contentUrl,omitempty"`
	Project          *Ref              `json:"project,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
}

// DatasetUpdate is the body of a change.
type DatasetUpdate = Update

// ListDatasets lists datasets (Datasets_List).
func (c *Client) ListDatasets(ctx context.Context, f Filter) ([]Dataset, Meta, error) {
	return list[Dataset](ctx, c, KindDataset, f)
}

// CreateDataset creates a dataset (Datasets_Create). It is not idempotent: look before calling it.
func (c *Client) CreateDataset(ctx context.Context, d NewDataset) (Dataset, Meta, error) {
	d.Project = c.project(d.Project)
	return create[Dataset](ctx, c, KindDataset, d.DisplayName, d)
}

// GetDataset reads one dataset (Datasets_Get).
func (c *Client) GetDataset(ctx context.Context, id string) (Dataset, Meta, error) {
	return get[Dataset](ctx, c, KindDataset, id)
}

// UpdateDataset changes the metadata of a dataset (Datasets_Update).
func (c *Client) UpdateDataset(ctx context.Context, id string, u DatasetUpdate) (Dataset, Meta, error) {
	u.Project = c.project(u.Project)
	return update[Dataset](ctx, c, KindDataset, id, u)
}

// DeleteDataset deletes a dataset (Datasets_Delete). One that does not exist is no error.
func (c *Client) DeleteDataset(ctx context.Context, id string) (Meta, error) {
	return c.remove(ctx, KindDataset, id)
}
