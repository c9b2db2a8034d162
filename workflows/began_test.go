package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/activities"
)

// Every activity is told when its run began, so that the oldest run goes first.
func TestActivitiesKnowWhenTheirRunBegan(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]func(*bundle) any{
		"Retrain": func(b *bundle) any { return b.request(nil) },
		"Plan":    func(b *bundle) any { return b.request(nil) },
		"Sweep":   func(*bundle) any { return map[string]string{"name": "desk", "locale": "en-US"} },
		"Observe": func(*bundle) any { return map[string][]string{"names": {"desk"}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			began := b.Now().Add(-90 * time.Minute)
			b.SetStartTime(began)
			told := 0
			b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, args converter.EncodedValues) {
				var s activities.Scope
				require.NoError(t, args.Get(&s))
				require.WithinDuration(t, began, s.Began, time.Second, info.ActivityID)
				told++
			})
			b.SetStartWorkflowOptions(startOptions("retrain/desk"))
			b.ExecuteWorkflow(name, input(b))
			require.Positive(t, told)
		})
	}
}
