package activities

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ObserveInput names the models to read; none = every model that carries our marks.
type ObserveInput struct {
	Scope
	Names []string `json:"names"`
	// Datasets asks for the datasets of ours that nothing refers to, too.
	Datasets bool `json:"datasets,omitempty"`
	// After is the key of the row after which the answer begins; nil for the first.
	After *lifecycle.RowKey `json:"after,omitempty"`
	// Scheduled is what the schedules of the models name; nil = Temporal is asked.
	Scheduled []lifecycle.ScheduledEndpoint `json:"scheduled,omitzero"`
}

// ObservedModels is what the service remembers: a row a model, and the datasets that nothing refers to.
type ObservedModels struct {
	// Rows are at most lifecycle.MostRows, by name and locale.
	Rows     []lifecycle.Row           `json:"rows"`
	Datasets []lifecycle.UnusedDataset `json:"datasets"`
	// Next is what the next question has to say as after; empty when these are the last rows.
	Next string `json:"next,omitempty"`
}

// askedAtOnce is how many models Temporal is asked about side by side.
const askedAtOnce = 32

// ObserveModels reads what the service remembers of models: versions, evaluations, endpoints and datasets, each listed
// once however many models are asked for, and asks Temporal which endpoint a model's schedule names unless it is told.
func (a *Activities) ObserveModels(ctx context.Context, in ObserveInput) (ObservedModels, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return ObservedModels{}, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: "models of " + a.speech.Resource(), next: "try again"}
	l, err := a.look(ctx)
	if err == nil {
		l, err = a.addBases(ctx, l, a.lately(), l.locales()...)
	}
	if err != nil {
		return ObservedModels{}, classify(err, about)
	}
	seen := ObservedModels{Datasets: []lifecycle.UnusedDataset{}}
	var next *lifecycle.RowKey
	if seen.Rows, next = l.rows(in.Names, in.After); next != nil {
		seen.Next = next.Token()
	}
	if in.Scheduled == nil {
		if in.Scheduled, err = a.scheduled(ctx, seen.Rows); err != nil {
			return ObservedModels{}, err
		}
	}
	named := map[string]lifecycle.LiveRequest{}
	for _, s := range in.Scheduled {
		named[s.Name] = s.Live()
	}
	for i := range seen.Rows {
		l.addEndpoint(&seen.Rows[i], named[seen.Rows[i].Name])
	}
	if in.Datasets {
		seen.Datasets, err = a.unusedDatasets(ctx, l)
	}
	return seen, classify(err, about)
}

// scheduled asks Temporal for the schedule of each model.
func (a *Activities) scheduled(ctx context.Context, rows []lifecycle.Row) ([]lifecycle.ScheduledEndpoint, error) {
	named := make([]lifecycle.ScheduledEndpoint, len(rows))
	var group errgroup.Group
	group.SetLimit(askedAtOnce)
	for i, row := range rows {
		group.Go(func() error {
			defer speech.Alive(ctx)
			live, _, err := a.runs.Scheduled(ctx, row.Name)
			if err != nil {
				return a.noTemporal(err, "schedule of "+row.Name)
			}
			named[i] = lifecycle.ScheduledEndpoint{Name: row.Name, Locale: live.Locale, Endpoint: live.Endpoint()}
			return nil
		})
	}
	return named, group.Wait()
}

// addEndpoint adds the endpoint of a model and what it serves: the one that its schedule names, else the one with its
// marks. When it cannot be told, the row says why.
func (l *listing) addEndpoint(row *lifecycle.Row, live lifecycle.LiveRequest) {
	var found []speech.Endpoint
	if name := live.Endpoint(); name != "" && (row.Locale == "" || lifecycle.SameLocale(live.Locale, row.Locale)) {
		if found = l.endpointsNamed(name); len(found) > 1 {
			row.EndpointNote = fmt.Sprintf("there are %d endpoints named %q: name one by its ID", len(found), name)
			return
		}
	} else {
		id, fault := l.ownEndpoint(row.Name, row.Locale, row.Versions)
		row.EndpointNote = fault
		if id != "" {
			found = l.endpointsNamed(id)
		}
	}
	if len(found) == 1 {
		seen := endpointSeen(found[0])
		row.Endpoint = &lifecycle.EndpointReport{ID: seen.ID, URL: lifecycle.Text(seen.URL), VersionID: lifecycle.Text(seen.ModelID)}
		row.EndpointName = seen.DisplayName
		// What the deployment of has failed is referred to, and serves nobody.
		if !l.neverServed(found[0], Scope{Model: row.Name}) {
			row.Serving = l.anyModel(seen.ModelID)
		}
		row.ModelGone, row.Marked = l.gone(seen.ModelID), l.marked(endpointFacts(found[0]), row.Name)
		row.LeftEndpoints = l.leftEndpoints(*row)
	}
}

// unusedDatasets are the datasets of ours that nothing refers to.
func (a *Activities) unusedDatasets(ctx context.Context, l *listing) ([]lifecycle.UnusedDataset, error) {
	unused := []lifecycle.UnusedDataset{}
	for _, locale := range l.datasetLocales() {
		facts, err := a.datasetFacts(ctx, SweepInput{Scope: Scope{Locale: locale}}, l, time.Now(), func(lifecycle.DatasetFacts) bool { return true })
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
