package follow

import (
	"context"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// ask asks the run for its report at a steady pace, and finds out why when it does not answer.
func (r *Run) ask(ctx context.Context, tell func(news)) {
	quiet := silence{since: time.Now()}
	for ctx.Err() == nil {
		if line := r.explain(ctx, &quiet); line != "" {
			tell(news{line: line})
		}
		timeout := queryTimeout
		if quiet.told > 0 {
			timeout = slowTimeout
		}
		report, err := r.query(ctx, timeout)
		if err != nil {
			quiet.err = err
		} else {
			line := ""
			if quiet.told > 0 {
				line = "a worker has answered: the run goes on"
			}
			quiet = silence{since: time.Now()}
			tell(news{report: &report, line: line})
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.Pace):
		}
	}
}

// silence is a time without answers to queries.
type silence struct {
	since time.Time
	// err is why the last query failed.
	err error
	// told is how much of it was said: 1 = nobody polls, 2 = somebody polls and does not answer.
	told int
}

// explain returns the line that a silence deserves by now, each only once.
func (r *Run) explain(ctx context.Context, quiet *silence) string {
	age := time.Since(quiet.since)
	if age < silentAfter || quiet.told == 2 {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	youngest, err := r.polled(ctx, r.TaskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return ""
	}
	switch {
	case (youngest < 0 || youngest > deadPoller) && quiet.told == 0:
		quiet.told = 1
		return r.deserted(ctx)
	case youngest >= 0 && youngest <= deadPoller && age >= stuckAfter:
		quiet.told = 2
		return fmt.Sprintf("a worker polled task queue %q %s ago, but none has answered for %s (%v): see its log, or start another with: worker --task-queue %s",
			r.TaskQueue, words.Elapsed(youngest), words.Elapsed(age), quiet.err, r.TaskQueue)
	}
	return ""
}

// deserted is what to say of a task queue that no worker polls. A queue that was mistyped looks the same, so it says when
// the usual one is polled, and how a run goes away that no worker may ever take: to cancel it takes one, too.
func (r *Run) deserted(ctx context.Context) string {
	text := fmt.Sprintf("no worker polls task queue %q in namespace %q: start one with: worker --task-queue %s", r.TaskQueue, r.Namespace, r.TaskQueue)
	if r.TaskQueue != workflows.DefaultTaskQueue && r.Polled(ctx, workflows.DefaultTaskQueue) {
		text += fmt.Sprintf("; one polls %q, the usual queue", workflows.DefaultTaskQueue)
	}
	if r.untouched(ctx) {
		text += "; this run has done nothing yet, and ends with: " + r.temporal("workflow terminate --workflow-id "+r.ID)
	}
	return text
}

// untouched tells that no worker has ever taken a run of a model, so that it has left nothing anywhere: its history has
// its start, its first task, and maybe that it was asked to cancel.
func (r *Run) untouched(ctx context.Context) bool {
	if r.Name == "" || r.RunID == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, err := r.DescribeWorkflowExecution(ctx, r.ID, r.RunID)
	length := described.GetWorkflowExecutionInfo().GetHistoryLength()
	return err == nil && length > 0 && length <= 3
}

// Deserted says that no worker polls the run's task queue, and what to do; "" when one does, or that cannot be learnt.
func (r *Run) Deserted(ctx context.Context) string {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	youngest, err := r.polled(call, r.TaskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil || youngest >= 0 && youngest <= deadPoller {
		return ""
	}
	return r.deserted(ctx)
}

// mind looks for what keeps the run from getting on.
func (r *Run) mind(ctx context.Context, tell func(news)) {
	for ctx.Err() == nil {
		if found := r.failing(ctx); ctx.Err() == nil {
			tell(news{trouble: found})
		}
		select {
		case <-ctx.Done():
		case <-time.After(troubleEvery):
		}
	}
}

// failing is the trouble of the run without that nobody polls, which a silence tells sooner.
func (r *Run) failing(ctx context.Context) []lifecycle.Trouble {
	return slices.DeleteFunc(r.Troubles(ctx, r.ID, r.RunID), func(t lifecycle.Trouble) bool { return t.Kind == lifecycle.NoWorker })
}

// unanswered is the failure to get an answer out of a run.
func (r *Run) unanswered(ctx context.Context, err error) *exit.Failure {
	if transient(err) && code(err) != codes.DeadlineExceeded {
		return r.Unreachable(err)
	}
	why := exit.New(exit.Failed, lifecycle.Unavailable, "run %s of %s does not answer: %s", r.RunID, r.ID, err)
	long := silence{since: time.Now().Add(-stuckAfter), err: err}
	if line := r.explain(ctx, &long); line != "" {
		why.Cause.Message = line
	}
	return why
}

// news is something that following has learnt: a report, trouble unless nil, or a line to say.
type news struct {
	report  *lifecycle.Report
	trouble []lifecycle.Trouble
	line    string
}
