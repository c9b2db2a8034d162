package activities

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ObserveModelInput asks what the service shows of one model.
type ObserveModelInput struct {
	Scope
	Request lifecycle.Request `json:"request"`
	// Fresh asks for what is listed from now on, instead of what another check has listed within SnapshotAge.
	Fresh bool `json:"fresh,omitempty"`
}

// ModelObserved is what the service shows of one model.
type ModelObserved struct {
	lifecycle.Observed

	Resource string `json:"resource"`
	// Leftovers tells that a sweep might find something to remove.
	Leftovers bool `json:"leftovers,omitempty"`
	// Endpoints names the versions of the model that some endpoint refers to.
	InUse []string `json:"inUse,omitempty"`
}

// ObserveModel picks one model out of the shared snapshot of the resource, looks at the data of its
// request, and asks Temporal whether a retrain goes on. It changes nothing.
func (a *Activities) ObserveModel(ctx context.Context, in ObserveModelInput) (ModelObserved, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return ModelObserved{}, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: "model " + in.Model, next: "try again"}
	// Before the listing: a run that ends between the two must be seen as running, or with what it has promoted.
	running, err := a.runs.Running(ctx, lifecycle.RetrainID(in.Model))
	if err != nil {
		return ModelObserved{}, later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: &about.object}, 0, false)
	}
	notBefore := time.Now()
	if !in.Fresh {
		notBefore = notBefore.Add(-a.snapshotAge)
	}
	s, err := a.snapshot(ctx, notBefore, in.Locale)
	if err != nil {
		return ModelObserved{}, classify(err, about)
	}
	row := newRows([]string{in.Model}, s, rowsOf{resource: a.speech.Resource(), owner: a.owner, home: a.home}).one(in.Model, in.Locale)
	result := ModelObserved{
		Observed: lifecycle.Observed{
			Now: s.meta.ObservedAt, Versions: row.Versions, Bases: s.basesOf(in.Locale), Retrain: running,
		},
		Resource: a.speech.Resource(),
	}
	inUse := modelsInUse(s.endpoints)
	for _, v := range row.Versions {
		if inUse[v.ID] {
			result.InUse = append(result.InUse, v.ID)
		}
	}
	if in.Request.Deploy != nil {
		result.Endpoint = a.seenEndpoint(s, in)
		if n, err := speech.ReadName(in.Request.Deploy.Endpoint, speech.KindEndpoint); result.Endpoint == nil && err == nil && n.Exact() {
			result.EndpointFault = lifecycle.NoSuchEndpoint(in.Request.Deploy.Endpoint)
		}
		if result.Endpoint != nil {
			result.Serving = s.model(result.Endpoint.ModelID)
			marks := s.marksOf(result.Endpoint.ModelID)
			result.ServingOwner, result.ServingName = speech.Clean(marks[lifecycle.MarkOwner]), speech.Clean(marks[lifecycle.MarkModel])
		}
	} else {
		result.Serving = s.marked(row.Versions)
	}
	result.Leftovers, result.Room = leftovers(result.Observed), a.roomOf(s)
	data, err := a.dataLook(s, row.Versions, in.Locale).all(ctx, in.Request)
	if err != nil {
		return ModelObserved{}, err
	}
	result.Training, result.Tests = data.Training, data.Tests
	return result, nil
}

// leftovers tells whether a sweep might find something to remove or to put right: versions of this home that nobody has
// decided on while their run does not go on, and second champions. What another home has not finished is not ours to
// look at.
func leftovers(o lifecycle.Observed) bool {
	champions := 0
	for _, v := range o.Versions {
		home, run := lifecycle.SplitRun(v.Run)
		switch v.State {
		case lifecycle.StateChampion:
			champions++
		case lifecycle.StateAbandoned, lifecycle.StateCandidate, lifecycle.StateDeploying:
			// A mark from before homes were written may be this home's: Temporal tells.
			if (!v.Foreign || home == "") && run != o.Retrain {
				return true
			}
		}
	}
	return champions > 1
}

// basesOf are the base models of a locale.
func (s *snapshot) basesOf(locale string) []lifecycle.Model {
	bases := []lifecycle.Model{}
	for _, m := range s.bases[strings.ToLower(locale)] {
		bases = append(bases, baseModel(m))
	}
	return bases
}

// model finds a model of whomever by its ID; nil when it is gone.
func (s *snapshot) model(id string) *lifecycle.Model {
	for _, m := range s.models {
		if m.ID() == id {
			return lifecycle.Ptr(customModel(m))
		}
	}
	for _, bases := range s.bases {
		for _, m := range bases {
			if m.ID() == id {
				return lifecycle.Ptr(baseModel(m))
			}
		}
	}
	return nil
}

// marked is the champion of a model without endpoint.
func (s *snapshot) marked(observed []lifecycle.ObservedVersion) *lifecycle.Model {
	own := make([]lifecycle.Version, 0, len(observed))
	for _, v := range observed {
		created := time.Time{}
		if v.CreatedAt != nil {
			created = *v.CreatedAt
		}
		own = append(own, lifecycle.Version{ID: v.ID, DisplayName: v.DisplayName, Status: v.Status, State: v.State, CreatedAt: created, ExpiresAt: v.ExpiresAt})
	}
	if champion, ok := lifecycle.MarkedChampion(own); ok {
		return s.model(champion.ID)
	}
	return nil
}

// marksOf are the marks of a custom model; nil when it is none, or gone.
func (s *snapshot) marksOf(id string) map[string]string { return world{models: s.models}.marksOf(id) }

// seenEndpoint finds the endpoint of a request by ID, else by exact name; nil when there is none.
func (a *Activities) seenEndpoint(s *snapshot, in ObserveModelInput) *lifecycle.ObservedEndpoint {
	deploy := *in.Request.Deploy
	found := findEndpoints(s.endpoints, deploy.Endpoint)
	if len(found) == 0 {
		return nil
	}
	seen, facts := endpointSeen(found[0]), endpointFacts(found[0])
	facts.ServesModel = championMark(s.marksOf(seen.ModelID), a.owner)
	o := &lifecycle.ObservedEndpoint{
		ID: seen.ID, DisplayName: seen.DisplayName, Status: seen.Status, ModelID: seen.ModelID, ChangedAt: found[0].LastActionDateTime,
		Refused: lifecycle.RefuseEndpoint(facts, in.Model, in.Locale, a.owner, deploy.TakeOver),
	}
	if len(found) > 1 {
		o.Refused = fmt.Sprintf("is one of %d of that name: name it by its ID", len(found))
	}
	return o
}

// uploadName is the form of a dataset's name that the starter gives to a file.
var uploadName = regexp.MustCompile(`^.+ [0-9a-f]{12}$`)

// observeReference finds a dataset that the request names by ID, URL or exact name.
func (s *snapshot) observeReference(d lifecycle.Data, locale string, out *lifecycle.ObservedData) {
	n, err := speech.ReadName(d.Dataset, speech.KindDataset)
	var found []speech.Dataset
	if err == nil {
		found = speech.Lookup(s.datasets, n)
	}
	if len(found) != 1 {
		out.Content = "missing:" + d.Dataset
		switch {
		case len(found) > 1:
			out.Fault = fmt.Sprintf("there are %d datasets named %q: name one by its ID", len(found), d.Dataset)
		case uploadName.MatchString(d.Dataset):
			out.Fault = fmt.Sprintf("%q is not on the service yet: starter uploads it", d.Dataset)
			out.Upload = true
		default:
			out.Fault = fmt.Sprintf("dataset %q does not exist", d.Dataset)
		}
		return
	}
	have := found[0]
	out.DatasetID, out.Kind = have.ID(), lifecycle.DatasetKind(have.Kind)
	out.Content = lifecycle.ContentOf(have.ID(), have.CustomProperties)
	if fault := lifecycle.RefuseDataset(lifecycle.DatasetSeen{Kind: lifecycle.DatasetKind(have.Kind), Locale: have.Locale}, d.Kind, locale); fault != "" {
		out.Fault = fmt.Sprintf("dataset %q %s", speech.Clean(have.DisplayName), fault)
	} else if have.Status == speech.StatusFailed {
		out.Fault = fmt.Sprintf("the import of dataset %q failed", speech.Clean(have.DisplayName))
	}
}
