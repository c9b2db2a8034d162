package stack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"speech-retrainer/internal/emulator"
)

// The kinds of objects that Objects lists.
const (
	Models      = "model"
	Datasets    = "dataset"
	Projects    = "project"
	Endpoints   = "endpoint"
	Evaluations = "evaluation"
)

// Object is an object of the service as the emulator holds it, whatever its lists show.
type Object struct {
	Kind             string            `json:"kind"`
	ID               string            `json:"id"`
	DisplayName      string            `json:"displayName"`
	Locale           string            `json:"locale"`
	Status           string            `json:"status"`
	Created          time.Time         `json:"createdDateTime"`
	CustomProperties map[string]string `json:"customProperties"`
	// LastAction is when the status was entered, to the nanosecond; zero for a project.
	LastAction time.Time `json:"lastActionDateTime"`
}

// Objects lists the objects of a kind, outside of the service's API: nothing is logged, limited or late.
func (e *Emulator) Objects(ctx context.Context, kind string) ([]Object, error) {
	var answer struct{ Objects []Object }
	err := e.admin(ctx, http.MethodGet, "objects?kind="+url.QueryEscape(kind), nil, &answer)
	return answer.Objects, err
}

// Advance moves the service's clock forward; every state that is due then is entered.
func (e *Emulator) Advance(ctx context.Context, by time.Duration) error {
	return e.admin(ctx, http.MethodPost, "clock", map[string]any{"advance": by.String()}, nil)
}

// Outcome changes how the next job of a kind ends.
type Outcome struct {
	// Kind is training or dataset, among others.
	Kind string `json:"kind"`
	// Code and Message, if set, make the job fail.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Hang leaves the job running until Finish.
	Hang bool `json:"hang,omitempty"`
	// Count is how many jobs are changed; 0 = one.
	Count int `json:"count,omitempty"`
}

// Plan says how the next job ends.
func (e *Emulator) Plan(ctx context.Context, o Outcome) error {
	return e.admin(ctx, http.MethodPost, "outcomes", o, nil)
}

// ClearOutcomes forgets the outcomes that no job has taken yet.
func (e *Emulator) ClearOutcomes(ctx context.Context) error {
	return e.admin(ctx, http.MethodDelete, "outcomes", nil, nil)
}

// Finish ends a job well, now.
func (e *Emulator) Finish(ctx context.Context, id string) error {
	return e.admin(ctx, http.MethodPost, "objects/"+id+"/finish", nil, nil)
}

// Fault is something that goes wrong on purpose in the exchanges that match.
type Fault struct {
	// Kind is status, dropBefore, dropAfter, throttle, html, ... as the emulator names them.
	Kind string `json:"kind"`
	// Operation is an operation ID of the service's contract; empty = any.
	Operation string `json:"operation,omitempty"`
	// Skip is how many exchanges that match pass unharmed before the first that is hit.
	Skip int `json:"skip,omitempty"`
	// Count is how many exchanges are hit; 0 = one, -1 = all.
	Count int `json:"count,omitempty"`
	// Status is the answer's, for the kinds that answer; 0 = 503.
	Status int `json:"status,omitempty"`
	// RetryAfter is the header as it is; Delay comes before everything else, in real time ("2s").
	RetryAfter string `json:"retryAfter,omitempty"`
	Delay      string `json:"delay,omitempty"`
	// Hits is how many exchanges were hit so far.
	Hits int `json:"hits,omitempty"`
}

// Inject adds a fault.
func (e *Emulator) Inject(ctx context.Context, f Fault) error {
	return e.admin(ctx, http.MethodPost, "faults", f, nil)
}

// Faults lists the faults, the used-up ones too.
func (e *Emulator) Faults(ctx context.Context) ([]Fault, error) {
	var answer struct{ Faults []Fault }
	err := e.admin(ctx, http.MethodGet, "faults", nil, &answer)
	return answer.Faults, err
}

// ClearFaults removes all faults.
func (e *Emulator) ClearFaults(ctx context.Context) error {
	return e.admin(ctx, http.MethodDelete, "faults", nil, nil)
}

// Set changes settings of the emulator, by their names.
func (e *Emulator) Set(ctx context.Context, settings map[string]any) error {
	return e.admin(ctx, http.MethodPatch, "settings", settings, nil)
}

// Serving is who answers the calls of an endpoint, which the service itself does not show.
type Serving struct {
	Status, ModelID, ServingID string
	Base, Fallback             bool
}

// Serving tells who answers the calls of an endpoint.
func (e *Emulator) Serving(ctx context.Context, endpoint string) (Serving, error) {
	var s Serving
	err := e.admin(ctx, http.MethodGet, "serving/"+endpoint, nil, &s)
	return s, err
}

// Remove deletes an object as somebody else would, without asking whether it is in use.
func (e *Emulator) Remove(ctx context.Context, id string) error {
	return e.admin(ctx, http.MethodDelete, "objects/"+id, nil, nil)
}

// BaseModel describes a base model to release; its dates follow the service's rule unless given.
type BaseModel struct {
	Locale     string     `json:"locale"`
	Created    *time.Time `json:"createdDateTime,omitempty"`
	Adaptation *time.Time `json:"adaptationDateTime,omitempty"`
	// Quality is the share (0 to 1) of words that it recognises untrained; 0 = the emulator's default.
	Quality float64 `json:"quality,omitempty"`
}

// Release puts a base model into the service's catalogue and returns its ID.
func (e *Emulator) Release(ctx context.Context, m BaseModel) (string, error) {
	var answer struct{ ID string }
	err := e.admin(ctx, http.MethodPost, "base-models", m, &answer)
	return answer.ID, err
}

// Exchange is one entry of the emulator's log of requests to the service's API.
type Exchange struct {
	Number    int    `json:"number"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Query     string `json:"query"`
	Operation string `json:"operation"`
	Status    int    `json:"status"`
	// Object is the ID in the path, or of what was made.
	Object string `json:"object"`
	// Fault is the kind of what was injected into it; empty = nothing.
	Fault string `json:"fault"`
	// Caller tells by whose key it came: see Caller.
	Caller string `json:"caller"`
	// Time is when it came by the service's clock, Arrived in real time.
	Time    time.Time `json:"time"`
	Arrived time.Time `json:"arrived"`
	// After is what a write left of its object; nil when that is gone or nothing was written.
	After *After `json:"after"`
}

// After is an object right after a write. Model and ModelStatus are of the model that an endpoint was told to serve.
type After struct {
	Kind, DisplayName, Status string
	CustomProperties          map[string]string
	Model, ModelStatus        string
	// Measured is the model that an evaluation is about, its second one.
	Measured string
	// NeverServedBy are the endpoints that refer to a model whose deployment there has Failed.
	NeverServedBy []string
}

// Requests returns the log from the entry with number after on, without it.
func (e *Emulator) Requests(ctx context.Context, after int) ([]Exchange, error) {
	var answer struct{ Requests []Exchange }
	err := e.admin(ctx, http.MethodGet, fmt.Sprintf("requests?after=%d", after), nil, &answer)
	return answer.Requests, err
}

// Forget empties the log of requests and violations.
func (e *Emulator) Forget(ctx context.Context) error {
	return e.admin(ctx, http.MethodDelete, "requests", nil, nil)
}

// Violation is an exchange, or half of one, that the service's contract does not allow.
type Violation struct {
	Number                        int
	Method, Path, Side, Operation string
	Message                       string
}

func (v Violation) String() string {
	return fmt.Sprintf("exchange %d, %s of %s %s (%s): %s", v.Number, v.Side, v.Method, v.Path, v.Operation, v.Message)
}

// Violations returns all that was against the contract, of clients and of the emulator itself, and how
// many exchanges were checked. Exchanges that a fault was injected into do not count.
func (e *Emulator) Violations(ctx context.Context) (found []Violation, checked int, err error) {
	var answer struct {
		Violations []Violation
		Checked    int
	}
	err = e.admin(ctx, http.MethodGet, "violations", nil, &answer)
	return answer.Violations, answer.Checked, err
}

// As is the same service for somebody who has a key of his own: its log tells him from others.
func (e *Emulator) As(key string) *Emulator {
	other := *e
	other.Key = key
	return &other
}

// Caller is how the log names who uses this key.
func (e *Emulator) Caller() string { return emulator.CallerOf(e.Key) }

// Create creates an object by the service's own API, as somebody else would, and returns its address.
// kind is the path of its list ("datasets"); body is sent as it is.
func (e *Emulator) Create(ctx context.Context, kind string, body any) (self string, err error) {
	var made struct{ Self string }
	err = e.call(ctx, http.MethodPost, kind, body, &made)
	return made.Self, err
}

// Change changes an object by the service's own API, as a person would. path is that of the object ("endpoints/<id>").
func (e *Emulator) Change(ctx context.Context, path string, body any) error {
	return e.call(ctx, http.MethodPatch, path, body, nil)
}

// Read reads an object by the service's own API into result. path is as for Change.
func (e *Emulator) Read(ctx context.Context, path string, result any) error {
	return e.call(ctx, http.MethodGet, path, nil, result)
}

// Address is how one object of the service refers to another; path is as for Change.
func (e *Emulator) Address(path string) string {
	return e.URL + "/speechtotext/" + path + "?api-version=2025-10-15"
}

// call makes one request to the service's own API.
func (e *Emulator) call(ctx context.Context, method, path string, body, result any) error {
	return exchange(ctx, method, e.Address(path), http.Header{"Ocp-Apim-Subscription-Key": {e.Key}}, body, result)
}

// Now is the service's clock.
func (e *Emulator) Now(ctx context.Context) (time.Time, error) {
	var answer struct{ Now time.Time }
	err := e.admin(ctx, http.MethodGet, "clock", nil, &answer)
	return answer.Now, err
}

// Expire sets the last day on which a custom model recognises speech.
func (e *Emulator) Expire(ctx context.Context, model string, at time.Time) error {
	return e.admin(ctx, http.MethodPatch, "models/"+model, map[string]any{"transcriptionDateTime": at}, nil)
}

// admin makes one request to the emulator's admin API.
func (e *Emulator) admin(ctx context.Context, method, path string, body, result any) error {
	return exchange(ctx, method, e.URL+"/admin/"+path, nil, body, result)
}
