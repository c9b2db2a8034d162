package activities

import (
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

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
	// SnapshotAge is how old what is listed of the resource may be for those who only look; the constant SnapshotAge when
	// zero. Below a second nothing is remembered: each look reads everything.
	SnapshotAge time.Duration
	// DatasetQuota and EndpointQuota are how many the resource may have; zero = not known, nothing is said before it is
	// full.
	DatasetQuota, EndpointQuota int
	// Now is this machine's clock, only ever compared with the service's to notice a skew.
	Now func() time.Time
}

// New makes the Activities of one worker: one client, one rate limit and one listing for all.
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
	listed := mirror.Options{Lag: o.ListLag, MinPace: o.Pace, MaxPace: max(time.Minute, o.Pace)}
	if o.SnapshotAge < time.Second {
		listed.Undated, listed.Round = o.SnapshotAge, -1
	}
	return &Activities{
		speech:  mirror.New(o.Speech, listed),
		pace:    o.Pace,
		probe:   newProbe(),
		owner:   o.Owner,
		home:    o.Home,
		listLag: o.ListLag,
		runs:    o.Runs,
		getenv:  o.Getenv,
		now:     o.Now,

		waits:         &waits{going: map[string]int{}},
		vitals:        &vitals{most: MostVitals},
		spending:      &spending{},
		indexed:       &indexed{last: map[string]versioned{}},
		liveRequests:  &liveRequests{turn: make(chan struct{}, 1)},
		datasetQuota:  o.DatasetQuota,
		endpointQuota: o.EndpointQuota,
		snapshotAge:   o.SnapshotAge,
	}
}

// Register makes every activity known to a worker under its method's name.
func Register(r interface{ RegisterActivity(a any) }, a *Activities) { r.RegisterActivity(a) }
