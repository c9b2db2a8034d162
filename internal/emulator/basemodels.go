package emulator

import (
	"strings"
	"time"
)

// baseModelView is schema BaseModel.
type baseModelView struct {
	Self        string          `json:"self"`
	DisplayName string          `json:"displayName"`
	Description *string         `json:"description,omitempty"`
	Locale      string          `json:"locale"`
	Created     time.Time       `json:"createdDateTime"`
	LastAction  time.Time       `json:"lastActionDateTime"`
	Status      string          `json:"status"`
	Links       map[string]any  `json:"links"`
	Properties  basePropsOnWire `json:"properties"`
}

type basePropsOnWire struct {
	Dates    *datesView   `json:"deprecationDates,omitempty"`
	Features featuresView `json:"features"`
	Charge   bool         `json:"chargeForAdaptation"`
}

type datesView struct {
	Adaptation    *time.Time `json:"adaptationDateTime,omitempty"`
	Transcription *time.Time `json:"transcriptionDateTime,omitempty"`
}

type featuresView struct {
	Submit     bool      `json:"supportsTranscriptionsSubmit"`
	Transcribe bool      `json:"supportsTranscriptionsTranscribe"`
	Endpoints  bool      `json:"supportsEndpoints"`
	Containers bool      `json:"supportsTranscriptionsOnSpeechContainers"`
	Kinds      *[]string `json:"supportsAdaptationsWith,omitempty"`
	Formats    []string  `json:"supportedOutputFormats"`
}

// features are what a model can be used for. One that cannot serve an endpoint is for batch only, as Whisper is; one that
// is display-only gives no lexical text (NOTES section 20).
func features(noEndpoints, displayOnly bool) featuresView {
	v := featuresView{
		Submit: true, Transcribe: !noEndpoints, Endpoints: !noEndpoints, Containers: !noEndpoints, Formats: []string{"Display", "Lexical"},
	}
	if displayOnly {
		v.Formats = v.Formats[:1]
	}
	return v
}

func (c *call) viewBaseModel(b *baseModel) any {
	v := baseModelView{
		Self: c.url("/models/base/" + b.ID), DisplayName: b.DisplayName, Description: b.Description, Locale: b.Locale,
		Created: seconds(b.Created), LastAction: seconds(b.Created), Status: b.Status,
		Links:      map[string]any{"manifest": c.url("/models/base/" + b.ID + "/manifest")},
		Properties: basePropsOnWire{Features: features(b.NoEndpoints, b.DisplayOnly), Charge: b.Charge},
	}
	if b.Adaptation != nil || b.Transcription != nil {
		v.Properties.Dates = &datesView{b.Adaptation, b.Transcription}
	}
	if b.Kinds != nil {
		v.Properties.Features.Kinds = &b.Kinds
	}
	return v
}

func (c *call) listBaseModels() (*reply, error) {
	var rows []row
	for _, b := range c.state.BaseModels {
		rows = append(rows, entityRow(&b.entity, b.Status, b.Created, func() any { return c.viewBaseModel(b) }))
	}
	re, err := c.list(rows, filterEntities)
	if err == nil {
		re.wait = false // no Retry-After is declared for base models
	}
	return re, err
}

func (c *call) getBaseModel() (*reply, error) {
	b := c.state.BaseModels[strings.ToLower(c.params["id"])]
	if b == nil {
		return nil, notFound()
	}
	return ok(c.viewBaseModel(b), false), nil
}
