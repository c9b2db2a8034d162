// Package activities holds the effects of the product: one file per kind of object of the service.
// Every activity is idempotent, heartbeats while it works, and classifies its errors (errors.go).
// Activities have no rules of their own; they ask internal/lifecycle.
package activities

import (
	"net/http"
	"time"

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

// snapshots lets the activities of one worker share what is listed: one lists, the others wait for it.
type snapshots struct {
	// turn holds one token: who has it may list, or look at what was listed.
	turn chan struct{}
	last *listing
	// began is when the listing of last began, by this process's clock.
	began time.Time
}

func newSnapshots() *snapshots {
	s := &snapshots{turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}
