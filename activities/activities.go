// Package activities holds the effects of the product: one file per kind of object of the service.
// Every activity is idempotent, heartbeats while it works, and classifies its errors (errors.go).
// Activities have no rules of their own; they ask internal/lifecycle.
package activities

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// Activities are the dependencies that all activities share. Workflows call the methods through a
// nil pointer, only for their names.
type Activities struct {
	speech  *speech.Client
	watcher *speech.Watcher
	probe   *http.Client
	owner   string
	home    string
	listLag time.Duration
	runs    Runs
	getenv  func(string) string
	now     func() time.Time
	pace    time.Duration

	snapshots     *snapshots
	liveRequests  *liveRequests
	datasetQuota  int
	endpointQuota int
	snapshotAge   time.Duration
}

// Options are what Activities are made of; all but Pace and Now are required.
type Options struct {
	Speech *speech.Client
	// Owner is the value of the mark sr.owner: what tells our objects from everybody else's.
	Owner string
	// Home is the ID of the Temporal namespace, the first half of sr.run: it tells whose unfinished work an object is.
	// lifecycle.TestHome when empty.
	Home string
	// ListLag is how long an object that was created may be missing from lists.
	ListLag time.Duration
	Runs    Runs
	// Getenv reads the worker's environment, for {env: NAME} in requests.
	Getenv func(string) string
	// Pace is the first pause between two looks at an object when the service asks for none; 2 s when zero.
	Pace time.Duration
	// SnapshotAge is how old a shared snapshot of the resource may be; the constant SnapshotAge when zero.
	SnapshotAge time.Duration
	// DatasetQuota and EndpointQuota are how many the resource may have; zero = not known, nothing is said before it is
	// full.
	DatasetQuota, EndpointQuota int
	// Now is this machine's clock, only ever compared with the service's to notice a skew.
	Now func() time.Time
}

// New makes the Activities of one worker: one client, one rate limit and one watcher for all.
func New(o Options) *Activities {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Home == "" {
		o.Home = lifecycle.TestHome
	}
	if o.SnapshotAge == 0 {
		o.SnapshotAge = SnapshotAge
	}
	if o.Pace == 0 {
		o.Pace = 2 * time.Second
	}
	return &Activities{
		speech:  o.Speech,
		watcher: speech.NewWatcher(o.Speech, speech.WatcherOptions{MinPace: o.Pace}),
		pace:    o.Pace,
		probe:   newProbe(),
		owner:   o.Owner,
		home:    o.Home,
		listLag: o.ListLag,
		runs:    o.Runs,
		getenv:  o.Getenv,
		now:     o.Now,

		snapshots:     newSnapshots(),
		liveRequests:  &liveRequests{},
		datasetQuota:  o.DatasetQuota,
		endpointQuota: o.EndpointQuota,
		snapshotAge:   o.SnapshotAge,
	}
}

// Register makes every activity known to a worker under its method's name.
func Register(r interface{ RegisterActivity(a any) }, a *Activities) { r.RegisterActivity(a) }

// Scope is what every activity is told about the run that it works for.
type Scope struct {
	// Model is the operator's name of the model.
	Model string `json:"model"`
	// Run is the value of sr.run: the home and the first run ID of the workflow, which a reset keeps.
	Run string `json:"run"`
	// Resource is the host that the run's first activity found; empty only there.
	Resource string `json:"resource,omitempty"`
	// Locale is the model's.
	Locale string `json:"locale"`
	// Began is when the workflow began, which a reset keeps: requests of the oldest run go first. Zero in a history
	// from before it was written, which is older than any.
	Began time.Time `json:"began,omitzero"`
}

// begin starts an activity: it refuses to touch another Speech resource than the run began on, and
// returns a context under which its requests are the run's.
func (a *Activities) begin(ctx context.Context, s Scope) (context.Context, error) {
	if s.Resource != "" && s.Resource != a.speech.Resource() {
		return ctx, refuse(lifecycle.Failure{
			Type:    lifecycle.WrongResource,
			Message: fmt.Sprintf("this run works on the Speech resource %s, but a worker of its task queue is set to %s", s.Resource, a.speech.Resource()),
			Object:  lifecycle.Ptr(s.Resource),
			Next:    lifecycle.Ptr("give each Speech resource a task queue of its own (--task-queue), and set every worker of this queue to the same SPEECH_ENDPOINT"),
		})
	}
	return a.callingFor(ctx, s), nil
}
