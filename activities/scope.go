package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

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
}

// begin starts an activity: it refuses to touch another Speech resource than the run began on, and
// returns a context under which every answer of the service is a heartbeat.
func (a *Activities) begin(ctx context.Context, s Scope) (context.Context, error) {
	if s.Resource != "" && s.Resource != a.speech.Resource() {
		return ctx, refuse(lifecycle.Failure{
			Type:    lifecycle.WrongResource,
			Message: fmt.Sprintf("this run works on the Speech resource %s, but a worker of its task queue is set to %s", s.Resource, a.speech.Resource()),
			Object:  lifecycle.Ptr(s.Resource),
			Next:    lifecycle.Ptr("give each Speech resource a task queue of its own (--task-queue), and set every worker of this queue to the same SPEECH_ENDPOINT"),
		})
	}
	return speech.OnAnswer(ctx, func() { activity.RecordHeartbeat(ctx) }), nil
}

// freshFor is how long after it was scheduled an activity may start and still count as tried for the first time.
const freshFor = time.Second

// laterAttempt tells whether an earlier attempt at the same step may have left something behind: the activity was
// tried before, or runs once more, or the workflow was reset. An operator's "activity reset" or "unpause --reset-attempts" counts
// attempts from 1 again, but leaves the time at which the activity was scheduled.
func laterAttempt(ctx context.Context, s Scope) bool {
	info := activity.GetInfo(ctx)
	_, run := lifecycle.SplitRun(s.Run)
	return info.Attempt > 1 || ranBefore(ctx) || (run != "" && info.WorkflowExecution.RunID != run) ||
		info.StartedTime.Sub(info.ScheduledTime) > freshFor
}

// isOf tells whether an object carries our owner and the model's name, and is of its locale: a version of another locale
// is another model's.
func isOf(marks map[string]string, locale string, s Scope, owner string) bool {
	return lifecycle.Ours(marks, owner) && marks[lifecycle.MarkModel] == s.Model && lifecycle.SameLocale(locale, s.Locale)
}
