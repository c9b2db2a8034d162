package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
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
	// EqualFails is the chance that a version which is truly equal to what serves fails at least one test; null when not all
	// of them were measured yet, or none compares.
	EqualFails *float64 `json:"equalFails"`
	// Endpoint is the change of the endpoint in words; null without deploy.
	Endpoint *string    `json:"endpoint"`
	Deleted  []Disposed `json:"deleted"`
	// Requests is about how many requests to the service a retrain needs for itself: the listing and the looks of waits are shared.
	Requests int `json:"requests"`
	// RetrainRunID is the run that goes on already.
	RetrainRunID *string  `json:"retrainRunId"`
	Alarms       []Alarm  `json:"alarms"`
	Notes        []string `json:"notes"`
	// Error is what a retrain would fail with at once.
	Error *Failure `json:"error"`

	PlannedMoney
}

// PlannedData is one data set and what would be done about it.
type PlannedData struct {
	Name string      `json:"name"`
	Kind DatasetKind `json:"kind"`
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
	// Words and Visible are those of the newest version that was measured on the same audio; null when none was.
	Words   *int64   `json:"words"`
	Visible *float64 `json:"visible"`
}

// Planned is what a plan is made of, besides the request: what was observed, and what follows from it.
type Planned struct {
	Observed Observed
	// InUse names the versions of the model that some endpoint refers to.
	InUse []string
	Due   DueAnswer
	// Alarms as they stand.
	Alarms   []Alarm
	Resource string
	// Base is the model that would be trained from; nil when there is none, and Problem then says why.
	Base    *Model
	Report  *BaseReport
	Refused []Refusal
	Problem *Failure
}

// The actions of PlannedData.
const (
	ActionReuse  = "reuse"
	ActionCreate = "create"
	ActionUpload = "upload"
)

// NewPlan says what a retrain would do now. It decides nothing that Retrain would not decide in the same way.
func NewPlan(request Request, p Planned) Plan {
	plan := Plan{
		Name: request.Name, Locale: request.Locale, Resource: p.Resource, ObservedAt: p.Observed.Now,
		Due: p.Due.Due, Reason: p.Due.Reason, NextCheck: p.Due.NextCheck, Lead: p.Due.Lead, LeadReason: p.Due.LeadReason,
		BaseModel: p.Report, BaseModelsRefused: append([]Refusal{}, p.Refused...), Alarms: append([]Alarm{}, p.Alarms...),
		Datasets: []PlannedData{}, Tests: []PlannedTest{}, Notes: append([]string{}, p.Due.Notes...), Error: p.Problem,
		RetrainRunID: Text(p.Observed.Retrain),
	}
	if m := p.Observed.Serving; m != nil {
		plan.Champion = &ChampionReport{ID: m.ID, DisplayName: m.DisplayName, ExpiresAt: m.ExpiresAt}
	}
	for i, d := range append(append([]ObservedData{}, p.Observed.Training...), p.Observed.Tests...) {
		plan.Datasets = append(plan.Datasets, plannedData(d))
		if d.Fault != "" && !d.Upload && plan.Error == nil {
			plan.Error = &Failure{
				Type: InvalidRequest, Message: d.Fault, Object: Ptr("data " + d.Label),
				Next: Ptr("correct " + dataPath(request, i) + " of the request"), Problems: []Problem{{Path: dataPath(request, i), Message: d.Fault}},
			}
		}
	}
	var evaluations int
	plan.Tests, evaluations = plannedTests(request, p)
	plan.EqualFails = plannedChance(request, plan.Tests)
	if request.Deploy != nil {
		plan.Endpoint = Ptr(endpointChange(request.Deploy.Endpoint, p.Observed))
		if fault := p.Observed.EndpointFault; fault != "" && plan.Error == nil {
			plan.Error = &Failure{
				Type: InvalidRequest, Message: fault, Object: Ptr("endpoint " + request.Deploy.Endpoint),
				Next: Ptr("correct deploy.endpoint of the request"), Problems: []Problem{{Path: "deploy.endpoint", Message: fault}},
			}
		}
		if e := p.Observed.Endpoint; e != nil && e.Refused != "" && plan.Error == nil {
			message := fmt.Sprintf("endpoint %q %s", e.DisplayName, e.Refused)
			plan.Error = &Failure{
				Type: InvalidRequest, Message: message, Object: Ptr("endpoint " + e.ID),
				Next: Ptr("correct deploy.endpoint of the request"), Problems: []Problem{{Path: "deploy.endpoint", Message: message}},
			}
		}
	}
	if f := RefuseForRoom(p.Observed.Room, needsOf(request, p.Observed), p.Resource); f != nil && plan.Error == nil {
		plan.Error = f
	} else if f != nil {
		plan.Notes = append(plan.Notes, f.Message)
	}
	if note := UntestedNote(request); note != "" {
		plan.Notes = append(plan.Notes, note)
	}
	plan.Deleted = plannedDeletions(request, p)
	plan.Requests = requestsNeeded(request, plan, evaluations)
	if text := RegionNote(p.Resource); text != "" {
		plan.Notes = append(plan.Notes, text)
	}
	plan.PlannedMoney = plannedMoney(request, p)
	return plan
}

func dataPath(request Request, i int) string {
	if i < len(request.Training) {
		return fmt.Sprintf("training[%d]", i)
	}
	return fmt.Sprintf("tests[%d]", i-len(request.Training))
}

func plannedData(d ObservedData) PlannedData {
	out := PlannedData{Name: d.Label, Kind: d.Kind, Action: ActionCreate, DatasetID: Text(d.DatasetID), Note: Text(d.Fault)}
	switch {
	case d.Upload:
		out.Action, out.Note = ActionUpload, nil
	case d.DatasetID != "" || d.Fault != "":
		out.Action = ActionReuse
	}
	switch {
	case out.Note != nil:
	case d.Unknown != "":
		out.Note = Ptr(StandInNote(d.Unknown, d.DatasetName))
	case d.Unseen != "":
		out.Note = Text(d.Unseen)
	}
	return out
}

// plannedTests says what the new version would be measured against, and how many evaluations that takes.
func plannedTests(request Request, p Planned) (tests []PlannedTest, evaluations int) {
	tests = []PlannedTest{}
	for i, t := range request.Tests {
		planned, made := PlannedTest{Name: t.Label(), Limits: LimitsOf(t)}, 1
		if i < len(p.Observed.Tests) && !t.Inspect {
			planned.Words, planned.Visible = lastShown(p.Observed, p.Observed.Tests[i].DatasetID)
		}
		if !t.Inspect && (request.Compare.Base || t.MinImprovementOverBase != nil) {
			made++
		}
		switch {
		case t.Inspect:
			planned.Against = "nothing: the results are shown per file"
		case p.Base == nil:
			planned.Against = "unknown: there is no base model to train from"
		default:
			opponent := ChooseOpponent(p.Observed.Serving, *p.Base, Fallback(p.Observed.Bases, request.Locale, p.Observed.Now),
				request.LastResort.Before, p.Observed.Now)
			planned.Against = fmt.Sprintf("%s %s", opponent.Label, opponent.Model.DisplayName)
			if opponent.Why != "" {
				planned.Against += ": " + opponent.Why
			}
			if fault := unmeasured(p, opponent); fault != "" {
				planned.Against, made = "nothing: "+fault, 0
			}
		}
		tests, evaluations = append(tests, planned), evaluations+made
	}
	return tests, evaluations
}

// lastShown is what the newest evaluation on a dataset could show; nil when there is none.
func lastShown(o Observed, datasetID string) (count *int64, visible *float64) {
	var last *ObservedTest
	for _, v := range o.Versions {
		for i, t := range v.Tests {
			if datasetID != "" && t.DatasetID == datasetID && t.Visible() != nil && (last == nil || t.CreatedAt.After(last.CreatedAt)) {
				last = &v.Tests[i]
			}
		}
	}
	if last == nil {
		return nil, nil
	}
	return last.Words, last.Visible()
}

// plannedChance is Plan.EqualFails.
func plannedChance(request Request, planned []PlannedTest) *float64 {
	var comparisons []Comparison
	for i, t := range request.Tests {
		if _, asked := t.RegressionLimit(); !asked || t.Inspect {
			continue
		}
		c, known := ComparisonOf(t, planned[i].Visible)
		if !known {
			return nil
		}
		comparisons = append(comparisons, c)
	}
	if len(comparisons) == 0 {
		return nil
	}
	return Ptr(EqualFails(comparisons))
}

// unmeasured says why no evaluation of the new version against its opponent would be made, or "".
func unmeasured(p Planned, opponent Opponent) string {
	var before *Model
	if opponent.IsChampion {
		before = p.Observed.ChampionBase()
	}
	return cmp.Or(NoRate(*p.Base, nil), NoRate(opponent.Model, before))
}

// NoLimits is what LimitsOf says of an inspection, which gives no numbers.
const NoLimits = "none"

// LimitsOf are the limits of a test in words.
func LimitsOf(t Test) string {
	if t.Inspect {
		return NoLimits
	}
	var limits []string
	if t.MaxWordErrorRate != nil {
		limits = append(limits, "WER at most "+Percent(*t.MaxWordErrorRate))
	}
	if regression, asked := t.RegressionLimit(); asked {
		limits = append(limits, fmt.Sprintf("at most %.1f points worse", regression*100))
	}
	if t.MinImprovementOverBase != nil {
		limits = append(limits, "at least "+Percent(*t.MinImprovementOverBase)+" better than the base model")
	}
	limits = append(limits, fmt.Sprintf("at most %.1f points above the best so far", t.DriftLimit()*100), fmt.Sprintf("at least %d words", t.MinWords))
	if t.Strict {
		limits = append(limits, "strict")
	}
	return strings.Join(limits, ", ")
}

func endpointChange(name string, o Observed) string {
	switch {
	case o.EndpointFault != "":
		return o.EndpointFault
	case o.Endpoint == nil:
		return fmt.Sprintf("endpoint %q would be created", name)
	case o.Serving != nil:
		return fmt.Sprintf("endpoint %q would change from %s to the new version", o.Endpoint.DisplayName, o.Serving.DisplayName)
	case o.Endpoint.ModelID != "":
		return fmt.Sprintf("endpoint %q would change from model %s, which no longer exists, to the new version", o.Endpoint.DisplayName, o.Endpoint.ModelID)
	}
	return fmt.Sprintf("endpoint %q, which serves the bare base model, would get the new version", o.Endpoint.DisplayName)
}

// nextVersion stands for the version that is not trained yet.
const nextVersion = "(next)"

func plannedDeletions(request Request, p Planned) []Disposed {
	versions := slices.Clone(p.Observed.Versions)
	for i := range versions {
		v := &versions[i]
		// What the model's own endpoint refers to is let go by the deployment.
		v.InUse = slices.Contains(p.InUse, v.ID) && (p.Observed.Serving == nil || p.Observed.Serving.ID != v.ID)
	}
	previous := ""
	if p.Observed.Serving != nil {
		previous = p.Observed.Serving.ID
	}
	return Retain(versions, RetainQuestion{
		Champion: nextVersion, Previous: previous, Keep: request.Keep, Sources: p.Observed.Bases, Budget: request.Renew.Budget != nil, Now: p.Observed.Now,
	}).Delete
}
