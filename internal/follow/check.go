package follow

import (
	"context"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Check waits for the end of a check, and tells what keeps it. One that no worker takes up is left after some seconds: it goes on
// as soon as one polls. The error is a *exit.Failure.
func (r *Run) Check(ctx context.Context) (report lifecycle.RenewReport, err error) {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- r.GetWorkflow(waiting, r.ID, r.RunID).Get(waiting, &report) }()
	about := Question{
		About: "the check of " + r.Name + " failed", Doing: "waiting for the check of " + r.Name + ": it goes on, and starts a retrain if that is due",
		TaskQueue: r.TaskQueue, Patient: true,
	}
	tick := time.NewTicker(questionEvery)
	defer tick.Stop()
	var told teller
	var since time.Time
	for {
		select {
		case err := <-ended:
			if err != nil {
				return report, r.noAnswer(ctx, ctx, about, err)
			}
			return report, nil
		case <-tick.C:
		}
		var missing *lifecycle.Trouble
		found := r.Troubles(ctx, r.ID, r.RunID)
		for i, t := range found {
			if t.Kind == lifecycle.NoWorker {
				missing = &found[i]
			}
		}
		switch {
		case missing == nil:
			since = time.Time{}
			r.Screen.TellLines(told.lines(lifecycle.Report{Outcome: lifecycle.Running, Trouble: found}, time.Now()))
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= questionStuck:
			stop()
			if <-ended == nil {
				return report, nil
			}
			why := stuckIn(*missing)
			why.Cause.Message = "the check of " + r.Name + " has begun and waits: " + why.Cause.Message + "; it goes on by itself as soon as one does"
			return report, why
		}
	}
}
