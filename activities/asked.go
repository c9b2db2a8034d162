package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
)

// Asked is a wait that the service has asked an activity for before its next attempt (Retry-After).
type Asked struct {
	Wait lifecycle.Duration `json:"wait"`
	// Text says who asked, and in which words.
	Text string `json:"text"`
}

// AskedOf is the wait that did not fit into the time of an activity and so ended it: Temporal tries no activity again
// that would begin after its time. ok is false for an activity that ended for any other reason.
func AskedOf(err error) (asked Asked, ok bool) {
	var application *temporal.ApplicationError
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) || !errors.As(err, &application) || application.NonRetryable() || !application.HasDetails() {
		return Asked{}, false
	}
	var failure lifecycle.Failure
	if application.Details(&failure, &asked) != nil || asked.Wait <= 0 {
		return Asked{}, false
	}
	return asked, true
}

// again stands between the ID of an activity and the number of its repetition.
const again = "-again-"

// AgainID is the activity ID under which a workflow runs an activity once more that a wait had ended.
func AgainID(id string, n int) string { return fmt.Sprintf("%s%s%d", id, again, n) }

// ranBefore tells that the workflow runs an activity once more: the attempts count from 1 again, and the activity
// before it may have left something behind.
func ranBefore(ctx context.Context) bool {
	return strings.Contains(activity.GetInfo(ctx).ActivityID, again)
}
