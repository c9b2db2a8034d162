package activities

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

// listing is the resource as it was listed, or the part of it that was asked for: kinds that were not listed are empty. It
// is shared, never changed, and only answers questions (listing_*.go); how and when it is read is look.go's. What it does
// not know it must not be asked: an endpoint that was not listed would look as if nothing served.
type listing struct {
	of whose
	// kinds are those that were looked at.
	kinds       []speech.Kind
	models      []speech.CustomModel
	endpoints   []speech.Endpoint
	evaluations []speech.Evaluation
	datasets    []speech.Dataset
	// bases are the base models of the locales that were asked about, by locale in lower case: the service has hundreds.
	bases map[string][]speech.BaseModel
	// observedAt is the service's now at the first answer: not later than anything that is shown.
	observedAt time.Time
	// crawledAt is the service's now when what carries no date was last read whole; crawlSlow tells that this takes longer
	// than it should.
	crawledAt time.Time
	crawlSlow bool

	// Where what is asked for stands in the lists above, by ID but for versions.
	modelAt  map[string]int
	versions map[modelKey][]int
	// endpointsOf and serving are by the name of a model and by version.
	endpointsOf map[string][]int
	serving     map[string][]int
	about       map[string][]int
	ofBases     []int
	uses        map[string]use
	baseByID    map[string]speech.BaseModel
}

// whose is the resource that was listed, and the installation that asks.
type whose struct{ resource, owner, home string }

// modelKey tells a model: one of another locale is another model.
type modelKey struct{ name, locale string }

// keyOf folds the case of a locale, in which the service and a request may differ.
func keyOf(name, locale string) modelKey {
	return modelKey{name: name, locale: strings.ToLower(locale)}
}

// need panics when it was not looked at a kind: that is a mistake of this program.
func (l *listing) need(kinds ...speech.Kind) {
	for _, k := range kinds {
		if !l.knows(k) {
			panic(fmt.Sprintf("asked about the %s, which were not looked at", k))
		}
	}
}

func (l *listing) knows(k speech.Kind) bool { return slices.Contains(l.kinds, k) }

// indexed remembers the last listing of some kinds: it is made anew only when something of them has changed.
type indexed struct {
	mu   sync.Mutex
	last map[string]versioned
}

type versioned struct {
	version uint64
	listing *listing
}

// of is what a view of some kinds shows.
func (i *indexed) of(a *Activities, v *mirror.View, kinds []speech.Kind) *listing {
	i.mu.Lock()
	defer i.mu.Unlock()
	key := fmt.Sprint(kinds)
	last, ok := i.last[key]
	if !ok || last.version != v.Version {
		made := a.listed(listing{kinds: kinds, models: v.Models, endpoints: v.Endpoints, evaluations: v.Evaluations, datasets: v.Datasets})
		last = versioned{version: v.Version, listing: made}
		i.last[key] = last
	}
	l := *last.listing
	l.observedAt, l.crawledAt, l.crawlSlow = v.ObservedAt, v.CrawledAt, v.CrawlSlow
	return &l
}

// ours tells that an object carries our owner.
func (l *listing) ours(o speech.Object) bool { return lifecycle.Ours(o.CustomProperties, l.of.owner) }

// model is a custom model of whomever; ok is false when it was not listed.
func (l *listing) model(id string) (m speech.CustomModel, ok bool) {
	i, ok := l.modelAt[id]
	if !ok {
		return m, false
	}
	return l.models[i], true
}

// anyModel is a base or custom model of whomever by its ID, as the rules see it; nil when it is gone.
func (l *listing) anyModel(id string) *lifecycle.Model {
	if m, ok := l.model(id); ok {
		return lifecycle.Ptr(customModel(m))
	}
	if m, ok := l.baseByID[id]; ok {
		return lifecycle.Ptr(baseModel(m))
	}
	return nil
}

// gone tells that what an endpoint refers to no longer exists, neither as a custom nor as a base model.
func (l *listing) gone(id string) bool { return id != "" && l.anyModel(id) == nil }

// marksOf are the marks of a custom model; nil when it is none, or gone.
func (l *listing) marksOf(id string) map[string]string {
	m, _ := l.model(id)
	return m.CustomProperties
}

// use is what refers to a dataset, whosever that is: its kind and display name, and what became of the dataset.
type use struct{ kind, name, became string }

func (u use) String() string {
	if u == (use{}) {
		return ""
	}
	return u.kind + " " + speech.Clean(u.name) + " " + u.became
}

// projectsUsed are the projects that hold anything of whomever.
func (l *listing) projectsUsed() map[string]bool {
	l.need(everything...)
	used := map[string]bool{}
	for _, m := range l.models {
		used[refID(m.Project)] = true
	}
	for _, e := range l.evaluations {
		used[refID(e.Project)] = true
	}
	for _, e := range l.endpoints {
		used[refID(e.Project)] = true
	}
	for _, d := range l.datasets {
		used[refID(d.Project)] = true
	}
	delete(used, "")
	return used
}
