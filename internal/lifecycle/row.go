package lifecycle

import (
	"cmp"
	"fmt"
	"time"
)

// Row is what the service itself remembers of one model: the marks on its versions and evaluations, and
// the endpoint that serves it. It outlives Temporal's retention.
type Row struct {
	Name   string `json:"name"`
	Locale string `json:"locale"`
	// Versions are newest first.
	Versions []Version       `json:"versions"`
	Endpoint *EndpointReport `json:"endpoint"`
	// EndpointName is the display name of the endpoint; empty when there is none.
	EndpointName string `json:"endpointName,omitempty"`
	// EndpointNote says why the endpoint cannot be told; empty when it can, or there is none.
	EndpointNote string `json:"endpointNote,omitempty"`
	// LeftEndpoints are other endpoints that carry the marks of the model, while its own is known: nothing renews them.
	LeftEndpoints []LeftEndpoint `json:"leftEndpoints,omitempty"`
	// Serving is the model that the endpoint refers to, whoever made it; nil when there is none or it is gone.
	Serving *Model `json:"serving"`
	// Marked tells that the endpoint carries the marks of the model: it was deployed to it before.
	Marked bool `json:"marked,omitempty"`
	// ModelGone tells that the endpoint refers to a model that no longer exists, so that the bare base model answers.
	ModelGone  bool      `json:"modelGone,omitempty"`
	Resource   string    `json:"resource"`
	ObservedAt time.Time `json:"observedAt"`
	// Owner is the mark sr.owner of this installation: with name and locale it is the model's place in every window.
	Owner string `json:"owner,omitempty"`
	// OtherOwners are the marks sr.owner of other installations that have models on the resource, sorted, and Rivals those of
	// them that have versions of a model of this name and locale.
	OtherOwners []string `json:"otherOwners,omitempty"`
	Rivals      []string `json:"rivals,omitempty"`
	// CrawledAt is the service's now when the worker last began to read what carries no date (marks, names, what was
	// deleted) and came to its end; CrawlSlow tells that this takes longer than its quarter of an hour.
	CrawledAt time.Time `json:"crawledAt,omitzero"`
	CrawlSlow bool      `json:"crawlSlow,omitempty"`
}

// LeftEndpoint is an endpoint that a model was deployed to, and no longer is: it was renamed, or the request names another.
type LeftEndpoint struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	// Serves is the model that it refers to; nil when that is gone.
	Serves *Model `json:"serves"`
}

// CrawlAge is how old what carries no date may be in the row; nil when that is not known.
func (r Row) CrawlAge() *Duration {
	if r.CrawledAt.IsZero() || r.ObservedAt.IsZero() {
		return nil
	}
	return Ptr(Duration(max(r.ObservedAt.Sub(r.CrawledAt), 0)))
}

// outcomes are what a version's state says of the run that made it.
var outcomes = map[State]Outcome{
	StateCandidate: Running, StateDeploying: Running, StateChampion: Succeeded, StateRetired: Succeeded, StateRolledBack: Succeeded,
	StateRejected: Rejected, StateFailed: Failed, StateAbandoned: Canceled,
}

// RowReport builds the report of a model's newest version from what the service remembers. It says so
// in its notes, and leaves null what only Temporal knew. ok is false for a model without versions.
func RowReport(row Row) (r Report, ok bool) {
	r = NewReport(row.Name, row.Locale)
	if len(row.Versions) == 0 {
		return r, false
	}
	v := row.Versions[0]
	r.Outcome = outcomes[v.State]
	if r.Outcome == "" {
		r.Outcome = Outcome(v.State)
	}
	r.Notes = append(r.Notes, fmt.Sprintf("built from the marks on the service's objects as of %s: Temporal no longer has the run",
		row.ObservedAt.UTC().Format("2006-01-02 15:04 UTC")))
	r.Version = Ptr(v.Report())
	r.Endpoint = row.Endpoint
	r.Resource = Ptr(row.Resource)
	if v.Run != "" {
		_, run := SplitRun(v.Run)
		r.WorkflowID, r.RunID = Ptr(RetrainID(row.Name)), Ptr(run)
	}
	if v.BaseModelID != "" {
		r.BaseModel = &BaseReport{ID: v.BaseModelID, DisplayName: v.BaseModelID, Reason: "not remembered"}
	}
	for _, t := range v.Tests {
		report := TestReport{
			Name: t.Name, DatasetID: t.DatasetID, EvaluationID: Ptr(t.EvaluationID), Words: t.Words, WordErrorRate: t.WordErrorRate,
			Visible: t.Visible(), Verdict: Inconclusive, Reason: "the verdict on each test is not remembered",
		}
		if t.OfBase {
			report.Base = t.Compared
		} else {
			report.Champion = t.Compared
		}
		if t.WordErrorRate != nil && t.Compared != nil {
			report.Difference = Ptr(*t.WordErrorRate - *t.Compared)
		}
		r.Tests = append(r.Tests, report)
	}
	record := ReadRecord(v.Verdict)
	if said := record.Verdict; isVerdict(said) {
		record.Verdict = "" // the result says it
		reason := cmp.Or(record.Sentence(), "nothing else is remembered")
		r.Verdict = &Verdict{Result: VerdictKind(said), Reason: "by the version's mark: " + reason}
	} else if text := record.Sentence(); text != "" {
		r.Notes = append(r.Notes, "the version's mark remembers: "+text)
	}
	return r, true
}

// Champion is the version of ours that serves, else the newest that is marked champion; nil when there is
// neither.
func (r Row) Champion() *Version {
	return championOf(Observed{Versions: r.Versions, Serving: r.Serving})
}

// observed is what the row shows, in the form that the rules of renewal are asked in.
func (r Row) observed() Observed {
	o := Observed{Now: r.ObservedAt, Owner: r.Owner, Versions: r.Versions, Serving: r.Serving}
	if e := r.Endpoint; e != nil {
		// Of its status only a check knows more than that it is there.
		o.Endpoint = &ObservedEndpoint{ID: e.ID, DisplayName: cmp.Or(r.EndpointName, e.ID), Status: StatusSucceeded, ModelGone: r.ModelGone, Marked: r.Marked}
	}
	for _, v := range r.Versions {
		if v.State == StateCandidate || v.State == StateDeploying {
			o.Retrain = v.Run // as far as the service shows, it goes on
		}
	}
	return o
}

// Alarm is the value of sr.alarm, as the last check left it; without one the alarm of the expiry, which stands also
// when no web hook is there to be told. Empty when nothing is amiss.
func (r Row) Alarm() string {
	o := Observed{Now: r.ObservedAt, Versions: r.Versions, Serving: r.Serving}
	id := AlarmVersion(o)
	for _, v := range r.Versions {
		if v.ID == id && v.Alarm != "" && v.Alarm != NoAlarm {
			return v.Alarm
		}
		if v.State == StateCandidate {
			o.Retrain = v.Run // as far as the service shows, it goes on
		}
	}
	for _, alarm := range expiryAlarms(o, Request{}) {
		return alarm.Key
	}
	return ""
}
