package follow

import (
	"time"
)

// Patience with what does not answer.
const (
	// silentAfter is how long a run may leave the query unanswered before its task queue is looked at.
	silentAfter = 5 * time.Second
	// stuckAfter is the same before a run whose task queue is polled is called stuck.
	stuckAfter = 30 * time.Second
	// queryTimeout bounds one query; slowTimeout does after the silence was told, for a busy worker.
	queryTimeout = 4 * time.Second
	slowTimeout  = 15 * time.Second
	// callTimeout bounds one call to Temporal itself.
	callTimeout = 5 * time.Second
	// deadPoller is the age of its last poll from which a worker is taken as gone: a poll lasts up to 70 s,
	// and Temporal lists pollers for five minutes.
	deadPoller = 90 * time.Second
	// givenUpAfter is how long Temporal may be away before following ends.
	givenUpAfter = 5 * time.Minute
)
