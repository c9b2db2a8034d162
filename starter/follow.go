package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// Patience with what does not answer.
const (
	// silentAfter is how long a run may leave the query unanswered before its task queue is looked at.
	silentAfter = 5 * time.Second
	// stuckAfter is the same before a run whose task queue is polled is called stuck.
	stuckAfter = 30 * time.Second
	// queryTimeout bounds one query; slowTimeout does after the silence was told, for a busy worker.
	queryTimeout = 4 * time.Second
	slowTimeout  = 15 * time.Second
	// callTimeout bounds one call to Temporal itself.
	callTimeout = 5 * time.Second
	// deadPoller is the age of its last poll from which a worker is taken as gone: a poll lasts up to 70 s,
	// and Temporal lists pollers for five minutes.
	deadPoller = 90 * time.Second
	// givenUpAfter is how long Temporal may be away before following ends.
	givenUpAfter = 5 * time.Minute
)

// follower follows one run to its end.
type follower struct {
	*app
	server     server
	connection connectionFlags
	// id and runID are the workflow's; name, locale and taskQueue the request's.
	id, runID, name, locale, taskQueue string
}

// news is something that a follower has learnt: a report, or a line to say, or both.
type news struct {
	report *lifecycle.Report
	line   string
}

// follow shows the run until it ends and returns its final report. It returns a *failure with the last
// report when it was interrupted or Temporal was away for too long: the run goes on then.
func (f *follower) follow(ctx context.Context) (lifecycle.Report, error) {
	screen := f.newView()
	defer screen.close()
	var tasks sync.WaitGroup
	defer tasks.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	heard := make(chan news)
	tell := func(n news) {
		select {
		case heard <- n:
		case <-ctx.Done():
		}
	}
	type ending struct {
		report lifecycle.Report
		err    error
	}
	ended := make(chan ending, 1)
	tasks.Go(func() {
		report, err := f.await(ctx, tell)
		ended <- ending{report, err}
	})
	tasks.Go(func() { f.ask(ctx, tell) })

	last := f.blank()
	// asked is when the question began whose answering was explained.
	var asked time.Time
	redraw := time.NewTicker(f.Pace)
	defer redraw.Stop()
	for {
		select {
		case <-ctx.Done():
			return last, f.interrupted(last)
		case n := <-heard:
			if n.line != "" {
				screen.say(n.line)
			}
			if n.report != nil {
				last = *n.report
				screen.show(last, time.Now())
				if asks(last) && !last.WaitingFor.Since.Equal(asked) {
					asked = last.WaitingFor.Since
					for _, line := range f.howToAnswer(last) {
						screen.say(line)
					}
				}
			}
		case <-redraw.C:
			screen.show(last, time.Now())
		case e := <-ended:
			if ctx.Err() != nil {
				return last, f.interrupted(last)
			}
			report, err := f.conclude(ctx, e.report, e.err, last)
			if err == nil {
				screen.show(report, time.Now())
			}
			return report, err
		}
	}
}

// blank is the report of a run that has not told anything yet.
func (f *follower) blank() lifecycle.Report {
	report := lifecycle.NewReport(f.name, f.locale)
	f.identify(&report)
	return report
}

// identify fills in what the follower knows better than a report that ended early.
func (f *follower) identify(report *lifecycle.Report) {
	if report.Name == "" {
		report.Name, report.Locale = f.name, f.locale
	}
	if report.WorkflowID == nil {
		report.WorkflowID, report.RunID = lifecycle.Ptr(f.id), lifecycle.Ptr(f.runID)
	}
}

// await waits for the run's end. An outage of Temporal is sat out.
func (f *follower) await(ctx context.Context, tell func(news)) (lifecycle.Report, error) {
	for {
		var report lifecycle.Report
		err := f.server.GetWorkflow(ctx, f.id, f.runID).Get(ctx, &report)
		if !transient(err) || ctx.Err() != nil {
			return report, err
		}
		tell(news{line: fmt.Sprintf("Temporal at %s does not answer (%s): trying again", f.server.address, err)})
		if err := f.regain(ctx, err); err != nil {
			return report, err
		}
		tell(news{line: fmt.Sprintf("Temporal at %s answers again", f.server.address)})
	}
}

// regain returns nil when Temporal answers again, and why when it has been away for too long.
func (f *follower) regain(ctx context.Context, why error) error {
	giveUp := time.After(givenUpAfter)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-giveUp:
			return why
		case <-time.After(f.Pace):
		}
		call, cancel := context.WithTimeout(ctx, callTimeout)
		_, err := f.server.DescribeWorkflowExecution(call, f.id, f.runID)
		cancel()
		if !transient(err) {
			return nil
		}
		why = err
	}
}

func transient(err error) bool {
	switch code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.Internal:
		return true
	}
	return false
}

// ask asks the run for its report at a steady pace, and finds out why when it does not answer.
func (f *follower) ask(ctx context.Context, tell func(news)) {
	quiet := silence{since: time.Now()}
	for ctx.Err() == nil {
		if line := f.explain(ctx, &quiet); line != "" {
			tell(news{line: line})
		}
		timeout := queryTimeout
		if quiet.told > 0 {
			timeout = slowTimeout
		}
		report, err := f.query(ctx, timeout)
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
		case <-time.After(f.Pace):
		}
	}
}

func (f *follower) query(ctx context.Context, timeout time.Duration) (lifecycle.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var report lifecycle.Report
	value, err := f.server.QueryWorkflow(ctx, f.id, f.runID, workflows.QueryStatus)
	if err == nil {
		err = value.Get(&report)
	}
	if err != nil {
		return report, err
	}
	f.identify(&report)
	return report, nil
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
func (f *follower) explain(ctx context.Context, quiet *silence) string {
	age := time.Since(quiet.since)
	if age < silentAfter || quiet.told == 2 {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	queue, err := f.server.DescribeTaskQueue(ctx, f.taskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return ""
	}
	youngest := time.Duration(-1)
	for _, poller := range queue.GetPollers() {
		if at := poller.GetLastAccessTime(); at != nil {
			polled := max(time.Since(at.AsTime()), 0)
			if youngest < 0 || polled < youngest {
				youngest = polled
			}
		}
	}
	switch {
	case (youngest < 0 || youngest > deadPoller) && quiet.told == 0:
		quiet.told = 1
		return fmt.Sprintf("no worker polls task queue %q in namespace %q: start one with: worker --task-queue %s",
			f.taskQueue, f.server.namespace, f.taskQueue)
	case youngest >= 0 && youngest <= deadPoller && age >= stuckAfter:
		quiet.told = 2
		return fmt.Sprintf("a worker polled task queue %q %s ago, but none has answered for %s (%v): see its log, or start another with: worker --task-queue %s",
			f.taskQueue, elapsed(youngest), elapsed(age), quiet.err, f.taskQueue)
	}
	return ""
}

// interrupted is the end of following while the run goes on.
func (f *follower) interrupted(last lifecycle.Report) *failure {
	return f.left(newFailure(exitInterrupted, lifecycle.Unavailable, "interrupted: the run goes on").
		next("watch it with: %s", f.connection.hint("watch", f.target())), last)
}

// left attaches the last report of a run that goes on without us.
func (f *follower) left(why *failure, last lifecycle.Report) *failure {
	why.last = &last
	return why
}
