package workflows

import (
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
)

// counted is where a run counts, with labels by name and value. It counts nothing while a run is replayed, and leaves no
// history.
func counted(ctx workflow.Context, labels ...string) client.MetricsHandler {
	tags := map[string]string{"workflow_type": workflow.GetInfo(ctx).WorkflowType.Name}
	for i := 0; i+1 < len(labels); i += 2 {
		tags[labels[i]] = labels[i+1]
	}
	return workflow.GetMetricsHandler(ctx).WithTags(tags)
}

// countRun counts the end of a run.
func countRun(ctx workflow.Context, outcome string, f *lifecycle.Failure) {
	class := ""
	if f != nil {
		class = string(f.Type)
	}
	counted(ctx, "outcome", outcome, "failure", class).Counter(metric.Runs).Inc(1)
}

// countBadBase counts a version that does not serve though it came from another base model than the champion's.
func (r *run) countBadBase(ctx workflow.Context) {
	base, before := r.report.BaseModel, r.serving.Base
	if base != nil && before != nil && base.ID != before.ID {
		counted(ctx).Counter(metric.BadBases).Inc(1)
	}
}
