package activities

import (
	"context"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ObserveInput names the models to read; none = every model that carries our marks.
type ObserveInput struct {
	Scope
	Names []string `json:"names"`
}

// ObserveModels reads what the service remembers of models: versions, evaluations and endpoints, each
// listed once however many models are asked for.
func (a *Activities) ObserveModels(ctx context.Context, in ObserveInput) ([]lifecycle.Row, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return nil, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: "models of " + a.speech.Resource(), next: "try again"}
	s, err := a.snapshot(ctx, time.Now())
	if err != nil {
		return nil, classify(err, about)
	}
	return newRows(in.Names, a.speech.Resource(), s, a.owner).sorted(), nil
}

// rows collects what is read, by the model's name and by the version's ID.
type rows struct {
	names    []string
	all      bool
	byName   map[string]*lifecycle.Row
	resource string
	seen     *snapshot
	bases    map[string]string
}

func newRows(names []string, resource string, seen *snapshot, owner string) *rows {
	r := &rows{names: names, all: len(names) == 0, byName: map[string]*lifecycle.Row{}, resource: resource, seen: seen, bases: map[string]string{}}
	for _, n := range names {
		r.row(n)
	}
	for _, m := range seen.bases {
		r.bases[m.ID()] = speech.Clean(m.DisplayName)
	}
	for _, m := range seen.models {
		if lifecycle.Ours(m.CustomProperties, owner) {
			r.add(m)
		}
	}
	for _, e := range seen.evaluations {
		if lifecycle.Ours(e.CustomProperties, owner) {
			r.addTest(e)
		}
	}
	for _, e := range seen.endpoints {
		r.addEndpoint(e)
	}
	return r
}

func (r *rows) row(name string) *lifecycle.Row {
	row, ok := r.byName[name]
	if !ok {
		row = &lifecycle.Row{Name: name, Versions: []lifecycle.ObservedVersion{}, Resource: r.resource, ObservedAt: r.seen.meta.ObservedAt}
		r.byName[name] = row
		if r.all {
			r.names = append(r.names, name)
		}
	}
	return row
}

// wanted tells whether a model was asked for.
func (r *rows) wanted(name string) bool {
	_, known := r.byName[name]
	return name != "" && (known || r.all)
}

func (r *rows) add(m speech.CustomModel) {
	name := m.CustomProperties[lifecycle.MarkModel]
	if !r.wanted(name) {
		return
	}
	row := r.row(name)
	row.Locale = m.Locale
	v := lifecycle.ObservedVersion{
		VersionReport: versionReport(m), Run: m.CustomProperties[lifecycle.MarkRun],
		Verdict: speech.Clean(m.CustomProperties[lifecycle.MarkVerdict]), Tests: []lifecycle.ObservedTest{}, DatasetIDs: []string{},
		Input: m.CustomProperties[lifecycle.MarkInput], Alarm: speech.Clean(m.CustomProperties[lifecycle.MarkAlarm]),
	}
	if m.Status.Terminal() {
		v.EndedAt = stamp(m.LastActionDateTime)
	}
	if m.BaseModel != nil {
		v.BaseModelID = m.BaseModel.ID()
		v.BaseModel = r.bases[v.BaseModelID]
	}
	for _, ref := range m.Datasets {
		v.DatasetIDs = append(v.DatasetIDs, ref.ID())
	}
	row.Versions = append(row.Versions, v)
}

// addTest adds an evaluation to the version that it measured. The comparison of two base models belongs
// to no version.
func (r *rows) addTest(e speech.Evaluation) {
	name := e.CustomProperties[lifecycle.MarkModel]
	if !r.wanted(name) || e.Model2 == nil || e.Dataset == nil || e.Status != speech.StatusSucceeded {
		return
	}
	for i := range r.row(name).Versions {
		v := &r.row(name).Versions[i]
		if v.ID != e.Model2.ID() {
			continue
		}
		p := e.Properties
		test := lifecycle.ObservedTest{
			Name:         strings.TrimPrefix(speech.Clean(e.CustomProperties[lifecycle.MarkStep]), lifecycle.StepEvaluate),
			EvaluationID: e.ID(), DatasetID: e.Dataset.ID(), CreatedAt: e.CreatedDateTime,
		}
		if n, fault := measurement(p.WordErrorRate2, p.WordCount2, p.WordSubstitutionCount2, p.WordDeletionCount2, p.WordInsertionCount2).Read(); fault == "" {
			test.WordErrorRate, test.Words = &n.Rate, &n.Words
		}
		if n, fault := measurement(p.WordErrorRate1, p.WordCount1, p.WordSubstitutionCount1, p.WordDeletionCount1, p.WordInsertionCount1).Read(); fault == "" {
			test.Compared = &n.Rate
		}
		if e.Model1 != nil {
			kind, _, err := speech.ParseRef(e.Model1.Self)
			test.OfBase = err == nil && kind == speech.KindBaseModel
		}
		v.Tests = append(v.Tests, test)
	}
}

// addEndpoint adds an endpoint to the model whose version it serves, or whose name it carries.
func (r *rows) addEndpoint(e speech.Endpoint) {
	for _, name := range r.names {
		row := r.row(name)
		serves := ""
		for _, v := range row.Versions {
			if e.Model != nil && v.ID == e.Model.ID() {
				serves = v.ID
			}
		}
		if serves == "" && e.CustomProperties[lifecycle.MarkModel] != name {
			continue
		}
		seen := endpointSeen(e)
		row.Endpoint = &lifecycle.EndpointReport{ID: seen.ID, URL: lifecycle.Text(seen.URL), VersionID: lifecycle.Text(seen.ModelID)}
		row.Serving = r.seen.model(seen.ModelID)
	}
}

func (r *rows) sorted() []lifecycle.Row {
	out := make([]lifecycle.Row, 0, len(r.names))
	for _, name := range r.names {
		row := r.row(name)
		lifecycle.SortVersions(row.Versions)
		out = append(out, *row)
	}
	return out
}
