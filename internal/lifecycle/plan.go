package lifecycle

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

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
	plan.Deleted = plannedDeletions(request, p)
	plan.Requests = requestsNeeded(request, plan, evaluations)
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
	for _, t := range request.Tests {
		planned, made := PlannedTest{Name: t.Label(), Limits: LimitsOf(t)}, 1
		if !t.Inspect && (request.Compare.Base || t.MinImprovementOverBase != nil) {
			made++
		}
		switch {
		case t.Inspect:
			planned.Against = "nothing: the results are shown per file"
		case p.Base == nil:
			planned.Against = "unknown: there is no base model to train from"
		default:
			opponent := ChooseOpponent(p.Observed.Serving, *p.Base, Fallback(p.Observed.Bases, request.Locale, p.Observed.Now), request.LastResort.Before, p.Observed.Now)
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

// unmeasured says why no evaluation of the new version against its opponent would be made, or "".
func unmeasured(p Planned, opponent Opponent) string {
	var before *Model
	if opponent.IsChampion {
		before = p.Observed.ChampionBase()
	}
	return cmp.Or(NoRate(*p.Base, nil), NoRate(opponent.Model, before))
}

// LimitsOf are the limits of a test in words.
func LimitsOf(t Test) string {
	if t.Inspect {
		return "none"
	}
	var limits []string
	if t.MaxWordErrorRate != nil {
		limits = append(limits, "WER at most "+Percent(*t.MaxWordErrorRate))
	}
	regression := t.MaxRegression
	if regression == nil && t.MaxWordErrorRate == nil && t.MinImprovementOverBase == nil {
		regression = Ptr(0.0)
	}
	if regression != nil {
		limits = append(limits, "at most "+Percent(*regression)+" worse")
	}
	if t.MinImprovementOverBase != nil {
		limits = append(limits, "at least "+Percent(*t.MinImprovementOverBase)+" better than the base model")
	}
	limits = append(limits, fmt.Sprintf("at least %d words", t.MinWords))
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
	var own []OwnVersion
	for _, v := range p.Observed.Versions {
		inUse := false
		for _, id := range p.InUse {
			// What the model's own endpoint refers to is let go by the deployment.
			inUse = inUse || (id == v.ID && (p.Observed.Serving == nil || p.Observed.Serving.ID != id))
		}
		own = append(own, OwnVersion{
			ID: v.ID, DisplayName: v.DisplayName, CreatedAt: timeOf(v.CreatedAt), State: v.State, InUse: inUse, Foreign: v.Foreign,
			Terminal: v.Status == StatusSucceeded || v.Status == "Failed",
		})
	}
	previous := ""
	if p.Observed.Serving != nil {
		previous = p.Observed.Serving.ID
	}
	return Retain(own, nextVersion, previous, request.Keep, p.Observed.Now).Delete
}

// Requests of one retrain by part, polls left out: looks before and after each create, and the marks.
const (
	requestsAlways  = 18
	requestsProject = 2
	requestsReused  = 3
	requestsCreated = 6
	requestsMeasure = 6
	requestsDeploy  = 8
	requestsDelete  = 2
)

// requestsNeeded is about how many requests a retrain sends, polls left out.
func requestsNeeded(request Request, plan Plan, evaluations int) int {
	n := requestsAlways + requestsDelete*len(plan.Deleted) + requestsMeasure*evaluations
	if request.Project != "" {
		n += requestsProject
	}
	for _, d := range plan.Datasets {
		if d.Action == ActionReuse {
			n += requestsReused
		} else {
			n += requestsCreated
		}
	}
	if request.Deploy != nil {
		n += requestsDeploy
	}
	return n
}

// AdoptFacts is what the rules need to know of a version that somebody wants to take over.
type AdoptFacts struct {
	Model Model
	// Owner and Name are its marks sr.owner and sr.model; empty without.
	Owner, Name string
}

// RefuseAdoption tells why a version cannot become the champion of the model, or "". now is the service's.
func RefuseAdoption(v AdoptFacts, model, locale, owner string, now time.Time) string {
	switch {
	case !v.Model.Custom:
		return "is a base model: only a custom model can be taken over"
	case v.Model.Status != StatusSucceeded:
		return fmt.Sprintf("is %s, not %s", orUnknown(v.Model.Status), StatusSucceeded)
	case !SameLocale(v.Model.Locale, locale):
		return fmt.Sprintf("is of locale %s, not %s", v.Model.Locale, locale)
	case v.Owner != "" && v.Owner != owner:
		return fmt.Sprintf("belongs to another installation (sr.owner %q, ours is %q)", v.Owner, owner)
	case v.Name != "" && v.Name != model:
		return fmt.Sprintf("belongs to the model %s", v.Name)
	case v.Model.ExpiresAt != nil && !v.Model.ExpiresAt.After(now):
		return "expired on " + date(*v.Model.ExpiresAt)
	}
	return ""
}
