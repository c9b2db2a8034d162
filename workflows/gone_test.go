package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// Each object that the run makes answers 404 at first, for less than lists may lag behind: nothing is taken for deleted,
// and nothing is made twice.
func TestANewObjectThatCannotBeReadYet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.listLag = 500 * time.Millisecond
	for _, operation := range []string{"Models_GetCustomModel", "Evaluations_Get", "Endpoints_Get"} {
		_, err := b.service.InjectFault(emulator.Fault{Kind: emulator.FaultStatus, Operation: operation, Status: 404, Code: "NotFound"})
		require.NoError(t, err)
	}
	report, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	require.Equal(t, report.Version.ID, b.serving())
	unknown := map[string]bool{}
	for _, e := range b.service.Requests() {
		if e.Status == 404 {
			unknown[e.Operation] = true
		}
	}
	require.Equal(t, map[string]bool{"Endpoints_Get": true}, unknown, "versions and tests of its own are known from their creation on, and not asked for")
	require.Len(t, b.models(), 1)
	for _, kind := range []string{"dataset", "evaluation", "endpoint"} {
		seen := map[string]bool{}
		for _, o := range b.service.Objects(kind) {
			require.False(t, seen[o.DisplayName], o.DisplayName)
			seen[o.DisplayName] = true
		}
	}
}

// Somebody deletes the run's version. The run says how it goes on by itself after a reset, which trains the version anew
// and measures it anew: nothing of the one before stands in its way.
func TestADeletedVersionIsMadeAgainByAReset(t *testing.T) {
	t.Parallel()
	for name, activity := range map[string]string{"in its training": "AwaitVersion", "before its deployment": "MarkVersion"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.snapshotAge = time.Nanosecond // a wait hears of the deletion at its next look, not within 15 minutes
			b = b.again()
			deleted := ""
			b.OnActivityStarted(activity, func() {
				deleted = b.models()[0].ID()
				require.NoError(t, b.service.Remove(deleted))
			})
			report, err := b.retrain(gated(b, nil))
			require.Error(t, err)
			require.Equal(t, lifecycle.TrainingFailed, report.Error.Type, report.Error.Message)
			require.Equal(t, "NotFound", *report.Error.Code)
			require.Contains(t, report.Error.Message, "was deleted: the service has not known it for 50ms")
			require.Equal(t, "find out who deletes objects of this resource by hand (the version has to be trained, and paid for, once more); then "+
				"let the same run go on: "+
				"temporal workflow reset --workflow-id retrain/desk --type FirstWorkflowTask --reason repaired", *report.Error.Next)

			again, err := b.again().retrain(gated(b, nil))
			require.NoError(t, err)
			require.NotEqual(t, deleted, again.Version.ID)
			require.Equal(t, again.Version.ID, b.serving())
			require.Equal(t, lifecycle.Pass, again.Verdict.Result, again.Verdict.Reason)
			require.Len(t, b.models(), 1)
		})
	}
}
