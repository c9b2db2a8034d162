package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
)

// Nothing waits on the way to the training: no timer of the workflow, and no activity for what lists may lag behind, which
// is an hour here. What waits for that does it beside the training.
func TestNothingPausesBeforeTheTraining(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.listLag = time.Hour
	b = b.again()
	var timers []time.Duration
	var before []string
	trains, beside := false, false
	b.SetOnTimerScheduledListener(func(_ string, d time.Duration) {
		if !trains {
			timers = append(timers, d)
		}
	})
	b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		switch info.ActivityID {
		case "create-version":
			trains = true
		case "settle-project":
			beside = true
		case "await-training":
			b.CancelWorkflow()
		}
		if !trains {
			before = append(before, info.ActivityID)
		}
	})
	_, err := b.retrain(gated(b, func(r map[string]any) { r["project"] = "Wind service desk" }))
	require.Error(t, err, "it was canceled")
	require.True(t, trains, "it came as far as %v", before)
	require.True(t, beside, "the project is settled beside the training")
	require.Empty(t, timers)
	require.Contains(t, before, "ensure-project")
	require.Contains(t, before, "ensure-datasets")
}
