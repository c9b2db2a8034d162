package follow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// observeTimeout bounds the wait for what the service remembers: reading it takes seconds.
const observeTimeout = 5 * time.Minute

// Observe reads, through a worker, what the service remembers of a model: of the one of the given locale, or without
// it of the only one. A model that it knows nothing of has a row without versions. Of several locales none is picked:
// that is refused. The error is a *exit.Failure.
func (s Session) Observe(ctx context.Context, name, locale, taskQueue string) (lifecycle.Row, error) {
	rows, err := s.observeRows(ctx, name, taskQueue)
	if err != nil {
		return lifecycle.Row{}, err
	}
	var locales []string
	for _, row := range rows {
		if lifecycle.SameLocale(row.Locale, locale) || locale == "" && len(rows) == 1 {
			return row, nil
		}
		locales = append(locales, row.Locale)
	}
	if locale == "" && len(rows) > 1 {
		slices.Sort(locales)
		return lifecycle.Row{}, exit.Refuse(lifecycle.InvalidRequest, "there are models %s of several locales: %s", name, strings.Join(locales, ", ")).
			Next("say which one is meant: --locale %s", locales[0])
	}
	return lifecycle.Row{Name: name, Locale: locale}, nil
}

// observeRows are the rows of a name, one a locale.
func (s Session) observeRows(ctx context.Context, name, taskQueue string) ([]lifecycle.Row, error) {
	run := &Run{Session: s, ID: "observe/" + name, Name: name, TaskQueue: taskQueue}
	// Without the error of start for one that goes on, the SDK attaches to it: it reads the same.
	started, err := s.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: run.ID, TaskQueue: taskQueue, WorkflowExecutionTimeout: observeTimeout,
		StaticSummary: visible.Line("Read what the service remembers of " + name),
	}, workflows.TypeObserve, workflows.ObserveInput{Names: []string{name}})
	if err != nil {
		return nil, run.unobserved(ctx, err)
	}
	run.RunID = started.GetRunID()
	var seen workflows.Observed
	ended := make(chan error, 1)
	go func() { ended <- started.Get(ctx, &seen) }()
	quiet := silence{since: time.Now(), err: context.DeadlineExceeded}
	tick := time.NewTicker(s.Pace)
	defer tick.Stop()
	minded := time.NewTicker(troubleEvery)
	defer minded.Stop()
	var trouble teller
	for {
		select {
		case <-minded.C:
			doing := lifecycle.Report{Outcome: lifecycle.Running, Trouble: run.failing(ctx)}
			for _, line := range trouble.lines(doing, time.Now()) {
				s.Screen.Tell("%s", line)
			}
			continue
		case <-tick.C:
			if line := run.explain(ctx, &quiet); line != "" {
				s.Screen.Tell("%s", line)
			}
			continue
		case err = <-ended:
		}
		if err != nil {
			return nil, run.unobserved(ctx, err)
		}
		return slices.DeleteFunc(seen.Rows, func(r lifecycle.Row) bool { return r.Name != name }), nil
	}
}

// unobserved is the failure to read what the service remembers.
func (f *Run) unobserved(ctx context.Context, err error) *exit.Failure {
	const what = "cannot read what the service remembers of %s: %s"
	if ctx.Err() != nil {
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while reading what the service remembers of %s", f.Name)
	}
	if failed, is := errors.AsType[*temporal.ApplicationError](err); is {
		why := exit.New(exit.Failed, lifecycle.FailureClass(failed.Type()), what, f.Name, failed.Message())
		var cause lifecycle.Failure
		if failed.HasDetails() && failed.Details(&cause) == nil && cause.Type != "" {
			why.Cause.Code, why.Cause.Object, why.Cause.Next = cause.Code, cause.Object, cause.Next
		}
		return why
	}
	if _, is := errors.AsType[*temporal.TimeoutError](err); is {
		return exit.New(exit.Failed, lifecycle.TimedOut, what, f.Name, "no answer within "+words.Elapsed(observeTimeout)).
			Next("look at the worker of task queue %s and its log", f.TaskQueue)
	}
	if code(err) == codes.InvalidArgument {
		return exit.Refuse(lifecycle.InvalidRequest, what, f.Name, err)
	}
	if transient(err) || code(err) != codes.Unknown {
		return f.Unreachable(err)
	}
	return exit.New(exit.Failed, lifecycle.Internal, what, f.Name, err).Next("see: %s", f.Inspect())
}
