package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// posted is how many objects were created by anybody.
func (b *bundle) posted() (n int) {
	for _, e := range b.service.Requests() {
		if e.Method == "POST" {
			n++
		}
	}
	return n
}

// A run whose endpoint cannot be made is refused before anything is created, and plan says the same. With room it goes
// on; what exists already needs none.
func TestNoRoomForAnEndpointIsSaidBeforeTheTraining(t *testing.T) {
	t.Parallel()
	b := setup(t)
	base := b.base("en-US")
	_, _, err := b.client().CreateEndpoint(t.Context(), speech.NewEndpoint{DisplayName: "Other", Locale: "en-US", Model: lifecycle.Ptr(base.Ref())})
	require.NoError(t, err)
	before := b.posted()
	b.endpointQuota = 1
	report, err := b.again().retrain(gated(b, nil))
	require.Error(t, err)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Contains(t, report.Error.Message, `endpoint "Desk" would have to be created, and the Speech resource has at least 1 of the 1 endpoints`)
	require.Contains(t, *report.Error.Next, "SPEECH_ENDPOINT_QUOTA")
	require.Equal(t, "deploy.endpoint", report.Error.Problems[0].Path)
	require.Equal(t, lifecycle.StageValidate, *report.Stage)
	require.Equal(t, before, b.posted(), "nothing was created")

	plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(gated(b, nil)))
	require.NoError(t, err)
	require.Equal(t, report.Error.Message, plan.Error.Message)
	require.Equal(t, report.Error.Next, plan.Error.Next)

	b.endpointQuota = 2
	first, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	b.datasetQuota = len(b.service.Objects("dataset"))
	second, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err, "all is full, and nothing but a version is to be created")
	require.NotEqual(t, first.Version.ID, second.Version.ID)
	plan, _, err = check[lifecycle.Plan](b, workflows.TypePlan, b.request(gated(b, nil)))
	require.NoError(t, err)
	require.Nil(t, plan.Error)
}

// Data that is no dataset yet is counted, in a retrain and in a test of a version; what is there is not.
func TestNoRoomForDatasetsIsSaidBeforeTheImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(nil)
	require.NoError(t, err)
	before := b.posted()
	b.datasetQuota = len(b.service.Objects("dataset")) + 1
	refused := func(report lifecycle.Report, err error) {
		t.Helper()
		require.Error(t, err)
		require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
		require.Contains(t, report.Error.Message, "2 datasets would have to be created (text, desk calls), and the Speech resource has at least 1 of the 2 datasets")
		require.Contains(t, *report.Error.Next, "SPEECH_DATASET_QUOTA")
		require.Equal(t, before, b.posted(), "nothing was created")
	}
	refused(b.again().retrain(gated(b, nil)))
	test := b.again()
	test.SetStartWorkflowOptions(startOptions("evaluate/desk"))
	test.ExecuteWorkflow(workflows.TypeEvaluate, map[string]any{"request": b.request(gated(b, nil)), "versionId": first.Version.ID})
	refused(test.result())

	b.datasetQuota++
	_, err = b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	byHand, _, err := b.client().CreateDataset(t.Context(),
		speech.NewDataset{DisplayName: "by hand", Locale: "en-US", Kind: "Language", ContentURL: b.url + "/files/text.txt"})
	require.NoError(t, err)
	b.datasetQuota = len(b.service.Objects("dataset"))
	_, err = b.again().retrain(func(r map[string]any) { r["training"] = []any{map[string]any{"dataset": byHand.ID()}} })
	require.NoError(t, err, "what the request names by its ID is there")
}
