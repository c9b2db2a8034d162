package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// ends is an activity that ends with an error.
type ends struct {
	interceptor.ActivityInboundInterceptorBase
	err error
}

func (e *ends) ExecuteActivity(context.Context, *interceptor.ExecuteActivityInput) (any, error) {
	return nil, e.err
}

// What an operator does to a step is no failure of it; anything else stays what it is.
func TestInterruption(t *testing.T) {
	t.Parallel()
	aborted := fmt.Errorf("get model: %w", context.Canceled)
	refused := temporal.NewNonRetryableApplicationError("refused", "InvalidRequest", nil)
	for _, tc := range []struct {
		name       string
		cause, err error
		handedOver bool
	}{
		{name: "paused", cause: activity.ErrActivityPaused, err: aborted, handedOver: true},
		{name: "reset", cause: activity.ErrActivityReset, err: context.Canceled, handedOver: true},
		{name: "the run is canceled", cause: temporal.NewCanceledError(), err: aborted},
		{name: "paused, but refused before", cause: activity.ErrActivityPaused, err: refused},
		{name: "nothing", err: errors.New("boom")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			if tc.cause != nil {
				cancel(tc.cause)
			}
			defer cancel(nil)
			_, err := (&activities.Interceptor{}).InterceptActivity(ctx, &ends{err: tc.err}).ExecuteActivity(ctx, nil)
			var application *temporal.ApplicationError
			if !tc.handedOver {
				require.Equal(t, tc.err, err)
				return
			}
			require.ErrorAs(t, err, &application)
			require.Equal(t, activities.HandedOver, application.Type())
			require.False(t, application.NonRetryable())
			require.Equal(t, temporal.ApplicationErrorCategoryBenign, application.Category())
		})
	}
}

func TestRepaired(t *testing.T) {
	t.Parallel()
	quota := lifecycle.Failure{Type: lifecycle.DatasetFailed, Code: lifecycle.Ptr("QuotaViolation"), Next: lifecycle.Ptr("make room, then start the run again")}
	require.True(t, activities.Repairable(quota))
	require.Equal(t, "make room; then let the same run go on: temporal workflow reset", activities.Repaired(quota, "temporal workflow reset"))
	require.True(t, activities.Repairable(lifecycle.Failure{Type: lifecycle.Unauthorized}))
	require.False(t, activities.Repairable(lifecycle.Failure{Type: lifecycle.TrainingFailed, Code: lifecycle.Ptr("InvalidDataset")}))
	require.False(t, activities.Repairable(lifecycle.Failure{Type: lifecycle.TimedOut}))
	quota.Ended = true
	require.False(t, activities.Repairable(quota), "what has ended stays as it is")
}
