package lifecycle

import (
	"strings"
	"time"
)

// Observed is what the service shows of one model at one moment, as far as the rules of renewal need
// it. Every part was read from the service; nothing is remembered elsewhere.
type Observed struct {
	// Now is the service's.
	Now time.Time `json:"now"`
	// Versions are ours, newest first, whatever their state.
	Versions []ObservedVersion `json:"versions"`
	// Endpoint is the one that the request names; nil when the request names none, or it is gone.
	Endpoint *ObservedEndpoint `json:"endpoint"`
	// EndpointFault tells that the request names an endpoint by its ID that does not exist; empty when it does not.
	EndpointFault string `json:"endpointFault,omitempty"`
	// Serving is the model that the endpoint refers to, whoever made it; without an endpoint in the request
	// the version marked champion. Nil when there is none, or it no longer exists.
	Serving *Model `json:"serving"`
	// ServingOwner and ServingName are the marks sr.owner and sr.model of what serves; empty without.
	ServingOwner string `json:"servingOwner,omitempty"`
	ServingName  string `json:"servingName,omitempty"`
	// Bases are the base models of the locale.
	Bases []Model `json:"bases"`
	// Training and Tests are the data of the request, in its order.
	Training []ObservedData `json:"training"`
	Tests    []ObservedData `json:"tests"`
	// Room is what the resource has of the kinds with a quota.
	Room Room `json:"room,omitzero"`
	// Retrain is the run ID of the retrain that goes on; empty when none does.
	Retrain string `json:"retrain,omitempty"`
}

// ChampionBase is the base model that what serves was trained from; nil when it is unknown or gone.
func (o Observed) ChampionBase() *Model {
	if o.Serving == nil {
		return nil
	}
	return o.baseOf(o.Serving.BaseID)
}

// baseOf is a base model of the locale; nil when it is gone.
func (o Observed) baseOf(id string) *Model {
	for i := range o.Bases {
		if strings.EqualFold(o.Bases[i].ID, id) {
			return &o.Bases[i]
		}
	}
	return nil
}

// ObservedEndpoint is the endpoint of a model.
type ObservedEndpoint struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Status      string `json:"status"`
	// ModelID is what it refers to; empty when it refers to nothing. The model itself may be gone.
	ModelID string `json:"modelId,omitempty"`
	// ChangedAt is when it entered its status.
	ChangedAt time.Time `json:"changedAt,omitzero"`
	// Refused tells why the endpoint may not be used; empty when it may.
	Refused string `json:"refused,omitempty"`
}

// ObservedData is one data set of a request and what it is on the service.
type ObservedData struct {
	Label string `json:"label"`
	Kind  string `json:"kind"`
	// DatasetID is the dataset that would be used; empty when one would be created.
	DatasetID string `json:"datasetId,omitempty"`
	// DatasetName is the display name of what stands for data whose server does not tell its content.
	DatasetName string `json:"datasetName,omitempty"`
	// Unknown is what the server of the data did instead of telling its content ("the server of training[0] answered 503
	// Service Unavailable"); empty when the content is known. It is no change: DatasetID stands for it, or Fault is set.
	Unknown string `json:"unknown,omitempty"`
	// Content is what counts in sr.input: the content mark, or id:<id>.
	Content string `json:"content"`
	// Unseen tells why a change of the content cannot be seen; empty when it can.
	Unseen string `json:"unseen,omitempty"`
	// Upload tells that it is a local file that only the starter can bring.
	Upload bool `json:"upload,omitempty"`
	// Fault tells why the data cannot be used as it is; empty when it can.
	Fault string `json:"fault,omitempty"`
	// Tries counts the failed imports of this content, and TriedAt is when the last one ended; zero without.
	Tries   int       `json:"tries,omitempty"`
	TriedAt time.Time `json:"triedAt,omitzero"`
}

// The causes for which a model is retrained.
const (
	CauseExpiry    = "expiry"
	CauseMissing   = "missing"
	CauseFirst     = "first"
	CauseSetByHand = "setByHand"
	CauseBase      = "base"
	CauseData      = "data"
)

// DueAnswer is whether a model is to be retrained now, and why.
type DueAnswer struct {
	Due    bool   `json:"due"`
	Reason string `json:"reason"`
	// Cause is one of the Cause constants, the most urgent; empty when nothing is.
	Cause string `json:"cause,omitempty"`
	// Stuck says what keeps a model from being retrained that is due, when trying again has not helped; empty when
	// nothing does.
	Stuck string `json:"stuck,omitempty"`
	// NextCheck is when the answer can next differ by the passing of time alone; nil when it cannot.
	NextCheck *time.Time `json:"nextCheck"`
	// Lead is how long before expiry a model is due, and LeadReason how it came about.
	Lead       Duration `json:"lead"`
	LeadReason string   `json:"leadReason"`
	// Notes are what an operator should know of the answer: data whose change cannot be seen.
	Notes []string `json:"notes"`
}

// Alarm is a state that an operator must hear of.
type Alarm struct {
	// Key names the state: what sr.alarm remembers, so that each is sent once.
	Key string `json:"key"`
	// Kind is expiring, expired, changed, missing, endpointGone, endpointUnknown or data.
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Next is what to do about it.
	Next string `json:"next"`
	// Sent tells that it was sent by an earlier check.
	Sent bool `json:"sent"`
}

// The kinds of alarms.
const (
	AlarmExpiring        = "expiring"
	AlarmExpired         = "expired"
	AlarmChanged         = "changed"
	AlarmMissing         = "missing"
	AlarmEndpointGone    = "endpointGone"
	AlarmEndpointUnknown = "endpointUnknown"
	AlarmStuck           = "stuck"
	AlarmData            = "data"
)

// Plan is what would be done for a model now, and why: the result of the workflow Plan, which changes
// nothing.
type Plan struct {
	Name              string          `json:"name"`
	Locale            string          `json:"locale"`
	Resource          string          `json:"resource"`
	ObservedAt        time.Time       `json:"observedAt"`
	Due               bool            `json:"due"`
	Reason            string          `json:"reason"`
	NextCheck         *time.Time      `json:"nextCheck"`
	Lead              Duration        `json:"lead"`
	LeadReason        string          `json:"leadReason"`
	Champion          *ChampionReport `json:"champion"`
	BaseModel         *BaseReport     `json:"baseModel"`
	BaseModelsRefused []Refusal       `json:"baseModelsRefused"`
	Datasets          []PlannedData   `json:"datasets"`
	Tests             []PlannedTest   `json:"tests"`
	// Endpoint is the change of the endpoint in words; null without deploy.
	Endpoint *string    `json:"endpoint"`
	Deleted  []Disposed `json:"deleted"`
	// Requests is about how many requests to the service a retrain needs, waits left out.
	Requests int `json:"requests"`
	// RetrainRunID is the run that goes on already.
	RetrainRunID *string  `json:"retrainRunId"`
	Alarms       []Alarm  `json:"alarms"`
	Notes        []string `json:"notes"`
	// Error is what a retrain would fail with at once.
	Error *Failure `json:"error"`
}

// PlannedData is one data set and what would be done about it.
type PlannedData struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	// Action is reuse, create or upload.
	Action    string  `json:"action"`
	DatasetID *string `json:"datasetId"`
	Note      *string `json:"note"`
}

// PlannedTest is one test that would be run.
type PlannedTest struct {
	Name string `json:"name"`
	// Against is the model that the new version would be measured against.
	Against string `json:"against"`
	// Limits are the limits of the gate in words.
	Limits string `json:"limits"`
}

// RenewReport is the result of Renew.
type RenewReport struct {
	// Outcome is current, started or skipped.
	Outcome      string     `json:"outcome"`
	Due          bool       `json:"due"`
	Reason       string     `json:"reason"`
	NextCheck    *time.Time `json:"nextCheck"`
	RetrainRunID *string    `json:"retrainRunId"`
	// ExpiresAt is the last day of what serves, for the next check that cannot look; nil when the service gives none.
	ExpiresAt *time.Time `json:"expiresAt"`
	Alarms    []Alarm    `json:"alarms"`
	Notes     []string   `json:"notes"`
}
