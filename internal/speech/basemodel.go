package speech

import (
	"context"
	"net/http"
	"time"
)

// BaseModel is a model of Microsoft's that versions are trained from (schema BaseModel).
type BaseModel struct {
	Object
	Properties BaseModelProperties `json:"properties"`
}

// BaseModelProperties holds the dates and abilities of a base model.
type BaseModelProperties struct {
	DeprecationDates BaseModelDates    `json:"deprecationDates"`
	Features         BaseModelFeatures `json:"features"`
	// ChargeForAdaptation says whether training from this model is charged; nil when the service does not say.
	ChargeForAdaptation *bool `json:"chargeForAdaptation,omitempty"`
}

// BaseModelDates holds the end dates of a base model; nil when the service gives none.
type BaseModelDates struct {
	// AdaptationDateTime is the end of training from this model.
	AdaptationDateTime *time.Time `json:"adaptationDateTime,omitempty"`
	// TranscriptionDateTime is the end of recognition with this model.
	TranscriptionDateTime *time.Time `json:"transcriptionDateTime,omitempty"`
}

func (m BaseModel) dates() []time.Time {
	ends := m.Properties.DeprecationDates
	return append(m.Object.dates(), given(ends.AdaptationDateTime, ends.TranscriptionDateTime)...)
}

// ModelFeatures says what a model can be used for (schema SharedModelFeatures); nil when the service does not say.
type ModelFeatures struct {
	SupportsTranscriptionsSubmit     *bool    `json:"supportsTranscriptionsSubmit,omitempty"`
	SupportsTranscriptionsTranscribe *bool    `json:"supportsTranscriptionsTranscribe,omitempty"`
	SupportsEndpoints                *bool    `json:"supportsEndpoints,omitempty"`
	SupportedOutputFormats           []string `json:"supportedOutputFormats,omitempty"`
}

// BaseModelFeatures adds the dataset kinds that a base model can be trained with.
type BaseModelFeatures struct {
	ModelFeatures
	// SupportsAdaptationsWith is nil when the service does not say, and empty when it says "none".
	SupportsAdaptationsWith []DatasetKind `json:"supportsAdaptationsWith,omitzero"`
}

// ListBaseModels lists base models (Models_ListBaseModels).
func (c *Client) ListBaseModels(ctx context.Context, f Filter) ([]BaseModel, Meta, error) {
	return list[BaseModel](ctx, c, KindBaseModel, f)
}

// GetBaseModel reads one base model (Models_GetBaseModel).
func (c *Client) GetBaseModel(ctx context.Context, id string) (BaseModel, Meta, error) {
	return get[BaseModel](ctx, c, KindBaseModel, id)
}

// ListModelLocales lists the locales in which models can be trained (Models_ListSupportedLocales).
func (c *Client) ListModelLocales(ctx context.Context) ([]string, Meta, error) {
	var locales []string
	q := call{operation: "list model locales", method: http.MethodGet, url: c.url(KindModel.path()+"/locales", nil)}
	a, err := c.do(ctx, q)
	if err != nil {
		return nil, a.meta, err
	}
	return locales, a.meta, c.decode(q, a, &locales)
}
