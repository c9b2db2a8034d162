package follow

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Limits of questions to the service through a worker.
const (
	// questionTimeout bounds one question; several share the rate limit of the resource.
	questionTimeout = 5 * time.Minute
	// questionStuck is how long a question may be in trouble before it is given up: who asks wants to know why.
	questionStuck = 10 * time.Second
	// questionEvery is how often a question is looked at for trouble.
	questionEvery = 2 * time.Second
)

// Question runs a workflow that changes nothing to its end. about is what an error calls it. The error is a
// *exit.Failure.
func (s Session) Question(ctx context.Context, id, queue, workflow, about string, input, result any) error {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	id += "/" + uuid.NewString()[:8]
	run, err := s.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: queue, WorkflowExecutionTimeout: questionTimeout, StaticSummary: visible.Line(about),
	}, workflow, input)
	if err == nil {
		err = s.answer(ctx, id, run, result)
	}
	if stuck, is := errors.AsType[*exit.Failure](err); is {
		stuck.Cause.Message = about + ": " + stuck.Cause.Message
		return stuck
	}
	failed, is := errors.AsType[*temporal.ApplicationError](err)
	_, late := errors.AsType[*temporal.TimeoutError](err)
	switch {
	case err == nil:
		return nil
	case is:
		why := exit.New(exit.Failed, lifecycle.FailureClass(failed.Type()), "%s: %s", about, failed.Message())
		var cause lifecycle.Failure
		if failed.HasDetails() && failed.Details(&cause) == nil && cause.Type != "" {
			why.Cause.Code, why.Cause.Object, why.Cause.Next, why.Cause.Problems = cause.Code, cause.Object, cause.Next, cause.Problems
		}
		return why
	case late || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return exit.New(exit.Failed, lifecycle.TimedOut, "%s: no answer within %s", about, words.Elapsed(questionTimeout)).
			Next("look at the worker of task queue %s: temporal task-queue describe --task-queue %s", queue, queue)
	case ctx.Err() != nil:
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: %s", about)
	case code(err) == codes.InvalidArgument:
		return exit.Refuse(lifecycle.InvalidRequest, "%s: %s", about, err)
	}
	return s.Unreachable(err)
}

// answer waits for the end of a question. One that is in trouble for long is canceled: the error is a *exit.Failure then.
func (s Session) answer(ctx context.Context, id string, run client.WorkflowRun, result any) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- run.Get(waiting, result) }()
	tick := time.NewTicker(questionEvery)
	defer tick.Stop()
	var since time.Time
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
		found := s.Troubles(ctx, id, "")
		switch {
		case len(found) == 0:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= questionStuck:
			stop()
			if <-ended == nil {
				return nil
			}
			s.withdraw(ctx, id)
			return stuckIn(found[0])
		}
	}
}

// withdraw cancels a question that nobody waits for any more. Its time-out would end it too.
func (s Session) withdraw(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_ = s.CancelWorkflow(ctx, id, "")
}

// stuckIn is the failure to get an answer because of trouble.
func stuckIn(t lifecycle.Trouble) *exit.Failure {
	why := exit.New(exit.Failed, lifecycle.Unavailable, "%s", t.Sentence(words.Soon(time.Now())))
	if t.Type != nil {
		why.Cause.Type = *t.Type
	}
	why.Cause.Code, why.Cause.Next = t.Code, t.Next
	return why
}
