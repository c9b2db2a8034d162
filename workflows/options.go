package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/lifecycle"
)

// Time-outs of activities.
const (
	// shortHeartbeat is how soon a short activity of a dead worker is tried elsewhere. Each answer of the
	// service is a heartbeat, and so is the wait for a turn at it; a request takes 30 s at most.
	shortHeartbeat = 45 * time.Second
	// waitHeartbeat is the same for a wait, which heartbeats between its requests too.
	waitHeartbeat = 60 * time.Second
)

// short are the options of an activity that is not a wait. budget bounds all its attempts, and each of them, as it
// heartbeats; id is what operators type to pause or reset it.
func short(budget time.Duration, id, summary string) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		ActivityID: id, Summary: summary,
		StartToCloseTimeout: budget, HeartbeatTimeout: shortHeartbeat, ScheduleToCloseTimeout: budget,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	}
}

// long are the options of a wait.
func long(limit time.Duration, id, summary string) workflow.ActivityOptions {
	o := short(limit, id, summary)
	o.HeartbeatTimeout = waitHeartbeat
	return o
}

// checkLimit is how long the steps of a check take together at most: its schedule gives it an hour, in which it must
// still tell of its own failure.
const checkLimit = lifecycle.Duration(40 * time.Minute)

// settleRounds bounds how often a twin found at the end of a training makes the run wait for the other
// one: with one create at a time there is at most one.
const settleRounds = 3

// IsWait tells a wait from any other activity, by its heartbeat time-out.
func IsWait(heartbeat time.Duration) bool { return heartbeat == waitHeartbeat }
