package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
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

// isOf tells whether an object carries our owner and the model's name, and is of its locale: a version of another locale
// is another model's.
func isOf(marks map[string]string, locale string, s Scope, owner string) bool {
	return lifecycle.Ours(marks, owner) && marks[lifecycle.MarkModel] == s.Model && lifecycle.SameLocale(locale, s.Locale)
}
