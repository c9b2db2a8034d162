package workflows_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// busy lets the service ask to be left alone for a while, as often as it says.
func (b *bundle) busy(operation string, seconds string, count int) {
	b.t.Helper()
	_, err := b.service.InjectFault(emulator.Fault{
		Operation: operation, Kind: emulator.FaultStatus,
		Status: http.StatusServiceUnavailable, RetryAfter: seconds, Count: count,
	})
	require.NoError(b.t, err)
}

// started collects the IDs of the activities that begin.
func (b *bundle) started() *[]string {
	ids := &[]string{}
	b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		*ids = append(*ids, info.ActivityID)
	})
	return ids
}

// What the service asks for is waited for, however short the limit is, and only beyond an hour in all it counts.
func TestAskedWaits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		operation, seconds string
		count              int
		lasts              time.Duration
		says               string
		// at is the type of the activity at whose beginning the service asks for it; empty = at once.
		at string
	}{
		"an hour":                {"Models_ListBaseModels", "3600", 1, time.Hour, "", ""},
		"three times 20 minutes": {"Models_ListBaseModels", "1200", 3, time.Hour, "", ""},
		"two hours": {
			"Models_ListBaseModels", "3600", -1, time.Hour,
			"Look at what the run needs, and clear away what earlier runs left: list base models: 503 Service Unavailable: " +
				"ServiceUnavailable: The service is not available.; the service asked " +
				"to wait 1h (Retry-After: 3600), which is longer than what is left of 2m (limits.unavailable), besides the 1h of waits that it was asked for", "",
		},
		"while data is looked up":  {"Datasets_List", "3600", 1, time.Hour, "", ""},
		"while it trains":          {"Models_ListCustomModels", "3600", 1, time.Hour, "", "AwaitVersion"},
		"so short that it fits in": {"Models_ListBaseModels", "3", 2, 6 * time.Second, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			began := b.Now()
			ids := b.started()
			if tt.at == "" {
				b.busy(tt.operation, tt.seconds, tt.count)
			} else {
				b.OnActivityStarted(tt.at, func() { b.busy(tt.operation, tt.seconds, tt.count) })
			}
			report, err := b.retrain(nil)
			require.GreaterOrEqual(t, b.Now().Sub(began), tt.lasts)
			if tt.says != "" {
				require.Error(t, err)
				require.Equal(t, lifecycle.Unavailable, report.Error.Type)
				require.Equal(t, tt.says, report.Error.Message)
				return
			}
			require.NoError(t, err)
			require.Equal(t, lifecycle.Succeeded, report.Outcome)
			require.Nil(t, report.WaitingFor)
			if tt.seconds == "3" {
				require.NotContains(t, *ids, "choose-base-again-1", "Temporal keeps it")
			}
		})
	}
}

// While the run waits as it was asked to, it says so.
func TestAnAskedWaitIsShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.busy("Models_ListBaseModels", "3600", 1)
	var seen lifecycle.Report
	b.RegisterDelayedCallback(func() {
		value, err := b.QueryWorkflow(workflows.QueryStatus)
		require.NoError(t, err)
		require.NoError(t, value.Get(&seen))
	}, 30*time.Minute)
	_, err := b.retrain(nil)
	require.NoError(t, err)
	require.Equal(t, lifecycle.WaitsForService, seen.WaitingFor.Kind)
	require.Equal(t, time.Hour, seen.WaitingFor.Deadline.Sub(seen.WaitingFor.Since))
}

// A deployment that the service puts off for longer than limits.deploy leaves is waited for, unless the run is canceled.
func TestAskedWaitsOfADeployment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.busy("Endpoints_Get", "3600", 1)
	report, err := b.retrain(gated(b, func(r map[string]any) { r["limits"] = map[string]any{"deploy": "10m"} }))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)

	b, _ = championed(t)
	next := b.again()
	began := next.Now()
	next.OnActivityStarted("AwaitDeployed", func() {
		b.busy("Endpoints_Get", "3600", -1)
		next.RegisterDelayedCallback(next.CancelWorkflow, 5*time.Minute)
	})
	report, err = next.retrain(gated(b, func(r map[string]any) { r["limits"] = map[string]any{"deploy": "10m", "unavailable": "2m"} }))
	require.Error(t, err)
	require.Equal(t, lifecycle.Canceled, report.Outcome)
	require.Less(t, next.Now().Sub(began), 30*time.Minute, "a canceled run waits for limits.deploy, not for an hour")
}

// The create that an asked wait has ended may have been done all the same: what runs once more looks twice.
func TestACreateThatWaitedIsALaterAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t, func(s *emulator.Settings, _ *speech.Config) { s.ListLag = emulator.Duration(300 * time.Millisecond) })
	b.listLag = 600 * time.Millisecond
	b = b.again()
	_, err := b.service.InjectFault(emulator.Fault{Operation: "Models_Create", Kind: emulator.FaultStatusAfter, Status: 503, RetryAfter: "3600"})
	require.NoError(t, err)
	report, err := b.retrain(nil)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	require.Equal(t, 1, b.sent(http.MethodPost, "/models"))
}
