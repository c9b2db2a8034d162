// Package exit is how starter ends: its exit codes, and the errors that bring them. Whatever ends the program is a
// *Failure in the end, which people read as a sentence and machines as a report.
package exit

import (
	"errors"
	"fmt"

	"speech-retrainer/internal/lifecycle"
)

// The contract's "Exit codes of starter".
const (
	// Done also ends what was skipped, is current, or goes on without us.
	Done   = 0
	Failed = 1
	// Refused: nothing was started.
	Refused = 2
	// Rejected: the new version did not pass.
	Rejected = 3
	// Changes: a plan in which something is due.
	Changes     = 4
	Unreachable = 5
	// Needed: status has found something that needs a person.
	Needed = 6
	// Interrupted by Ctrl-C: the run goes on.
	Interrupted = 130
)

// Failure types that only this program gives.
const (
	// Terminated: somebody ended the run by force, so it could not tell its own end.
	Terminated lifecycle.FailureClass = "Terminated"
	// NotFound: there is no run to watch or to cancel.
	NotFound lifecycle.FailureClass = "NotFound"
)

// CodeOf is the exit code of a run that ended, or was left, with outcome.
func CodeOf(outcome lifecycle.Outcome) int {
	switch outcome {
	case lifecycle.Succeeded, lifecycle.Skipped, lifecycle.Running:
		return Done
	case lifecycle.Rejected:
		return Rejected
	}
	return Failed
}

// Failure is an error that ends the program.
type Failure struct {
	// Code is the exit code.
	Code int
	// Last is the latest report of a run that goes on without us; nil when there is no such run.
	Last *lifecycle.Report
	// Name and Locale are of the request, as far as they are known.
	Name, Locale string
	// Cause is what went wrong.
	Cause lifecycle.Failure
	// Lines are printed for people before the message: one for each problem, with file and line.
	Lines []string
}

// As is err as what it is made of: a *Failure, else one of the program itself.
func As(err error) *Failure {
	if f, is := errors.AsType[*Failure](err); is {
		return f
	}
	return New(Failed, lifecycle.Internal, "%s", err)
}

func (f *Failure) Error() string { return f.Cause.Message }

// Sentence is the error as a sentence with what to do next.
func (f *Failure) Sentence() string {
	if f.Cause.Next == nil {
		return f.Cause.Message
	}
	return f.Cause.Message + "; " + *f.Cause.Next
}

// Report is the failure for machines.
func (f *Failure) Report() lifecycle.Report {
	if f.Last != nil {
		return *f.Last
	}
	report := lifecycle.NewReport(f.Name, f.Locale)
	report.Outcome = lifecycle.Failed
	report.Error = &f.Cause
	return report
}

// Next sets what to do next.
func (f *Failure) Next(format string, args ...any) *Failure {
	f.Cause.Next = lifecycle.Ptr(fmt.Sprintf(format, args...))
	return f
}

// New is a failure that ends the program with code.
func New(code int, class lifecycle.FailureClass, format string, args ...any) *Failure {
	return &Failure{Code: code, Cause: lifecycle.Failure{
		Type: class, Message: fmt.Sprintf(format, args...), Problems: []lifecycle.Problem{},
	}}
}

// Refuse is a failure before anything was started.
func Refuse(class lifecycle.FailureClass, format string, args ...any) *Failure {
	return New(Refused, class, format, args...)
}

// About adds to a failure which request it befell.
func About(err error, request lifecycle.Request) error {
	if f, is := errors.AsType[*Failure](err); is {
		f.Name, f.Locale = request.Name, request.Locale
	}
	return err
}

// Named adds to a failure which model it was about.
func Named(err error, name string) error { return About(err, lifecycle.Request{Name: name}) }
