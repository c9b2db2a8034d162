// Package activities holds the effects of the product: one file per kind of object of the service.
// Every activity is idempotent, heartbeats while it works, and classifies its errors (errors.go).
// Activities have no rules of their own; they ask internal/lifecycle.
package activities

import (
	"net/http"
	"time"

	"speech-retrainer/internal/mirror"
)

// Activities are the dependencies that all activities share. Workflows call the methods through a
// nil pointer, only for their names.
type Activities struct {
	speech  *mirror.Mirror
	probe   *http.Client
	owner   string
	home    string
	listLag time.Duration
	runs    Runs
	getenv  func(string) string
	now     func() time.Time
	pace    time.Duration

	waits         *waits
	vitals        *vitals
	spending      *spending
	indexed       *indexed
	liveRequests  *liveRequests
	datasetQuota  int
	endpointQuota int
	snapshotAge   time.Duration
}
