package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// throttlePause is how long a call waits after a 429 that names no time.
const throttlePause = 5 * time.Second

// subject says what an activity was doing, for the failure that it may end in.
type subject struct {
	// class is the failure class when the service refuses the request.
	class lifecycle.FailureClass
	// object is what the operation was about, as an operator would call it.
	object string
	// next is what the operator can do about a refusal.
	next string
}

// refuse makes the error of an activity that must not be retried.
func refuse(f lifecycle.Failure) error {
	if f.Problems == nil {
		f.Problems = []lifecycle.Problem{}
	}
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Type), temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{f},
	})
}

// later makes the error of an activity that is tried again; delay zero leaves the pace to Temporal.
func later(f lifecycle.Failure, delay time.Duration, benign bool) error {
	return laterAsked(f, Asked{}, delay, benign)
}

// laterAsked is later after a wait that was asked for: the second detail of the error.
func laterAsked(f lifecycle.Failure, asked Asked, delay time.Duration, benign bool) error {
	if f.Problems == nil {
		f.Problems = []lifecycle.Problem{}
	}
	options := temporal.ApplicationErrorOptions{NextRetryDelay: delay, Details: []any{f}}
	if asked.Text != "" {
		asked.Wait = lifecycle.Duration(delay)
		options.Details = append(options.Details, asked)
	}
	if benign {
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Type), options)
}

// classify turns an error of the client into one that Temporal acts on: not retried when the service
// refused, after Retry-After when it was throttled, with back-off when it may pass by itself. It is the one
// place where failures get their class. An error that is already classified stays as it is.
func classify(err error, about subject) error {
	var done *temporal.ApplicationError
	// A canceled context is Temporal's own: of a canceled run, or of a worker that stops.
	if err == nil || errors.As(err, &done) || errors.Is(err, context.Canceled) {
		return err
	}
	var answer *speech.Error
	if !errors.As(err, &answer) {
		return err
	}
	f := lifecycle.Failure{Type: about.class, Message: answer.Error(), Object: &about.object, Next: &about.next, Code: codeOf(answer)}
	// Before the status, which differs: as a 403 it would be told as a missing role, as a 429 as too much haste.
	if r, known := remedies[answer.StateCode()]; known {
		f.Next = r.next()
		return refuse(f)
	}
	switch {
	case answer.Throttled():
		delay := throttlePause
		if answer.HasRetryAfter {
			delay = max(answer.RetryAfter, time.Second)
		}
		f.Type = lifecycle.Unavailable
		if answer.AskedToWait() == "" {
			f.Message = fmt.Sprintf("%s (trying again in %s)", f.Message, delay)
		}
		f.Next = lifecycle.Ptr("the service allows 100 requests in 10 seconds per resource: find what else uses it, or set SPEECH_QUOTA_SHARE")
		return laterAsked(f, Asked{Text: answer.AskedToWait()}, delay, true)
	case answer.Auth():
		f.Type, f.Message = lifecycle.Unauthorized, answer.Said()
		f.Next = lifecycle.Ptr(authAdvice(answer.Status))
		return refuse(f)
	case answer.Transient():
		f.Type = lifecycle.Unavailable
		f.Next = lifecycle.Ptr("check that the worker reaches the Speech resource (SPEECH_ENDPOINT or SPEECH_REGION) and that the service is up, then " +
			"start the run again")
		delay := time.Duration(0)
		if answer.HasRetryAfter {
			delay = answer.RetryAfter
		}
		return laterAsked(f, Asked{Text: answer.AskedToWait()}, delay, false)
	default:
		return refuse(f)
	}
}

func authAdvice(status int) string {
	if status == 403 {
		return "the worker's identity may not do this: with Entra ID it needs the role Cognitive Services Speech Contributor on the resource; then " +
			"start the run again"
	}
	return "check the worker's SPEECH_KEY (or SPEECH_KEY_FILE) and that it belongs to the resource in SPEECH_ENDPOINT, restart the worker, then start " +
		"the run again"
}

// Repairable tells whether the cause of a failure lies outside of the request and the data: once it is mended, the
// same run can go on. What somebody has deleted it makes again; what the service has ended as Failed it would find again.
func Repairable(f lifecycle.Failure) bool {
	if f.Ended {
		return false
	}
	return f.Type == lifecycle.Unauthorized || f.Type == lifecycle.Unavailable || f.Type == lifecycle.WrongResource ||
		outside(f) || lost(f)
}

// Repaired is the advice of a repairable failure with the command that lets the run go on, in place of a new run with
// a training of its own.
func Repaired(f lifecycle.Failure, command string) string {
	next := "mend what the message says"
	if f.Next != nil {
		next = lifecycle.Meanwhile(*f.Next)
	}
	return next + "; then let the same run go on: " + command
}

// entityFailure is the failure of an object that the service reports as Failed. A deployment of the same endpoint can be
// tried again; any other object stays as it is, whatever its code asks for.
func (a *Activities) entityFailure(class lifecycle.FailureClass, object string, e *speech.EntityError, next string) error {
	f := lifecycle.Failure{
		Type: class, Message: object + " ended as Failed; the service gives no reason",
		Object: &object, Next: &next, Ended: class != lifecycle.DeployFailed,
	}
	if e == nil {
		return refuse(f)
	}
	code, message := strings.TrimSpace(a.speech.Clean(e.Code)), strings.TrimSpace(a.speech.Clean(e.Message))
	f.Code = lifecycle.Text(code)
	switch {
	case message != "":
		f.Message = fmt.Sprintf("%s ended as Failed: %s", object, message)
	case code != "":
		f.Message = fmt.Sprintf("%s ended as Failed with the code %s; the service gives no reason", object, code)
	}
	if r, known := remedies[speech.StateCode(e.Code)]; known {
		f.Next = r.next()
	}
	return refuse(f)
}

// Budget is how long a step may take over all its attempts.
type Budget struct {
	Limit lifecycle.Duration
	// Field is where the request sets it ("limits.training"); empty when it cannot be set.
	Field string
	// Wait tells a wait, which outlasts an outage up to its own limit, from any other step.
	Wait bool
	// Waited is how long the step kept waits that it was asked for and that do not count against Limit.
	Waited lifecycle.Duration
}

func (b Budget) String() string {
	if b.Field == "" {
		return b.Limit.String()
	}
	return fmt.Sprintf("%s (%s)", b.Limit, b.Field)
}

// besides says what was waited for beyond the limit, "" for nothing.
func (b Budget) besides() string {
	if b.Waited == 0 {
		return ""
	}
	return fmt.Sprintf(", besides the %s of waits that it was asked for", b.Waited)
}

// FailureOf reads the failure class out of what an activity of a workflow returned.
func FailureOf(err error, step string, budget Budget) lifecycle.Failure {
	var application *temporal.ApplicationError
	var failure lifecycle.Failure
	known := errors.As(err, &application) && application.HasDetails() && application.Details(&failure) == nil && failure.Type != ""
	if !ranOut(err) {
		if known {
			return failure
		}
		return lifecycle.Failure{
			Type: lifecycle.Internal, Message: fmt.Sprintf("%s: %v", step, err), Problems: []lifecycle.Problem{},
			Next: lifecycle.Ptr("this is a fault of the retrainer: keep the worker's log and report it"),
		}
	}
	said := lastWords(err)
	if known {
		said = "; at last: " + failure.Message
	}
	if failure.Problems == nil {
		failure.Problems = []lifecycle.Problem{}
	}
	if _, asked := AskedOf(err); asked {
		// Nothing ran out: what was asked for did not fit. The message of the failure says what that was.
		failure.Message = fmt.Sprintf("%s: %s, which is longer than what is left of %s%s", step, failure.Message, budget, budget.besides())
		failure.Type = lifecycle.Unavailable
		if budget.Wait {
			failure.Type = lifecycle.TimedOut
		}
		if failure.Next == nil {
			failure.Next = lifecycle.Ptr("wait for that long, then start the run again")
		}
		return failure
	}
	if budget.Wait {
		failure.Type = lifecycle.TimedOut
		failure.Message = fmt.Sprintf("%s did not end within %s%s%s", step, budget, budget.besides(), said)
		failure.Next = lifecycle.Ptr("look at the object in the portal, then start the run again")
		if budget.Field != "" {
			failure.Next = lifecycle.Ptr(fmt.Sprintf("look at the object in the portal; raise %s in the request if it needs longer, then start the run again",
				budget.Field))
		}
		return failure
	}
	failure.Type = lifecycle.Unavailable
	failure.Message = fmt.Sprintf("%s: the service could not be used for %s%s%s", step, budget, budget.besides(), said)
	if failure.Next == nil {
		failure.Next = lifecycle.Ptr("check that a worker runs and reaches the Speech resource, then start the run again")
	}
	return failure
}

// lastWords is the last error of a step that ran out of time, as far as Temporal knows it.
func lastWords(err error) string {
	var timeout *temporal.TimeoutError
	if !errors.As(err, &timeout) {
		return "; at last: " + err.Error()
	}
	if cause := errors.Unwrap(timeout); cause != nil {
		return "; at last: " + cause.Error()
	}
	return ""
}

// ranOut tells whether Temporal stopped retrying because the time for the activity was used up: the only
// end of an error that may be retried, since attempts are not limited.
func ranOut(err error) bool {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return !application.NonRetryable()
	}
	var timeout *temporal.TimeoutError
	return errors.As(err, &timeout)
}

// transient tells a failure that another attempt may not meet from a refusal.
func transient(err error) bool {
	var answer *speech.Error
	return errors.As(err, &answer) && (answer.Transient() || answer.Throttled())
}

// codeNotFound is the service's code for an object that does not exist.
const codeNotFound = "NotFound"

// lost tells that a failure is the deletion of something that the run had made after its training had begun: the same
// run makes it again, and finds the rest.
func lost(f lifecycle.Failure) bool {
	if f.Code == nil || *f.Code != codeNotFound {
		return false
	}
	switch f.Type {
	case lifecycle.TrainingFailed, lifecycle.EvaluationFailed, lifecycle.DeployFailed:
		return true
	}
	return false
}
