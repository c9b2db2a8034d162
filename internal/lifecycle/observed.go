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
	// Owner is the mark sr.owner of this installation: with name and locale it is the model's place in every window.
	Owner string `json:"owner,omitempty"`
	// Versions are ours, newest first, whatever their state.
	Versions []Version `json:"versions"`
	// Endpoint is the one that the request names; nil when the request names none, or it is gone.
	Endpoint *ObservedEndpoint `json:"endpoint"`
	// EndpointFault tells that the request names an endpoint by its ID that does not exist; empty when it does not.
	EndpointFault string `json:"endpointFault,omitempty"`
	// ServedAt are the endpoints that serve the version marked champion, while the one that the request names does not exist.
	ServedAt []string `json:"servedAt,omitempty"`
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
	// Pilot is the model that goes first with a new base model; nil when the request names none.
	Pilot *PilotSeen `json:"pilot,omitempty"`
	// Retrain is the run ID of the retrain that goes on; empty when none does.
	Retrain string `json:"retrain,omitempty"`
	// Spent is what this calendar month has cost the owner on the resource, SpentBefore what the one before did, at the
	// prices of the request; nil when it has no budget.
	Spent       *Cost `json:"spent,omitempty"`
	SpentBefore *Cost `json:"spentBefore,omitempty"`
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
	// Marked tells that it carries the marks of the model: it was deployed to it before.
	Marked bool `json:"marked,omitempty"`
	// ModelGone tells that it refers to a model that no longer exists, so that the bare base model answers.
	ModelGone bool `json:"modelGone,omitempty"`
	// ChangedAt is when it entered its status.
	ChangedAt time.Time `json:"changedAt,omitzero"`
	// Refused tells why the endpoint may not be used; empty when it may.
	Refused string `json:"refused,omitempty"`
}

// ObservedData is one data set of a request and what it is on the service.
type ObservedData struct {
	Label string      `json:"label"`
	Kind  DatasetKind `json:"kind"`
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
	// AudioHours is how much audio the dataset holds; nil when it holds none, or the service does not say.
	AudioHours *float64 `json:"audioHours,omitempty"`
	// Upload tells that it is a local file that only the starter can bring.
	Upload bool `json:"upload,omitempty"`
	// Fault tells why the data cannot be used as it is; empty when it can.
	Fault string `json:"fault,omitempty"`
	// Tries counts the failed imports of this content, and TriedAt is when the last one ended; zero without.
	Tries   int       `json:"tries,omitempty"`
	TriedAt time.Time `json:"triedAt,omitzero"`
}

// ObservedTest is one evaluation of a version. The rates are fractions; nil when the service gives none
// that counts.
type ObservedTest struct {
	Name          string   `json:"name"`
	EvaluationID  string   `json:"evaluationId"`
	DatasetID     string   `json:"datasetId"`
	Words         *int64   `json:"words"`
	WordErrorRate *float64 `json:"wordErrorRate"`
	// Compared is the rate of the model that it was measured against, and OfBase tells that this was a base model.
	Compared  *float64  `json:"compared"`
	OfBase    bool      `json:"ofBase"`
	CreatedAt time.Time `json:"createdAt"`
}

// Visible is the smallest difference that the test's words can show; nil without a rate that counts.
func (t ObservedTest) Visible() *float64 {
	if t.Words == nil || t.WordErrorRate == nil || *t.Words <= 0 {
		return nil
	}
	a := NumberAt(*t.WordErrorRate, *t.Words)
	b := a
	if t.Compared != nil {
		b = NumberAt(*t.Compared, *t.Words)
	}
	return Ptr(Visible(a, b))
}
