package activities

import (
	"slices"
	"sync"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// MostVitals is how many models have figures of their own: a page of more would be too long for whoever reads it each minute.
const MostVitals = 2000

// FleetVitals are the figures of the models of this owner, as the listing shows them that the worker keeps.
type FleetVitals struct {
	Models []lifecycle.Vitals
	// LeftOut is how many models have none because there are more than MostVitals.
	LeftOut int
	// Age is how long ago the resource was looked at, Now the service's now.
	Age time.Duration
	Now time.Time
}

// vitals remembers the figures of the last listing: they are made anew only when something has changed.
type vitals struct {
	// most is MostVitals, or less in a test.
	most    int
	mu      sync.Mutex
	version uint64
	fleet   FleetVitals
}

// Figures are what the activities of a worker can tell of it at any moment, without asking anybody. They are a type of
// their own since each exported method of Activities is an activity.
type Figures struct{ a *Activities }

// FiguresOf are those of a worker's activities.
func FiguresOf(a *Activities) Figures { return Figures{a: a} }

// Vitals are the figures of all models, without any request: as they were when somebody last looked at the resource. ok is
// false before the first look.
func (of Figures) Vitals() (f FleetVitals, ok bool) {
	a := of.a
	kinds := []speech.Kind{speech.KindEndpoint, speech.KindModel, speech.KindEvaluation}
	v, lookedAt := a.speech.Known(kinds...)
	if v == nil {
		return FleetVitals{}, false
	}
	a.vitals.mu.Lock()
	defer a.vitals.mu.Unlock()
	if a.vitals.version != v.Version || a.vitals.fleet.Models == nil {
		a.vitals.fleet = a.listed(listing{kinds: kinds, models: v.Models, endpoints: v.Endpoints, evaluations: v.Evaluations}).vitals(a.vitals.most)
		a.vitals.version = v.Version
	}
	f = a.vitals.fleet
	f.Age = time.Since(lookedAt)
	f.Now = v.ObservedAt.Add(f.Age)
	return f, true
}

// vitals are the figures of the models with our marks whose names can be one, of too many the most urgent.
func (l *listing) vitals(most int) FleetVitals {
	f := FleetVitals{Models: []lifecycle.Vitals{}}
	versions := l.rowVersions(nil)
	keys := make([]lifecycle.RowKey, 0, len(versions))
	for key := range versions {
		if lifecycle.IsName(key.Name) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		row := lifecycle.Row{Name: key.Name, Locale: key.Locale, Versions: l.versionsAt(versions[key])}
		l.addEndpoint(&row, lifecycle.LiveRequest{})
		f.Models = append(f.Models, lifecycle.VitalsOf(row))
	}
	slices.SortFunc(f.Models, lifecycle.Vitals.MoreUrgent)
	if more := len(f.Models) - most; more > 0 {
		f.Models, f.LeftOut = slices.Clone(f.Models[:most]), more
	}
	return f
}

// spending is what the last check with a budget estimated.
type spending struct {
	mu   sync.Mutex
	seen Spending
}

// Spending is what a calendar month has cost this owner on the resource, and its budget.
type Spending struct {
	// At is the service's now of the estimate; zero when there was none.
	At     time.Time
	Spent  lifecycle.Cost
	Budget float64
}

func (s *spending) set(seen Spending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
}

// Spending is what the last check with a budget estimated, in this process.
func (of Figures) Spending() Spending {
	of.a.spending.mu.Lock()
	defer of.a.spending.mu.Unlock()
	return of.a.spending.seen
}
