package activities

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ObserveInput names the models to read; none = every model that carries our marks.
type ObserveInput struct {
	Scope
	Names []string `json:"names"`
	// Datasets asks for the datasets of ours that nothing refers to, too.
	Datasets bool `json:"datasets,omitempty"`
}

// ObservedModels is what the service remembers: a row a model, and the datasets that nothing refers to.
type ObservedModels struct {
	Rows     []lifecycle.Row           `json:"rows"`
	Datasets []lifecycle.UnusedDataset `json:"datasets"`
}

// ObserveModels reads what the service remembers of models: versions, evaluations, endpoints and datasets, each listed
// once however many models are asked for, and asks Temporal which endpoint a model's schedule names.
func (a *Activities) ObserveModels(ctx context.Context, in ObserveInput) (ObservedModels, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return ObservedModels{}, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: "models of " + a.speech.Resource(), next: "try again"}
	s, err := a.snapshot(ctx, time.Now(), "")
	if err != nil {
		return ObservedModels{}, classify(err, about)
	}
	r := newRows(in.Names, s, rowsOf{resource: a.speech.Resource(), owner: a.owner, home: a.home})
	seen := ObservedModels{Rows: r.sorted(), Datasets: []lifecycle.UnusedDataset{}}
	for i := range seen.Rows {
		if err := a.addEndpoint(ctx, s, &seen.Rows[i]); err != nil {
			return ObservedModels{}, err
		}
	}
	if in.Datasets {
		seen.Datasets, err = a.unusedDatasets(ctx, s)
	}
	return seen, classify(err, about)
}

// rowsOf is whose rows are made.
type rowsOf struct{ resource, owner, home string }

// rowKey tells a model: one of another locale is another model.
type rowKey struct{ name, locale string }

// rows collects what is read, by the model and by the version's ID.
type rows struct {
	of     rowsOf
	names  map[string]bool
	all    bool
	byKey  map[rowKey]*lifecycle.Row
	seen   *snapshot
	bases  map[string]string
	owners map[string]rowKey
	// silent are the models of which there is no word error rate, whatever an evaluation says.
	silent map[string]bool
}

func newRows(names []string, seen *snapshot, of rowsOf) *rows {
	r := &rows{of: of, names: map[string]bool{}, all: len(names) == 0, byKey: map[rowKey]*lifecycle.Row{}, seen: seen, bases: map[string]string{}, owners: map[string]rowKey{}, silent: map[string]bool{}}
	for _, n := range names {
		r.names[n] = true
	}
	for _, bases := range seen.bases {
		for _, m := range bases {
			r.bases[m.ID()] = speech.Clean(m.DisplayName)
			r.silent[m.ID()] = lifecycle.DisplayOnly(baseModel(m))
		}
	}
	for _, m := range seen.models {
		r.silent[m.ID()] = lifecycle.DisplayOnly(customModel(m)) || m.BaseModel != nil && r.silent[m.BaseModel.ID()]
		if lifecycle.Ours(m.CustomProperties, of.owner) {
			r.add(m)
		}
	}
	for _, e := range seen.evaluations {
		if lifecycle.Ours(e.CustomProperties, of.owner) {
			r.addTest(e)
		}
	}
	return r
}

func (r *rows) row(key rowKey) *lifecycle.Row {
	row, ok := r.byKey[key]
	if !ok {
		row = &lifecycle.Row{Name: key.name, Locale: key.locale, Versions: []lifecycle.ObservedVersion{}, Resource: r.of.resource, ObservedAt: r.seen.meta.ObservedAt}
		r.byKey[key] = row
	}
	return row
}

// one is the row of one model, with its versions newest first; empty when there is nothing of it.
func (r *rows) one(name, locale string) lifecycle.Row {
	row := r.row(keyOf(name, locale))
	lifecycle.SortVersions(row.Versions)
	return *row
}

// keyOf folds the case of a locale, in which the service and a request may differ.
func keyOf(name, locale string) rowKey { return rowKey{name: name, locale: strings.ToLower(locale)} }

func (r *rows) add(m speech.CustomModel) {
	name := m.CustomProperties[lifecycle.MarkModel]
	if name == "" || !r.all && !r.names[name] {
		return
	}
	key := keyOf(name, m.Locale)
	row := r.row(key)
	row.Locale = m.Locale
	r.owners[m.ID()] = key
	v := lifecycle.ObservedVersion{
		VersionReport: versionReport(m), Run: m.CustomProperties[lifecycle.MarkRun], Foreign: foreign(m, r.of.home),
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
	if e.Model2 == nil || e.Dataset == nil || e.Status != speech.StatusSucceeded {
		return
	}
	key, known := r.owners[e.Model2.ID()]
	if !known || e.CustomProperties[lifecycle.MarkModel] != key.name {
		return
	}
	for i := range r.row(key).Versions {
		v := &r.row(key).Versions[i]
		if v.ID != e.Model2.ID() {
			continue
		}
		p := e.Properties
		test := lifecycle.ObservedTest{
			Name:         strings.TrimPrefix(speech.Clean(e.CustomProperties[lifecycle.MarkStep]), lifecycle.StepEvaluate),
			EvaluationID: e.ID(), DatasetID: e.Dataset.ID(), CreatedAt: e.CreatedDateTime,
		}
		if n, fault := measurement(p.WordErrorRate2, p.WordCount2, p.WordSubstitutionCount2, p.WordDeletionCount2, p.WordInsertionCount2).Read(); fault == "" && !r.silent[e.Model2.ID()] {
			test.WordErrorRate, test.Words = &n.Rate, &n.Words
		}
		if n, fault := measurement(p.WordErrorRate1, p.WordCount1, p.WordSubstitutionCount1, p.WordDeletionCount1, p.WordInsertionCount1).Read(); fault == "" && !r.silent[refID(e.Model1)] {
			test.Compared = &n.Rate
		}
		test.OfBase = isBase(e.Model1)
		v.Tests = append(v.Tests, test)
	}
}

func (r *rows) sorted() []lifecycle.Row {
	for name := range r.names {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(r.byKey)), func(k rowKey) bool { return k.name == name }) {
			r.row(rowKey{name: name})
		}
	}
	out := make([]lifecycle.Row, 0, len(r.byKey))
	for _, row := range r.byKey {
		lifecycle.SortVersions(row.Versions)
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b lifecycle.Row) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Locale, b.Locale))
	})
	return out
}

// addEndpoint adds the endpoint of a model and what it serves: the one that its schedule names, else the one with its
// marks. When it cannot be told, the row says why.
func (a *Activities) addEndpoint(ctx context.Context, s *snapshot, row *lifecycle.Row) error {
	live, scheduled, err := a.runs.Scheduled(ctx, row.Name)
	if err != nil {
		return a.noTemporal(err, "schedule of "+row.Name)
	}
	var found []speech.Endpoint
	if name := live.Endpoint(); scheduled && name != "" && (row.Locale == "" || lifecycle.SameLocale(live.Locale, row.Locale)) {
		if found = findEndpoints(s.endpoints, name); len(found) > 1 {
			row.EndpointNote = fmt.Sprintf("there are %d endpoints named %q: name one by its ID", len(found), name)
			return nil
		}
	} else {
		id, fault := lifecycle.FindEndpoint(seenEndpoints(s.endpoints, versionIDs(*row)), row.Name, row.Locale, a.owner)
		row.EndpointNote = fault
		if id != "" {
			found = findEndpoints(s.endpoints, id)
		}
	}
	if len(found) == 1 {
		seen := endpointSeen(found[0])
		row.Endpoint = &lifecycle.EndpointReport{ID: seen.ID, URL: lifecycle.Text(seen.URL), VersionID: lifecycle.Text(seen.ModelID)}
		row.Serving = s.model(seen.ModelID)
	}
	return nil
}

func versionIDs(row lifecycle.Row) map[string]bool {
	ids := map[string]bool{}
	for _, v := range row.Versions {
		ids[v.ID] = true
	}
	return ids
}

// seenEndpoints are endpoints as the rule that finds a model's own sees them; versions are the model's.
func seenEndpoints(endpoints []speech.Endpoint, versions map[string]bool) []lifecycle.EndpointSeen {
	seen := make([]lifecycle.EndpointSeen, 0, len(endpoints))
	for _, e := range endpoints {
		seen = append(seen, lifecycle.EndpointSeen{
			EndpointFacts: endpointFacts(e), ID: e.ID(), DisplayName: speech.Clean(e.DisplayName), Serves: versions[refID(e.Model)],
		})
	}
	return seen
}

// unusedDatasets are the datasets of ours that nothing refers to.
func (a *Activities) unusedDatasets(ctx context.Context, s *snapshot) ([]lifecycle.UnusedDataset, error) {
	w := world{models: s.models, evaluations: s.evaluations, datasets: s.datasets}
	unused := []lifecycle.UnusedDataset{}
	for _, locale := range w.datasetLocales() {
		facts, err := a.datasetFacts(ctx, SweepInput{Scope: Scope{Locale: locale}}, w, time.Now(), func(lifecycle.DatasetFacts) bool { return true })
		if err != nil {
			return nil, err
		}
		for _, d := range facts {
			if d.Use == "" {
				unused = append(unused, lifecycle.NewUnusedDataset(d, locale))
			}
		}
	}
	return unused, nil
}
