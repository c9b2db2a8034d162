package follow

import (
	"context"
	"strings"
	"time"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// Run is one run of a workflow, which is started or found, and then followed to its end.
type Run struct {
	Session
	// ID and RunID are the workflow's; Name, Locale and TaskQueue the request's.
	ID, RunID, Name, Locale, TaskQueue string
}

// Blank is the report of a run that has not told anything yet.
func (r *Run) Blank() lifecycle.Report {
	report := lifecycle.NewReport(r.Name, r.Locale)
	r.identify(&report)
	return report
}

// identify fills in what is known better than a report that ended early.
func (r *Run) identify(report *lifecycle.Report) {
	if report.Name == "" {
		report.Name, report.Locale = r.Name, r.Locale
	}
	if report.WorkflowID == nil {
		report.WorkflowID, report.RunID = lifecycle.Ptr(r.ID), lifecycle.Ptr(r.RunID)
	}
}

// interrupted is the end of following while the run goes on.
func (r *Run) interrupted(last lifecycle.Report) *exit.Failure {
	return r.left(exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: the run goes on").
		Next("watch it with: %s", r.Hint("watch", r.Target())), last)
}

// left attaches the last report of a run that goes on without us.
func (r *Run) left(why *exit.Failure, last lifecycle.Report) *exit.Failure {
	why.Last = &last
	return why
}

func (r *Run) query(ctx context.Context, timeout time.Duration) (lifecycle.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var report lifecycle.Report
	value, err := r.QueryWorkflow(ctx, r.ID, r.RunID, workflows.QueryStatus)
	if err == nil {
		err = value.Get(&report)
	}
	if err != nil {
		return report, err
	}
	r.identify(&report)
	return report, nil
}

// Inspect is the command that shows all that Temporal knows of the run.
func (r *Run) Inspect() string {
	return "temporal workflow show --workflow-id " + r.ID + " --run-id " + r.RunID
}

// Target is what ParseTarget takes for this workflow.
func (r *Run) Target() string { return strings.TrimPrefix(r.ID, workflows.RetrainID("")) }
