package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// doubt counts the 404 of an object that must exist, by this machine's clock: it measures a time, and compares no date.
type doubt struct {
	answers int
	first   time.Time
}

// gone takes note of one more 404.
func (d *doubt) gone(lag, pace time.Duration) (pause time.Duration, gone bool) {
	if d.answers++; d.answers == 1 {
		d.first = time.Now()
	}
	return lifecycle.Doubt{Answers: d.answers, Stood: time.Since(d.first)}.Gone(lag, pace)
}

// insist does something with an object that exists as far as is known, again as long as a 404 is no proof of the
// contrary (lifecycle.Doubt). The error is then that of the last try.
func (a *Activities) insist(ctx context.Context, do func() error) error {
	var d doubt
	for {
		err := do()
		if !speech.IsNotFound(err) {
			return err
		}
		wait, gone := d.gone(a.listLag, a.pace)
		if gone {
			return err
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// existing is insist with a classified error: an object that is gone is a failure of its kind.
func (a *Activities) existing(ctx context.Context, about subject, do func() error) error {
	return a.waitFailure(a.insist(ctx, do), about)
}

// waitFailure classifies what ended a wait: an object that is gone, a hand-over, or a failed request.
func (a *Activities) waitFailure(err error, about subject) error {
	if !speech.IsNotFound(err) {
		return classify(err, about)
	}
	next := "find out who deletes objects of this resource by hand, then start the run again"
	if about.class == lifecycle.TrainingFailed {
		next = "find out who deletes objects of this resource by hand (the version has to be trained, and paid for, once more), then start the run again"
	}
	return refuse(lifecycle.Failure{
		Type: about.class, Code: lifecycle.Ptr(codeNotFound), Object: &about.object,
		Message: fmt.Sprintf("%s was deleted: the service has not known it for %s", about.object, max(a.listLag, a.pace)), Next: &next,
	})
}

// insistent is a read that asks again as long as a 404 is no proof that the object is not there.
func insistent[T any](a *Activities, get func(context.Context, string) (T, speech.Meta, error)) func(context.Context, string) (T, speech.Meta, error) {
	return func(ctx context.Context, id string) (found T, meta speech.Meta, err error) {
		err = a.insist(ctx, func() (err error) { found, meta, err = get(ctx, id); return err })
		return found, meta, err
	}
}
