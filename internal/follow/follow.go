// Package follow starts, finds and follows the workflows of a model from outside: it asks a run for its report, finds out
// what keeps it from getting on, draws its stages, and says how it ended. It also asks a worker what the service shows.
// Whatever fails is a *exit.Failure, unless a function says otherwise.
package follow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
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

// Run is one run of a workflow, which is started or found, and then followed to its end.
type Run struct {
	Session
	// ID and RunID are the workflow's; Name, Locale and TaskQueue the request's.
	ID, RunID, Name, Locale, TaskQueue string
}

// news is something that following has learnt: a report, trouble unless nil, or a line to say.
type news struct {
	report  *lifecycle.Report
	trouble []lifecycle.Trouble
	line    string
}

// Follow shows the run until it ends and returns its final report. It returns a *exit.Failure with the last
// report when it was interrupted or Temporal was away for too long: the run goes on then.
func (f *Run) Follow(ctx context.Context) (lifecycle.Report, error) {
	drawn := newView(f.Screen)
	defer drawn.close()
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
	tasks.Go(func() { f.mind(ctx, tell) })

	last := f.Blank()
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
				drawn.say(n.line)
			}
			if n.trouble != nil {
				last.Trouble = n.trouble
				drawn.show(last, time.Now())
			}
			if n.report != nil {
				n.report.Trouble = last.Trouble
				last = *n.report
				drawn.show(last, time.Now())
				if asks(last) && !last.WaitingFor.Since.Equal(asked) {
					asked = last.WaitingFor.Since
					for _, line := range f.howToAnswer(last) {
						drawn.say(line)
					}
				}
			}
		case <-redraw.C:
			drawn.show(last, time.Now())
		case e := <-ended:
			if ctx.Err() != nil {
				return last, f.interrupted(last)
			}
			report, err := f.conclude(ctx, e.report, e.err, last)
			if err == nil {
				drawn.show(report, time.Now())
			}
			return report, err
		}
	}
}

// Blank is the report of a run that has not told anything yet.
func (f *Run) Blank() lifecycle.Report {
	report := lifecycle.NewReport(f.Name, f.Locale)
	f.identify(&report)
	return report
}

// identify fills in what is known better than a report that ended early.
func (f *Run) identify(report *lifecycle.Report) {
	if report.Name == "" {
		report.Name, report.Locale = f.Name, f.Locale
	}
	if report.WorkflowID == nil {
		report.WorkflowID, report.RunID = lifecycle.Ptr(f.ID), lifecycle.Ptr(f.RunID)
	}
}

// await waits for the run's end. An outage of Temporal is sat out.
func (f *Run) await(ctx context.Context, tell func(news)) (report lifecycle.Report, err error) {
	err = f.awaitResult(ctx, &report, tell)
	return report, err
}

// awaitResult is await for a run with another result than a report.
func (f *Run) awaitResult(ctx context.Context, result any, tell func(news)) error {
	for {
		err := f.GetWorkflow(ctx, f.ID, f.RunID).Get(ctx, result)
		if !transient(err) || ctx.Err() != nil {
			return err
		}
		tell(news{line: fmt.Sprintf("Temporal at %s does not answer (%s): trying again", f.Server, err)})
		if err := f.regain(ctx, err); err != nil {
			return err
		}
		tell(news{line: fmt.Sprintf("Temporal at %s answers again", f.Server)})
	}
}

// regain returns nil when Temporal answers again, and why when it has been away for too long.
func (f *Run) regain(ctx context.Context, why error) error {
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
		_, err := f.DescribeWorkflowExecution(call, f.ID, f.RunID)
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

// interrupted is the end of following while the run goes on.
func (f *Run) interrupted(last lifecycle.Report) *exit.Failure {
	return f.left(exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: the run goes on").
		Next("watch it with: %s", f.Hint("watch", f.Target())), last)
}

// left attaches the last report of a run that goes on without us.
func (f *Run) left(why *exit.Failure, last lifecycle.Report) *exit.Failure {
	why.Last = &last
	return why
}
