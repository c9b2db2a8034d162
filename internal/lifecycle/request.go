package lifecycle

import (
	"cmp"
	"slices"
	"time"
)

// Request is one model as its operator describes it, with the defaults of the contract filled in. It
// is made only by decode.Request, which has checked it: a rule may rely on its values.
type Request struct {
	Name        string     `json:"name"`
	Locale      string     `json:"locale"`
	DisplayName string     `json:"displayName,omitempty"`
	Description string     `json:"description,omitempty"`
	Project     string     `json:"project,omitempty"`
	BaseModel   BaseSpec   `json:"baseModel"`
	Training    []Data     `json:"training"`
	Tests       []Test     `json:"tests,omitempty"`
	Compare     Compare    `json:"compare,omitzero"`
	Approval    Approval   `json:"approval"`
	Deploy      *Deploy    `json:"deploy,omitempty"`
	Untested    string     `json:"untested"`
	LastResort  LastResort `json:"lastResort"`
	Keep        int        `json:"keep"`
	Renew       Renew      `json:"renew"`
	// Force trains even an input that was trained already. A person's start alone may say it: Renew ignores it.
	Force  bool     `json:"force,omitempty"`
	Notify []Notify `json:"notify,omitempty"`
	Limits Limits   `json:"limits"`

	// Ignored are the paths that the request says something at and that have no effect any more: see Outdated.
	Ignored []string `json:"-"`
}

// Title is what people are shown: the display name, else the name.
func (r Request) Title() string {
	if r.DisplayName != "" {
		return r.DisplayName
	}
	return r.Name
}

// Latest is the BaseSpec.Choose that asks for the newest usable base model.
const Latest = "latest"

// BaseSpec says which model to train from.
type BaseSpec struct {
	// Choose is Latest, or the ID or URL of one base or custom model.
	Choose string `json:"choose"`
	// MinAge passes over base models younger than this: time for others to find their faults.
	MinAge Duration `json:"minAge,omitempty"`
	// Deny lists IDs of base models never to train from, in small letters.
	Deny []string `json:"deny,omitempty"`
	// Family is FamilyWhisper, or empty: the ordinary base models, or the family of the champion's base.
	Family string `json:"family,omitempty"`
}

// The sources that Data can name; exactly one is set.
const (
	SourceDataset        = "dataset"
	SourceContentURL     = "contentUrl"
	SourceContentURLFrom = "contentUrlFrom"
	SourceFile           = "file"
)

// Data is one data set of a request: an existing dataset, or content that becomes one.
type Data struct {
	// Name is required for content; datasets of one request have distinct names.
	Name string `json:"name,omitempty"`
	// Kind is the service's dataset kind (Language, Acoustic, ...).
	Kind DatasetKind `json:"kind,omitempty"`
	// Dataset is the ID, URL or exact display name of a dataset of the service.
	Dataset string `json:"dataset,omitempty"`
	// ContentURL is fetched by the service; never a signed URL.
	ContentURL string `json:"contentUrl,omitempty"`
	// ContentURLFrom names the worker's environment variable that holds the URL.
	ContentURLFrom *FromEnv `json:"contentUrlFrom,omitempty"`
	// File is a local path that the starter uploads; it never reaches a workflow.
	File string `json:"file,omitempty"`
	// MaxRejected is the share of rejected or discarded lines above which the data is not used; nil = MaxRejected. Data
	// of fewer than FewLines lines is only warned of.
	MaxRejected *float64 `json:"maxRejected,omitempty"`
}

// RejectedLimit is the share of rejected lines that the data may have.
func (d Data) RejectedLimit() float64 {
	if d.MaxRejected != nil {
		return *d.MaxRejected
	}
	return MaxRejected
}

// Source tells which source the Data names: one of the Source constants.
func (d Data) Source() string {
	switch {
	case d.Dataset != "":
		return SourceDataset
	case d.ContentURL != "":
		return SourceContentURL
	case d.ContentURLFrom != nil:
		return SourceContentURLFrom
	default:
		return SourceFile
	}
}

// Label is what the Data is called in messages: its name, else what it refers to.
func (d Data) Label() string {
	if d.Name != "" {
		return d.Name
	}
	return d.Dataset
}

// FromEnv is a value that the worker reads from its environment, so that a secret stays out of
// Temporal's history.
type FromEnv struct {
	Env string `json:"env"`
}

// Test is one accuracy test: data, and the limits that its word error rate is held to. Limits are
// fractions (0.2 = 20 %); nil means not asked for.
type Test struct {
	Data

	MaxWordErrorRate       *float64 `json:"maxWordErrorRate,omitempty"`
	MaxRegression          *float64 `json:"maxRegression,omitempty"`
	MinImprovementOverBase *float64 `json:"minImprovementOverBase,omitempty"`
	// MaxDrift is how far above the best rate that a champion ever had on this audio a version may be before a person is
	// asked; nil = DefaultMaxDrift.
	MaxDrift *float64 `json:"maxDrift,omitempty"`
	// MinWords is the least number of reference words for a number to count.
	MinWords int `json:"minWords"`
	// Strict makes an interval that crosses a limit inconclusive.
	Strict bool `json:"strict,omitempty"`
	// Inspect asks for the recognition results per file instead of numbers.
	Inspect bool `json:"inspect,omitempty"`
}

// RegressionLimit is the regression that the test allows; false when it limits none. A test without any limit allows
// DefaultMaxRegression.
func (t Test) RegressionLimit() (float64, bool) {
	if t.MaxRegression != nil {
		return *t.MaxRegression, true
	}
	return DefaultMaxRegression, t.MaxWordErrorRate == nil && t.MinImprovementOverBase == nil
}

// DriftLimit is the drift that the test allows.
func (t Test) DriftLimit() float64 {
	if t.MaxDrift != nil {
		return *t.MaxDrift
	}
	return DefaultMaxDrift
}

// LeastWords is the number of words that the test asks for.
func (t Test) LeastWords() int64 { return int64(cmp.Or(t.MinWords, DefaultMinWords)) }

// Compare asks for measurements beyond champion against challenger.
type Compare struct {
	Base bool `json:"base,omitempty"`
}

// When is when a person is asked.
type When string

// The choices, from the fewest questions to the most.
const (
	WhenNever        When = "never"
	WhenInconclusive When = "inconclusive"
	WhenFail         When = "fail"
	WhenAlways       When = "always"
)

// What happens to a version without an answer (Approval.OnTimeout) or without tests
// (Request.Untested).
const (
	Reject  = "reject"
	Promote = "promote"
)

// Approval says when a person decides, how long they have, and what silence means.
type Approval struct {
	When      When     `json:"when"`
	Timeout   Duration `json:"timeout"`
	OnTimeout string   `json:"onTimeout"`
}

// Deploy names the endpoint that shall serve the model: by ID, URL or exact display name; one of a name is created
// when missing.
type Deploy struct {
	Endpoint string `json:"endpoint"`
	// TakeOver names the model from which the endpoint is taken over; empty = none. Done once, it has no effect.
	TakeOver string `json:"takeOver,omitempty"`
}

// LastResort says how close to its expiry a champion is judged against what would serve otherwise.
type LastResort struct {
	Before Duration `json:"before"`
}

// Notify is one web hook and the events it hears of.
type Notify struct {
	URLFrom FromEnv `json:"urlFrom"`
	On      []Event `json:"on"`
	// Format is how the message is written; empty is FormatJSON.
	Format Format `json:"format,omitempty"`
}

// Format is how a message to a web hook is written.
type Format string

// The formats of messages: our own, and what Slack and Microsoft Teams take.
const (
	FormatJSON  Format = "json"
	FormatSlack Format = "slack"
	FormatTeams Format = "teams"
)

// Formats lists them all.
var Formats = []Format{FormatJSON, FormatSlack, FormatTeams}

// Signed tells whether a message of the format can carry a signature: neither Slack nor Teams reads one.
func (f Format) Signed() bool { return f == "" || f == FormatJSON }

// Event is what a web hook can hear of.
type Event string

// The events. All alarms are sent as EventExpiring.
const (
	EventFailed   Event = "failed"
	EventRejected Event = "rejected"
	EventApproval Event = "approval"
	EventExpiring Event = "expiring"
	EventPromoted Event = "promoted"
)

// EventTest is that of a message which a person has asked for, to see whether it arrives. Every web hook gets it, none can ask for it.
const EventTest Event = "test"

// Events lists those that a web hook can ask for.
var Events = []Event{EventFailed, EventRejected, EventApproval, EventExpiring, EventPromoted}

// Hears tells whether some web hook of the request hears of an event.
func (r Request) Hears(event Event) bool {
	return slices.ContainsFunc(r.Notify, func(n Notify) bool { return slices.Contains(n.On, event) })
}

// Limits bound every wait. They run by Temporal's clock.
type Limits struct {
	Import     Duration `json:"import"`
	Training   Duration `json:"training"`
	Evaluation Duration `json:"evaluation"`
	Deploy     Duration `json:"deploy"`
	// Unavailable is how long a step that is not a wait tries while the service cannot be reached.
	Unavailable Duration `json:"unavailable"`
}

// DefaultRequest returns a Request with the contract's defaults and nothing else.
func DefaultRequest() Request {
	return Request{
		BaseModel:  BaseSpec{Choose: Latest},
		Approval:   Approval{When: WhenInconclusive, Timeout: Duration(72 * time.Hour), OnTimeout: Reject},
		Untested:   Reject,
		LastResort: LastResort{Before: Duration(14 * Day)},
		Keep:       2,
		Renew: Renew{
			OnNewBaseModel: true, OnDataChange: true, Window: Duration(21 * Day), PilotSoak: Duration(3 * Day),
		},
		Limits: Limits{
			Import:   Duration(6 * time.Hour),
			Training: Duration(8 * Day),
			// A batch job may take half an hour to begin and a day to end, and an evaluation is one for each model.
			Evaluation:  Duration(72 * time.Hour),
			Deploy:      Duration(time.Hour),
			Unavailable: Duration(time.Hour),
		},
	}
}

// DefaultMinWords is the least number of reference words that a test counts from when it does not
// say; ThinWords is the number below which a result is shown with a warning.
const (
	DefaultMinWords = 50
	ThinWords       = 1000
)

// Limits of a test that does not say, as fractions. With no regression allowed at all, half of the versions that are
// truly equal would fail.
const (
	DefaultMaxRegression = 0.005
	DefaultMaxDrift      = 0.01
)
