package main

import (
	"errors"
	"fmt"

	"speech-retrainer/internal/lifecycle"
)

// Exit codes (the contract's "Exit codes of starter"); 4 is exitChanges.
const (
	exitDone        = 0
	exitFailed      = 1
	exitRefused     = 2
	exitRejected    = 3
	exitUnreachable = 5
	exitInterrupted = 130
)

// Failure types that only this program gives.
const (
	// terminated: somebody ended the run by force, so it could not tell its own end.
	terminated lifecycle.FailureClass = "Terminated"
	// notFound: there is no run to watch or to cancel.
	notFound lifecycle.FailureClass = "NotFound"
)

// exitCode is the exit code of a run that ended, or was left, with outcome.
func exitCode(outcome lifecycle.Outcome) int {
	switch outcome {
	case lifecycle.Succeeded, lifecycle.Skipped, lifecycle.Running:
		return exitDone
	case lifecycle.Rejected:
		return exitRejected
	}
	return exitFailed
}

// failure is an error that ends the program.
type failure struct {
	code int
	// last is the latest report of a run that goes on without us; nil when there is no such run.
	last *lifecycle.Report
	// name and locale are of the request, as far as they are known.
	name, locale string
	cause        lifecycle.Failure
	// lines are printed for people before the message: one for each problem, with file and line.
	lines []string
}

// asFailure is err as what it is made of: a *failure, else one of the program itself.
func asFailure(err error) *failure {
	if f, is := errors.AsType[*failure](err); is {
		return f
	}
	return newFailure(exitFailed, lifecycle.Internal, "%s", err)
}

func (f *failure) Error() string { return f.cause.Message }

// message is the error as a sentence with what to do next.
func (f *failure) message() string {
	if f.cause.Next == nil {
		return f.cause.Message
	}
	return f.cause.Message + "; " + *f.cause.Next
}

// report is the failure for machines.
func (f *failure) report() lifecycle.Report {
	if f.last != nil {
		return *f.last
	}
	report := lifecycle.NewReport(f.name, f.locale)
	report.Outcome = lifecycle.Failed
	report.Error = &f.cause
	return report
}

// next sets what to do next.
func (f *failure) next(format string, args ...any) *failure {
	f.cause.Next = lifecycle.Ptr(fmt.Sprintf(format, args...))
	return f
}

func newFailure(code int, class lifecycle.FailureClass, format string, args ...any) *failure {
	return &failure{code: code, cause: lifecycle.Failure{
		Type: class, Message: fmt.Sprintf(format, args...), Problems: []lifecycle.Problem{},
	}}
}

// refuse is a failure before anything was started.
func refuse(class lifecycle.FailureClass, format string, args ...any) *failure {
	return newFailure(exitRefused, class, format, args...)
}
