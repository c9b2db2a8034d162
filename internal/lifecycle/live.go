package lifecycle

import (
	"encoding/json"
	"strings"
)

// LiveRequest is what a schedule or a run that goes on names on the service: what must stay.
type LiveRequest struct {
	// Name and Locale are the model's.
	Name   string `json:"name"`
	Locale string `json:"locale"`
	// Deploy names the endpoint; nil without one.
	Deploy *LiveDeploy `json:"deploy"`
	// Renew and BaseModel are what a pilot is known by.
	Renew     LiveRenew `json:"renew"`
	BaseModel LiveBase  `json:"baseModel"`
	// TaskQueue is that of the schedule; empty for a request that is none's.
	TaskQueue string `json:"-"`
	// Owner is whom the schedule was made for; empty for a request that is none's, and for a schedule made by hand.
	Owner string `json:"-"`
	// Training and Tests are the data.
	Training []LiveData `json:"training"`
	Tests    []LiveData `json:"tests"`
}

// LiveDeploy is the endpoint of a LiveRequest.
type LiveDeploy struct {
	Endpoint string `json:"endpoint"`
}

// LiveRenew names the pilot of a LiveRequest.
type LiveRenew struct {
	Pilot string `json:"pilot"`
}

// LiveBase is the base model that a LiveRequest names: Latest, or the one that it is fixed to.
type LiveBase string

// UnmarshalJSON reads both forms of baseModel.
func (b *LiveBase) UnmarshalJSON(raw []byte) error {
	var spec struct {
		Choose string `json:"choose"`
	}
	if json.Unmarshal(raw, (*string)(b)) != nil && json.Unmarshal(raw, &spec) == nil {
		*b = LiveBase(spec.Choose)
	}
	return nil
}

// ScheduledEndpoint is the endpoint that the schedule of a model names.
type ScheduledEndpoint struct {
	Name     string `json:"name"`
	Locale   string `json:"locale,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
}

// Live is what the schedule's request is known of.
func (s ScheduledEndpoint) Live() LiveRequest {
	return LiveRequest{Name: s.Name, Locale: s.Locale, Deploy: &LiveDeploy{Endpoint: s.Endpoint}}
}

// LiveData is one data set of a LiveRequest.
type LiveData struct {
	Name           string      `json:"name"`
	Kind           DatasetKind `json:"kind"`
	Dataset        string      `json:"dataset"`
	ContentURL     string      `json:"contentUrl"`
	ContentURLFrom *FromEnv    `json:"contentUrlFrom"`
	// Source is the mark sr.source of what is made from its URL, which the worker works out; empty for other data.
	Source string `json:"-"`
}

// ReadLive reads what a request names, and passes over everything else in it: it was checked when it was applied, or is
// checked by its own run. Evaluate's input holds its request in a field of that name. ok is false for what is no request.
func ReadLive(raw []byte) (r LiveRequest, ok bool) {
	var outer struct {
		LiveRequest

		Request *LiveRequest `json:"request"`
	}
	if json.Unmarshal(raw, &outer) != nil {
		return LiveRequest{}, false
	}
	r = outer.LiveRequest
	if outer.Request != nil {
		r = *outer.Request
	}
	return r, r.Name != ""
}

// LiveOf is what a request at hand names.
func LiveOf(r Request) LiveRequest {
	live := LiveRequest{Name: r.Name, Locale: r.Locale}
	if r.Deploy != nil {
		live.Deploy = &LiveDeploy{Endpoint: r.Deploy.Endpoint}
	}
	of := func(d Data) LiveData {
		return LiveData{Name: d.Name, Kind: d.Kind, Dataset: d.Dataset, ContentURL: d.ContentURL, ContentURLFrom: d.ContentURLFrom}
	}
	for _, d := range r.Training {
		live.Training = append(live.Training, of(d))
	}
	for _, t := range r.Tests {
		live.Tests = append(live.Tests, of(t.Data))
	}
	return live
}

// Endpoint is the endpoint that the request names; empty when it names none.
func (r LiveRequest) Endpoint() string {
	if r.Deploy == nil {
		return ""
	}
	return r.Deploy.Endpoint
}

// Data are all data sets of the request.
func (r LiveRequest) Data() []LiveData {
	return append(append([]LiveData{}, r.Training...), r.Tests...)
}

// Data is what the request said of it.
func (d LiveData) Data() Data {
	return Data{Name: d.Name, Kind: d.Kind, Dataset: d.Dataset, ContentURL: d.ContentURL, ContentURLFrom: d.ContentURLFrom}
}

// MayHold tells whether a dataset of this display name may be what data becomes: its name and twelve digits of some
// content. Which content, its server says.
func (d LiveData) MayHold(displayName string) bool {
	if d.Dataset != "" || d.Name == "" {
		return false
	}
	digest, is := strings.CutPrefix(displayName, d.Name+" ")
	return is && len(digest) == 12 && strings.Trim(digest, "0123456789abcdef") == ""
}
