package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// A retrain asks nobody whether it is due: fired by a cron schedule it would pay for a training, or move the endpoint, each time.
func TestRetrainRefusesACronSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	b = b.again()
	b.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
			WorkflowID: "retrain/desk", CronSchedule: "0 3 * * *", ParentClosePolicy: enums.PARENT_CLOSE_POLICY_TERMINATE,
		})
		workflow.ExecuteChildWorkflow(ctx, workflows.TypeRetrain, b.request(hooked))
		return workflow.Sleep(ctx, 36*time.Hour)
	}, workflow.RegisterOptions{Name: "Cron"})
	b.ExecuteWorkflow("Cron")
	require.NoError(t, b.GetWorkflowError())
	require.NotEmpty(t, heard(), "each firing says why it does nothing")
	require.Equal(t, lifecycle.EventFailed, heard()[0].Event)
	require.Contains(t, heard()[0].Summary, "a retrain with a cron schedule (0 3 * * *) is refused")
	require.Equal(t, "end it: temporal workflow terminate --workflow-id retrain/desk; then make the schedule renew/desk, which starts Renew: starter apply",
		*heard()[0].Next)
	require.Empty(t, b.service.Requests(), "nothing was asked of the service")
}
