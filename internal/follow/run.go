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

func (f *Run) query(ctx context.Context, timeout time.Duration) (lifecycle.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var report lifecycle.Report
	value, err := f.QueryWorkflow(ctx, f.ID, f.RunID, workflows.QueryStatus)
	if err == nil {
		err = value.Get(&report)
	}
	if err != nil {
		return report, err
	}
	f.identify(&report)
	return report, nil
}

// Inspect is the command that shows all that Temporal knows of the run.
func (f *Run) Inspect() string {
	return "temporal workflow show --workflow-id " + f.ID + " --run-id " + f.RunID
}

// Target is what ParseTarget takes for this workflow.
func (f *Run) Target() string { return strings.TrimPrefix(f.ID, workflows.RetrainID("")) }
