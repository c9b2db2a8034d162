// Package mirror is what one worker knows of its Speech resource: one listing for all who only look. It is read whole
// once, then kept current by what changed; what moves no date (marks, names, deletions) a slow crawl finds. What this
// process writes or reads by itself is in it at once. Where a wrong answer would harm, callers look afresh: by ID
// through the client, or by name (Models, Evaluations, …), where those who ask at the same time share a request.
package mirror

import (
	"cmp"
	"context"
	"sync"
	"time"

	"speech-retrainer/internal/speech"
)

// Options tune a Mirror. Zero values are the defaults.
type Options struct {
	// Lag is how long an object that was created may be missing from lists, and a list may show what was before: 30 s.
	Lag time.Duration
	// Overlap is how far a list of changes reaches back beyond the last complete look: 2 minutes, and at least twice Lag.
	// It covers the clocks of a service that runs on many machines.
	Overlap time.Duration
	// Round is how long the crawl takes to read everything once, 15 minutes, unless Step makes it longer. Negative: no
	// crawl.
	Round time.Duration
	// Step is the least time between two requests of the crawl: 1.25 s, a tenth of the resource's quota.
	Step time.Duration
	// Undated is how old what carries no date may be when somebody looks: what is older is read whole. Zero leaves that to
	// the crawl.
	Undated time.Duration
	// MinPace and MaxPace bound the time between two looks for those who wait: 2 s and 60 s.
	MinPace, MaxPace time.Duration
}

func (o Options) defaults() Options {
	o.Lag = cmp.Or(o.Lag, 30*time.Second)
	o.Overlap = max(cmp.Or(o.Overlap, 2*time.Minute), 2*o.Lag)
	o.Round = cmp.Or(o.Round, 15*time.Minute)
	o.Step = cmp.Or(o.Step, 1250*time.Millisecond)
	o.MinPace = cmp.Or(o.MinPace, 2*time.Second)
	o.MaxPace = max(cmp.Or(o.MaxPace, time.Minute), o.MinPace)
	return o
}

// Mirror is the client of a resource that remembers what it has seen. It is safe for concurrent use.
type Mirror struct {
	*speech.Client
	options Options

	models      *store[speech.CustomModel]
	evaluations *store[speech.Evaluation]
	datasets    *store[speech.Dataset]
	endpoints   *store[speech.Endpoint]
	projects    *store[speech.Project]

	mu      sync.Mutex
	bases   map[string]*part[[]speech.BaseModel] // by locale in small letters
	locales *part[[]string]
	crawler crawler
}

// New makes the mirror of a client's resource; it sends nothing yet.
func New(c *speech.Client, o Options) *Mirror {
	o = o.defaults()
	l := &Mirror{Client: c, options: o, bases: map[string]*part[[]speech.BaseModel]{}}
	l.models = newStore(c, o, speech.KindModel, c.GetModel)
	l.evaluations = newStore(c, o, speech.KindEvaluation, c.GetEvaluation)
	l.datasets = newStore(c, o, speech.KindDataset, c.GetDataset)
	l.endpoints = newStore(c, o, speech.KindEndpoint, c.GetEndpoint)
	l.projects = newStore(c, o, speech.KindProject, c.GetProject)
	l.models.inUse, l.evaluations.inUse, l.datasets.inUse = l.keepCurrent, l.keepCurrent, l.keepCurrent
	l.endpoints.whole, l.projects.whole = true, true
	l.locales = newPart(func(ctx context.Context) ([]string, speech.Meta, error) { return c.ListModelLocales(ctx) })
	return l
}

// View is the resource as it was seen. Its slices are shared and never changed, each ordered by creation, then ID.
type View struct {
	Models      []speech.CustomModel
	Endpoints   []speech.Endpoint
	Evaluations []speech.Evaluation
	Datasets    []speech.Dataset
	// ObservedAt is the service's now: what carries a date and happened before is in the view.
	ObservedAt time.Time
	// CrawledAt is the service's now when the last crawl began that is through: what carries no date and happened before
	// is in the view. That of endpoints is ObservedAt.
	CrawledAt time.Time
	// CrawlSlow tells that a round of the crawl takes longer than Options.Round.
	CrawlSlow bool
	// LocalClock tells that the service sent no date, so that the times are this machine's.
	LocalClock bool
	// Version is another number when anything in the lists is another.
	Version uint64
}

// View is what is known of some kinds, of models, endpoints, evaluations and datasets, looked at no earlier than notBefore
// by this process's clock (Models_ListCustomModels, Endpoints_List, Evaluations_List, Datasets_List). The others are
// empty and cost nothing.
func (l *Mirror) View(ctx context.Context, notBefore time.Time, kinds ...speech.Kind) (*View, error) {
	v := &View{CrawlSlow: l.crawler.slow(l.options.Round)}
	for _, kind := range kinds {
		var looked, crawled look
		var err error
		switch kind {
		case speech.KindEndpoint:
			v.Endpoints, looked, _, err = l.endpoints.view(ctx, notBefore)
			crawled = looked
		case speech.KindModel:
			v.Models, looked, crawled, err = l.models.view(ctx, notBefore)
		case speech.KindEvaluation:
			v.Evaluations, looked, crawled, err = l.evaluations.view(ctx, notBefore)
		case speech.KindDataset:
			v.Datasets, looked, crawled, err = l.datasets.view(ctx, notBefore)
		}
		if err != nil {
			return nil, err
		}
		v.ObservedAt, v.CrawledAt = earlier(v.ObservedAt, looked.at), earlier(v.CrawledAt, crawled.at)
		v.LocalClock = v.LocalClock || looked.local
		v.Version += looked.version
	}
	return v, nil
}

// Known is what is known of some kinds, of models, endpoints and evaluations, and when the oldest of them was looked at by
// this process's clock. It sends nothing, however old that is; nil when one of them was never looked at.
func (l *Mirror) Known(kinds ...speech.Kind) (v *View, lookedAt time.Time) {
	v = &View{}
	for _, kind := range kinds {
		var looked look
		switch kind {
		case speech.KindEndpoint:
			v.Endpoints, looked = l.endpoints.remembered()
		case speech.KindModel:
			v.Models, looked = l.models.remembered()
		case speech.KindEvaluation:
			v.Evaluations, looked = l.evaluations.remembered()
		}
		if looked.began.IsZero() {
			return nil, time.Time{}
		}
		v.ObservedAt, lookedAt = earlier(v.ObservedAt, looked.at), earlier(lookedAt, looked.began)
		v.LocalClock = v.LocalClock || looked.local
		v.Version += looked.version
	}
	return v, lookedAt
}

// Look makes what a View shows of some kinds no older than notBefore.
func (l *Mirror) Look(ctx context.Context, notBefore time.Time, kinds ...speech.Kind) error {
	for _, k := range kinds {
		var err error
		switch k {
		case speech.KindModel:
			err = l.models.refresh(ctx, notBefore)
		case speech.KindEvaluation:
			err = l.evaluations.refresh(ctx, notBefore)
		case speech.KindDataset:
			err = l.datasets.refresh(ctx, notBefore)
		case speech.KindEndpoint:
			err = l.endpoints.refresh(ctx, notBefore)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// earlier is the earlier of two times; a zero one does not count.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// Projects are the projects, looked at no earlier than notBefore (Projects_List).
func (l *Mirror) Projects(ctx context.Context, notBefore time.Time) ([]speech.Project, time.Time, error) {
	all, looked, _, err := l.projects.view(ctx, notBefore)
	return all, looked.at, err
}

// Models are the custom models of these exact names, looked for afresh (Models_ListCustomModels).
func (l *Mirror) Models(ctx context.Context, names ...string) ([]speech.CustomModel, speech.Meta, error) {
	return l.models.named(ctx, names)
}

// Evaluations are the evaluations of these exact names, looked for afresh (Evaluations_List).
func (l *Mirror) Evaluations(ctx context.Context, names ...string) ([]speech.Evaluation, speech.Meta, error) {
	return l.evaluations.named(ctx, names)
}

// Datasets are the datasets of these exact names, looked for afresh (Datasets_List).
func (l *Mirror) Datasets(ctx context.Context, names ...string) ([]speech.Dataset, speech.Meta, error) {
	return l.datasets.named(ctx, names)
}

// Endpoints are the endpoints of these exact names, looked for afresh (Endpoints_List).
func (l *Mirror) Endpoints(ctx context.Context, names ...string) ([]speech.Endpoint, speech.Meta, error) {
	return l.endpoints.named(ctx, names)
}

// ProjectsNamed are the projects of these exact names, looked for afresh (Projects_List).
func (l *Mirror) ProjectsNamed(ctx context.Context, names ...string) ([]speech.Project, speech.Meta, error) {
	return l.projects.named(ctx, names)
}
