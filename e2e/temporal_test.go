package e2e

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
)

// An operator needs nothing but the Temporal CLI: it starts the run, waits for the report and shows it.
func TestTemporalCLIAlone(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	id := "retrain/" + b.name
	b.temporal("workflow", "start", "--type", "Retrain", "--task-queue", b.queue, "--workflow-id", id, "--input-file", b.write(b.whole()))
	var ended struct {
		Status string
		Result lifecycle.Report
	}
	b.json(b.temporal("workflow", "result", "--workflow-id", id, "--output", "json"), &ended)
	b.succeeded(ended.Result)
	b.marked(ended.Result)

	var described struct {
		WorkflowExecutionInfo struct {
			Status           string
			HistoryLength    string
			SearchAttributes struct {
				IndexedFields map[string]struct{ Data string }
			}
		}
	}
	b.json(b.temporal("workflow", "describe", "--workflow-id", id, "--output", "json"), &described)
	info := described.WorkflowExecutionInfo
	require.Equal(t, "WORKFLOW_EXECUTION_STATUS_COMPLETED", info.Status)
	for _, name := range []string{"SpeechModel", "SpeechLocale", "SpeechStage", "SpeechOutcome", "SpeechExpiry"} {
		require.Contains(t, info.SearchAttributes.IndexedFields, name)
	}
	t.Logf("history events of one run with three new data sets: %s", info.HistoryLength)

	shown := b.temporal("workflow", "show", "--workflow-id", id)
	require.Contains(t, shown, "WorkflowExecutionCompleted")
	require.Contains(t, b.temporal("workflow", "metadata", "--workflow-id", id), b.name)
	require.Contains(t, b.temporal("workflow", "query", "--workflow-id", id, "--type", "status"), ended.Result.Version.ID)
}

// The enforced ID keeps two retrains of one model apart; any other is refused with the right command.
func TestOtherWorkflowIDIsRefused(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	failure := b.startRaw("mine/"+b.name, b.small())
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
	require.Contains(t, *failure.Next, "--workflow-id retrain/"+b.name)
	b.untouched()
}

// What starter would refuse reaches the workflow through the CLI: it says all that is wrong at once.
func TestUnknownFieldsAreRefused(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	q := b.small().with(request{"training": []data{{"name": "x", "kind": "Prose", "contentUrl": b.emulator.File("x"), "lang": "en"}}, "modell": 1})
	failure := b.startRaw("retrain/"+b.name, q)
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
	var paths []string
	for _, p := range failure.Problems {
		paths = append(paths, p.Path)
	}
	require.ElementsMatch(t, []string{"modell", "training[0].lang", "training[0].kind"}, paths)
	b.untouched()
}

// startRaw starts a run with the Temporal CLI and returns the failure that it must end in.
func (b *bench) startRaw(id string, q request) lifecycle.Failure {
	b.Helper()
	b.temporal("workflow", "start", "--type", "Retrain", "--task-queue", b.queue, "--workflow-id", id, "--input-file", b.write(q))
	report := b.failedReport(id)
	require.Equal(b, lifecycle.Failed, report.Outcome)
	require.NotNil(b, report.Error)
	return *report.Error
}

// failedReport is the report that a failed run carries, read from the history as any tool could.
func (b *bench) failedReport(id string) lifecycle.Report {
	b.Helper()
	var report lifecycle.Report
	err := b.client.GetWorkflow(b.Context(), id, "").Get(b.Context(), &report)
	require.Error(b, err)
	return reportOf(b, err)
}

// closed tells whether the run of a workflow ended, and how.
func (b *bench) closed(id string) enumspb.WorkflowExecutionStatus {
	b.Helper()
	d, err := describe(b.Context(), b.client, id, "")
	require.NoError(b, err)
	return d.GetWorkflowExecutionInfo().GetStatus()
}

// describe asks Temporal for a run; with an empty run ID for the latest.
func describe(ctx context.Context, c client.Client, id, run string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	described, err := c.DescribeWorkflow(ctx, id, run)
	if err != nil {
		return nil, err
	}
	return described.RawResponse, nil
}
