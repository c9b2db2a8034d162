package follow

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// QuestionsAtOnce bounds how many questions are asked side by side.
const QuestionsAtOnce = 8

// Limits of questions to the service through a worker.
const (
	// questionTimeout bounds one question; several share the rate limit of the resource.
	questionTimeout = 5 * time.Minute
	// questionStuck is how long a question may be in trouble before it is given up: who asks wants to know why.
	questionStuck = 10 * time.Second
	// questionQuiet is how long nothing is said of a question that is not answered: most are within a second.
	questionQuiet = 4 * time.Second
	// questionEvery is how often a question is looked at for trouble.
	questionEvery = 2 * time.Second
)

// Question is what a worker is asked: a workflow that changes nothing, and reads the service in seconds.
type Question struct {
	// ID begins the workflow's ID.
	ID                  string
	TaskQueue, Workflow string
	Input               any
	// About says in an error what could not be done. Summary says in Temporal's web UI what the question is for, Doing
	// what was broken off by Ctrl-C; without them About does.
	About, Summary, Doing string
	// Patient waits for a worker, and tells the person what keeps the answer. Else the question is given up when it
	// has been in trouble for some seconds, and the trouble is the error.
	Patient bool
	// Passing tells that nobody wants to look at it once it is answered: it is deleted from Temporal then, so that questions
	// do not fill the list of workflows. One without an answer stays, to be looked at.
	Passing bool
}

// Ask asks a question and waits for its answer. The error is a *exit.Failure.
func (s Session) Ask(ctx context.Context, q Question, answer any) error {
	asking, stop := context.WithTimeout(ctx, questionTimeout)
	defer stop()
	// Nobody else asks under this ID: what is deleted below has been heard by all who wait for it.
	run := &Run{Session: s, ID: q.ID + "/" + uuid.NewString()[:8], TaskQueue: q.TaskQueue}
	summary := cmp.Or(q.Summary, q.About)
	if s.User != "" {
		summary += ", asked for by " + s.User
	}
	started, err := s.ExecuteWorkflow(asking, client.StartWorkflowOptions{
		ID: run.ID, TaskQueue: q.TaskQueue, WorkflowExecutionTimeout: questionTimeout, StaticSummary: visible.Summary(summary),
	}, q.Workflow, q.Input)
	if err == nil {
		run.RunID = started.GetRunID()
		ended := make(chan error, 1)
		go func() { ended <- started.Get(asking, answer) }()
		if q.Patient {
			err = run.outwait(ctx, ended)
		} else {
			err = run.hurry(ctx, ended, stop)
		}
	}
	if err == nil {
		if q.Passing {
			run.forget(ctx)
		}
		return nil
	}
	return run.noAnswer(ctx, asking, q, err)
}

// outwait waits for the end of a question, and tells what keeps it.
func (r *Run) outwait(ctx context.Context, ended <-chan error) error {
	quiet := silence{since: time.Now(), err: context.DeadlineExceeded}
	tick := time.NewTicker(r.Pace)
	defer tick.Stop()
	minded := time.NewTicker(troubleEvery)
	defer minded.Stop()
	var trouble teller
	for {
		select {
		case err := <-ended:
			return err
		case <-minded.C:
			doing := lifecycle.Report{Outcome: lifecycle.Running, Trouble: r.failing(ctx)}
			r.Screen.TellLines(trouble.lines(doing, time.Now()))
		case <-tick.C:
			if line := r.explain(ctx, &quiet); line != "" {
				r.Screen.Tell("%s", line)
			}
		}
	}
}

// hurry waits for the end of a question. One that is in trouble for long is canceled: the error is a *exit.Failure then.
func (r *Run) hurry(ctx context.Context, ended <-chan error, stop func()) error {
	tick := time.NewTicker(questionEvery)
	defer tick.Stop()
	var since time.Time
	asked, told := time.Now(), false
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
		if !told && time.Since(asked) >= questionQuiet {
			told = true
			r.Screen.Tell("waiting for the worker of task queue %s to answer", visible.Line(r.TaskQueue))
		}
		found := r.Troubles(ctx, r.ID, r.RunID)
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
			r.withdraw(ctx)
			return stuckIn(found[0])
		}
	}
}

// withdraw cancels a question that nobody waits for any more. Its time-out would end it too.
func (r *Run) withdraw(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_ = r.CancelWorkflow(ctx, r.ID, r.RunID)
}

// forget deletes a question that was answered, and only that run of it. Who may not delete leaves it to the namespace's
// retention.
func (r *Run) forget(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, _ = r.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: r.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: r.ID, RunId: r.RunID},
	})
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

// noAnswer says why a question got none. asking is the context of the question, ctx that of who asks.
func (r *Run) noAnswer(ctx, asking context.Context, q Question, err error) *exit.Failure {
	if stuck, is := errors.AsType[*exit.Failure](err); is {
		stuck.Cause.Message = q.About + ": " + stuck.Cause.Message
		return stuck
	}
	failed, is := errors.AsType[*temporal.ApplicationError](err)
	_, late := errors.AsType[*temporal.TimeoutError](err)
	_, ended := errors.AsType[*temporal.WorkflowExecutionError](err)
	switch {
	case ctx.Err() != nil && q.Doing != "":
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while %s", q.Doing)
	case ctx.Err() != nil:
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: %s", q.About)
	case is:
		why := exit.New(exit.Failed, lifecycle.FailureClass(failed.Type()), "%s: %s", q.About, failed.Message())
		var cause lifecycle.Failure
		if failed.HasDetails() && failed.Details(&cause) == nil && cause.Type != "" {
			why.Cause.Code, why.Cause.Object, why.Cause.Next = cause.Code, cause.Object, cause.Next
			if len(cause.Problems) > 0 {
				why.Cause.Problems = cause.Problems
			}
		}
		return why
	case late || asking.Err() != nil:
		why := exit.New(exit.Failed, lifecycle.TimedOut, "%s: no answer within %s", q.About, words.Elapsed(questionTimeout))
		if q.Patient {
			// What keeps it was told meanwhile.
			return why.Next("look at the worker of task queue %s and its log", q.TaskQueue)
		}
		return why.Next("look at the worker of task queue %s: temporal task-queue describe --task-queue %s", q.TaskQueue, q.TaskQueue)
	case code(err) == codes.InvalidArgument:
		return exit.Refuse(lifecycle.InvalidRequest, "%s: %s", q.About, err)
	case ended || q.Patient && code(err) == codes.Unknown:
		// Temporal was reached: somebody has canceled or terminated the question, or its answer cannot be read.
		return exit.New(exit.Failed, lifecycle.Internal, "%s: %s", q.About, err).Next("see: %s", r.Inspect())
	}
	return r.Unreachable(err)
}
