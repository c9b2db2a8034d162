// Package follow starts, finds and follows the workflows of a model from outside: it asks a run for its report, finds out
// what keeps it from getting on, draws its stages, and says how it ended. It also asks a worker what the service shows.
// Whatever fails is a *exit.Failure, unless a function says otherwise.
package follow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Follow shows the run until it ends and returns its final report. It returns a *exit.Failure with the last
// report when it was interrupted or Temporal was away for too long: the run goes on then.
func (r *Run) Follow(ctx context.Context) (lifecycle.Report, error) {
	drawn := newView(r.Screen)
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
		report, err := r.await(ctx, tell)
		ended <- ending{report, err}
	})
	tasks.Go(func() { r.ask(ctx, tell) })
	tasks.Go(func() { r.mind(ctx, tell) })

	last := r.Blank()
	// asked is when the question began whose answering was explained.
	var asked time.Time
	redraw := time.NewTicker(r.Pace)
	defer redraw.Stop()
	for {
		select {
		case <-ctx.Done():
			return last, r.interrupted(last)
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
					for _, line := range r.howToAnswer(last) {
						drawn.say(line)
					}
				}
			}
		case <-redraw.C:
			drawn.show(last, time.Now())
		case e := <-ended:
			if ctx.Err() != nil {
				return last, r.interrupted(last)
			}
			report, err := r.conclude(ctx, e.report, e.err, last)
			if err == nil {
				drawn.show(report, time.Now())
			}
			return report, err
		}
	}
}

// await waits for the run's end. An outage of Temporal is sat out.
func (r *Run) await(ctx context.Context, tell func(news)) (report lifecycle.Report, err error) {
	err = r.awaitResult(ctx, &report, tell)
	return report, err
}

// awaitResult is await for a run with another result than a report.
func (r *Run) awaitResult(ctx context.Context, result any, tell func(news)) error {
	for {
		err := r.GetWorkflow(ctx, r.ID, r.RunID).Get(ctx, result)
		if !transient(err) || ctx.Err() != nil {
			return err
		}
		tell(news{line: fmt.Sprintf("Temporal at %s does not answer (%s): trying again", r.Server, err)})
		if err := r.regain(ctx, err); err != nil {
			return err
		}
		tell(news{line: fmt.Sprintf("Temporal at %s answers again", r.Server)})
	}
}

// regain returns nil when Temporal answers again, and why when it has been away for too long.
func (r *Run) regain(ctx context.Context, why error) error {
	giveUp := time.After(givenUpAfter)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-giveUp:
			return why
		case <-time.After(r.Pace):
		}
		call, cancel := context.WithTimeout(ctx, callTimeout)
		_, err := r.DescribeWorkflowExecution(call, r.ID, r.RunID)
		cancel()
		if !transient(err) {
			return nil
		}
		why = err
	}
}
