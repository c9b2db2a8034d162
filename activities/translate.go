package activities

import (
	"cmp"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// baseModel translates a base model of the wire into the rules' view.
func baseModel(m speech.BaseModel) lifecycle.Model {
	out := lifecycle.Model{
		ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), Locale: m.Locale, Status: string(m.Status), CreatedAt: m.CreatedDateTime,
		AdaptationEndsAt: m.Properties.DeprecationDates.AdaptationDateTime,
		ExpiresAt:        m.Properties.DeprecationDates.TranscriptionDateTime,
		Charged:          m.Properties.ChargeForAdaptation,
		Deployable:       m.Properties.Features.SupportsEndpoints,
		Formats:          m.Properties.Features.SupportedOutputFormats,
	}
	if kinds := m.Properties.Features.SupportsAdaptationsWith; kinds != nil {
		out.Kinds = []lifecycle.DatasetKind{}
		for _, k := range kinds {
			out.Kinds = append(out.Kinds, lifecycle.DatasetKind(k))
		}
	}
	return out
}

func baseModels(list []speech.BaseModel) []lifecycle.Model {
	models := make([]lifecycle.Model, 0, len(list))
	for _, m := range list {
		models = append(models, baseModel(m))
	}
	return models
}

// customModel translates a custom model of the wire into the rules' view.
func customModel(m speech.CustomModel) lifecycle.Model {
	out := lifecycle.Model{
		ID: m.ID(), DisplayName: speech.Clean(m.DisplayName), Locale: m.Locale, Status: string(m.Status), Custom: true,
		CreatedAt: m.CreatedDateTime, ExpiresAt: m.Properties.DeprecationDates.TranscriptionDateTime,
		Deployable: m.Properties.Features.SupportsEndpoints, Formats: m.Properties.Features.SupportedOutputFormats,
	}
	if m.BaseModel != nil {
		out.BaseID = m.BaseModel.ID()
	}
	return out
}

// stamp is the time as a report shows it: UTC, nil when the service gave none.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return lifecycle.Ptr(t.UTC())
}

// versionOf is a version as it shows by itself; home is that of this installation.
func versionOf(m speech.CustomModel, home string) lifecycle.Version {
	p := m.CustomProperties
	v := lifecycle.Version{
		ID: m.ID(), URL: m.Self.String(), DisplayName: speech.Clean(m.DisplayName), Status: string(m.Status),
		State: lifecycle.State(p[lifecycle.MarkState]), CreatedAt: stamp(m.CreatedDateTime), BaseModelID: refID(m.BaseModel),
		Model: p[lifecycle.MarkModel], Run: p[lifecycle.MarkRun], Step: stepOf(p), Foreign: foreign(m, home),
		Input: p[lifecycle.MarkInput], Alarm: speech.Clean(p[lifecycle.MarkAlarm]), Verdict: speech.Clean(p[lifecycle.MarkVerdict]), Best: p[lifecycle.MarkBest],
		DatasetIDs: []string{}, Tests: []lifecycle.ObservedTest{},
	}
	if t := m.Properties.DeprecationDates.TranscriptionDateTime; t != nil {
		v.ExpiresAt = stamp(*t)
	}
	if m.Status.Terminal() {
		v.EndedAt = stamp(m.LastActionDateTime)
	}
	for _, ref := range m.Datasets {
		v.DatasetIDs = append(v.DatasetIDs, ref.ID())
	}
	return v
}

// foreign tells that no run of this home made a version, as far as its mark says.
func foreign(m speech.CustomModel, home string) bool {
	of, _ := lifecycle.SplitRun(m.CustomProperties[lifecycle.MarkRun])
	return of != home
}

// stepOf is the mark sr.step of a version: one that found no room for it was trained all the same.
func stepOf(marks map[string]string) string {
	return cmp.Or(marks[lifecycle.MarkStep], lifecycle.StepTrain)
}

// versionReport is a version as a report shows it.
func versionReport(m speech.CustomModel) lifecycle.VersionReport { return versionOf(m, "").Report() }

// EndpointSeen is an endpoint as it was found.
type EndpointSeen struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	// URL is the address for the Speech SDK; empty when the service gives none.
	URL    string `json:"url,omitempty"`
	Status string `json:"status"`
	// ModelID is what it refers to; empty when it refers to nothing.
	ModelID string `json:"modelId,omitempty"`
}

func endpointSeen(e speech.Endpoint) *EndpointSeen {
	seen := &EndpointSeen{ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), URL: e.Links.WebSocket, Status: string(e.Status)}
	if e.Model != nil {
		seen.ModelID = e.Model.ID()
	}
	return seen
}

func endpointFacts(e speech.Endpoint) lifecycle.EndpointFacts {
	return lifecycle.EndpointFacts{Locale: e.Locale, Owner: e.CustomProperties[lifecycle.MarkOwner], Model: e.CustomProperties[lifecycle.MarkModel]}
}

// championMark is the model whose champion a version of ours is marked to be; empty when it is none.
func championMark(marks map[string]string, owner string) string {
	if !lifecycle.Ours(marks, owner) || marks[lifecycle.MarkState] != string(lifecycle.StateChampion) {
		return ""
	}
	return marks[lifecycle.MarkModel]
}

// measurement takes the numbers as they are; whether they count is lifecycle's to say. NaN and infinity
// cannot cross Temporal's JSON and are as good as missing.
func measurement(rate *speech.Number, words *int, edits ...*int) lifecycle.Measurement {
	var m lifecycle.Measurement
	if rate != nil && finite(float64(*rate)) {
		m.Rate = lifecycle.Ptr(float64(*rate))
	}
	if words != nil {
		m.Words = lifecycle.Ptr(int64(*words))
	}
	var sum int64
	for _, n := range edits {
		if n == nil || *n < 0 {
			return m
		}
		sum += int64(*n)
	}
	m.Errors = &sum
	return m
}

func finite(f float64) bool { return f-f == 0 }
