package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// MarkInput changes the marks of one version.
type MarkInput struct {
	Scope
	ID string `json:"id"`
	// State is the value of sr.state; empty leaves it as it is.
	State lifecycle.State `json:"state,omitempty"`
	// Verdict is the value of sr.verdict; empty leaves it as it is, but for Failures.
	Verdict string `json:"verdict,omitempty"`
	// Failures, when not zero, is how many evaluations or deployments of it have failed in a row now.
	Failures int `json:"failures,omitempty"`
	// Own makes it a version of this run: sr.run becomes the run's.
	Own bool `json:"own,omitempty"`
	// Best is the value of sr.best; empty leaves it as it is.
	Best string `json:"best,omitempty"`
}

// MarkResult names the marks that did not fit beside foreign properties.
type MarkResult struct {
	Dropped []string `json:"dropped,omitempty"`
}

// MarkVersion sets the state of a version of ours (Models_Update).
func (a *Activities) MarkVersion(ctx context.Context, in MarkInput) (MarkResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return MarkResult{}, err
	}
	about := subject{class: lifecycle.TrainingFailed, object: "version " + in.ID, next: "start the run again"}
	m, err := a.ownVersion(ctx, in.ID, about)
	if err != nil {
		return MarkResult{}, err
	}
	changes := map[string]string{}
	if in.State != "" {
		changes[lifecycle.MarkState] = string(in.State)
	}
	if in.Own {
		changes[lifecycle.MarkRun] = in.Run
	}
	if in.Verdict != "" || in.Failures > 0 {
		now, err := a.serviceNow(ctx)
		if err != nil {
			return MarkResult{}, classify(err, about)
		}
		record := lifecycle.ReadRecord(cmp.Or(in.Verdict, m.CustomProperties[lifecycle.MarkVerdict]))
		if in.Failures > 0 {
			record.Failures, record.FailedAt = in.Failures, now
		}
		changes[lifecycle.MarkVerdict] = dated(record, now).String()
	}
	if in.Best != "" {
		changes[lifecycle.MarkBest] = in.Best
	}
	dropped, err := a.mark(ctx, m, changes)
	return MarkResult{Dropped: dropped}, classify(err, about)
}

// serviceNow is the service's now, as of what was listed lately.
func (a *Activities) serviceNow(ctx context.Context) (time.Time, error) {
	l, err := a.lookOnly(ctx, speech.KindModel)
	if err != nil {
		return time.Time{}, err
	}
	return l.observedAt, nil
}

// dated is a record whose day on which nobody has answered is the service's: the workflow knows Temporal's only.
func dated(r lifecycle.Record, now time.Time) lifecycle.Record {
	if !r.Unanswered.IsZero() {
		r.Unanswered = now
	}
	return r
}

// mark changes properties of one of our versions. It never touches a version of another owner.
func (a *Activities) mark(ctx context.Context, m speech.CustomModel, changes map[string]string) ([]string, error) {
	if !lifecycle.Ours(m.CustomProperties, a.owner) {
		return nil, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Object: lifecycle.Ptr("version " + m.ID()),
			Message: fmt.Sprintf("version %q (%s) does not carry our owner %q and is left alone", speech.Clean(m.DisplayName), m.ID(), a.owner),
			Next:    lifecycle.Ptr("check RETRAINER_OWNER of the worker"),
		})
	}
	return a.setMarks(ctx, m, changes)
}

// setMarks changes properties of a version by read-modify-write, and sends nothing when they are as wanted.
func (a *Activities) setMarks(ctx context.Context, m speech.CustomModel, changes map[string]string) ([]string, error) {
	same := true
	for k, v := range changes {
		same = same && m.CustomProperties[k] == v
	}
	if same {
		return nil, nil
	}
	update := func(marks map[string]string) error {
		return a.insist(ctx, func() error {
			_, _, err := a.speech.UpdateModel(ctx, m.ID(), speech.ModelUpdate{CustomProperties: marks})
			return err
		})
	}
	merged, dropped := lifecycle.MergeMarks(m.CustomProperties, changes)
	err := update(merged)
	var answer *speech.Error
	if len(dropped) > 0 && errors.As(err, &answer) && answer.Status == http.StatusBadRequest {
		// It keeps what was left out: a mark too few is better than a run that fails for it.
		merged, dropped = lifecycle.MergeMarksBeside(m.CustomProperties, changes)
		err = update(merged)
	}
	return dropped, err
}

// ownVersion reads a version that exists as far as is known.
func (a *Activities) ownVersion(ctx context.Context, id string, about subject) (m speech.CustomModel, err error) {
	err = a.existing(ctx, about, func() (err error) { m, err = a.freshVersion(ctx, id); return err })
	return m, err
}
