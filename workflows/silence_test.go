package workflows_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// fired is one firing of a model's schedule: what it is handed of the one before, and what came of it.
type fired struct {
	at        time.Time
	lastError error
	last      *lifecycle.RenewReport
	// took is how long the check went on by Temporal's clock.
	took time.Duration
	ran  []string
	// prepare changes the environment of the check; nil when nothing does.
	prepare func(*bundle)
}

// fire runs a check as a schedule does, and keeps what the next one is handed.
func (b *bundle) fire(f *fired, input json.RawMessage) (lifecycle.RenewReport, error) {
	b.t.Helper()
	next := b.again()
	if !f.at.IsZero() {
		next.SetStartTime(f.at)
	}
	if f.lastError != nil {
		next.SetLastError(f.lastError)
	}
	if f.last != nil {
		next.SetLastCompletionResult(f.last)
	}
	if f.prepare != nil {
		f.prepare(next)
	}
	ids := next.started()
	next.SetStartWorkflowOptions(startOptions("check/desk"))
	began := next.Now()
	next.ExecuteWorkflow(workflows.TypeRenew, input)
	require.True(b.t, next.IsWorkflowCompleted())
	f.took, f.ran = next.Now().Sub(began), *ids
	var report lifecycle.RenewReport
	if err := next.GetWorkflowError(); err != nil {
		var failure *temporal.ApplicationError
		require.ErrorAs(b.t, err, &failure)
		f.lastError = failure
		return report, failure
	}
	require.NoError(b.t, next.GetWorkflowResult(&report))
	f.lastError, f.last = nil, &report
	return report, nil
}

// refuse lets the service refuse the key.
func (b *bundle) refuse(status int) {
	b.t.Helper()
	_, err := b.service.InjectFault(emulator.Fault{Kind: emulator.FaultStatus, Status: status, Count: -1, Code: "401", Message: "Access denied."})
	require.NoError(b.t, err)
}

// A check that cannot look says so, once for a cause and day, and what it said is remembered by the next one only.
func TestAFailingCheckTells(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, err := b.retrain(nil)
	require.NoError(t, err)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	input := b.request(hooked)
	f := &fired{at: time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)}
	good, err := b.fire(f, input)
	require.NoError(t, err)
	require.Equal(t, made.Version.ExpiresAt.UTC(), good.ExpiresAt.UTC())

	b.refuse(http.StatusUnauthorized)
	_, err = b.fire(f, input)
	require.Error(t, err)
	require.Len(t, heard(), 1)
	said := heard()[0]
	require.Equal(t, lifecycle.EventFailed, said.Event)
	require.Equal(t, "desk", said.Model)
	for _, part := range []string{
		"desk: the check failed: ", "401 Unauthorized", "nobody sees its expiry, its endpoint and its data, and nothing renews it",
		"lives until " + made.Version.ExpiresAt.Format(time.DateOnly) + "; from then on it recognises no speech",
	} {
		require.Contains(t, said.Summary, part)
	}
	require.Equal(t, "check the worker's SPEECH_KEY (or SPEECH_KEY_FILE) and that it belongs to the resource in SPEECH_ENDPOINT, restart the worker; "+
		"then check again: starter trigger desk", *said.Next)

	f.at = f.at.Add(6 * time.Hour)
	_, err = b.fire(f, input)
	require.Error(t, err)
	require.Len(t, heard(), 1, "the same cause on the same day")

	b.service.ClearFaults(0)
	b.refuse(http.StatusServiceUnavailable)
	_, err = b.fire(f, input)
	require.Error(t, err)
	require.Len(t, heard(), 2, "another cause on that day")
	b.service.ClearFaults(0)
	b.refuse(http.StatusUnauthorized)
	_, err = b.fire(f, input)
	require.Error(t, err)
	require.Len(t, heard(), 2, "the first cause was told that day")

	byHand := &fired{at: f.at}
	_, err = b.fire(byHand, input)
	require.Error(t, err)
	require.Len(t, heard(), 3, "a check started by hand remembers nothing")
	require.Contains(t, heard()[2].Summary, "until when what was last seen to serve lives is not known")

	f.at = f.at.Add(aDay)
	_, err = b.fire(f, input)
	require.Error(t, err)
	require.Len(t, heard(), 4, "the next day")
	require.Contains(t, heard()[3].Summary, "no check has succeeded since 2026-12-01 03:00 UTC")
	require.Contains(t, heard()[3].Summary, "lives until "+made.Version.ExpiresAt.Format(time.DateOnly), "remembered from failure to failure")

	b.service.ClearFaults(0)
	_, err = b.fire(f, input)
	require.NoError(t, err)
	b.refuse(http.StatusUnauthorized)
	_, err = b.fire(f, input)
	require.Error(t, err)
	require.Len(t, heard(), 5, "a success lies between")
}

// What nobody heard is told by the next check: nobody listened, or the web hook took it not.
func TestAFailingCheckTellsUntilItIsHeard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.refuse(http.StatusUnauthorized)
	f := &fired{}
	_, err := b.fire(f, b.request(nil))
	require.Error(t, err)
	require.Equal(t, []string{"observe"}, f.ran)
	url, heard := receiver(t, http.StatusBadRequest)
	b.env = map[string]string{"OPS_HOOK": url}
	_, err = b.fire(f, b.request(hooked))
	require.Error(t, err)
	require.Empty(t, heard())
	_, err = b.fire(f, b.request(hooked))
	require.Error(t, err)
	require.Len(t, heard(), 1)
	_, err = b.fire(f, b.request(hooked))
	require.Error(t, err)
	require.Len(t, heard(), 1)
}

// A receiver that is away for minutes hears of it all the same: nothing waits for the check.
func TestAFailingCheckWaitsForItsReceiver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.refuse(http.StatusUnauthorized)
	url, heard := receiver(t, 503, 503, 503, 503, 503, 503, 503)
	b.env = map[string]string{"OPS_HOOK": url}
	_, err := b.fire(&fired{}, b.request(hooked))
	require.Error(t, err)
	require.Len(t, heard(), 1)
}

// A request that is refused tells its sound hooks, in a check as in a retrain.
func TestACheckOfARefusedRequestTells(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	_, err := b.fire(&fired{}, b.request(func(r map[string]any) { hooked(r); r["keep"] = -1 }))
	require.ErrorContains(t, err, "keep")
	require.Len(t, heard(), 1)
	require.Contains(t, heard()[0].Summary, "desk: the check failed: the request cannot be used: keep")
	require.Equal(t, "correct the request; then: starter apply --file FILE; then check again: starter trigger desk", *heard()[0].Next)
}

// A canceled check tells nobody.
func TestACanceledCheckIsNoFailure(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	next := b.again()
	next.OnActivityStarted("ObserveModel", next.CancelWorkflow)
	next.SetStartWorkflowOptions(startOptions("check/desk"))
	next.ExecuteWorkflow(workflows.TypeRenew, b.request(hooked))
	var canceled *temporal.CanceledError
	require.ErrorAs(t, next.GetWorkflowError(), &canceled)
	require.Empty(t, heard())
}

// All steps of a check share one time, so that it can still tell within its hour.
func TestTheStepsOfACheckShareTheirTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	long := b.request(func(r map[string]any) { hooked(r); r["limits"] = map[string]any{"unavailable": "12h"} })
	b.busy("Endpoints_List", "1200", 1) // the first look takes 20 minutes
	_, err := b.service.InjectFault(emulator.Fault{Operation: "Endpoints_List", Kind: emulator.FaultStatus, RetryAfter: "900", Skip: 1, Count: -1})
	require.NoError(t, err)
	f := &fired{}
	_, err = b.fire(f, long)
	require.ErrorContains(t, err, "the service asked to wait 15m (Retry-After: 900), which is longer than what is left of 40m (the time of a check)")
	require.Equal(t, []string{"observe", "observe", "observe-again", "observe-again", "notify-failed-1"}, f.ran, "the model is due, so it is looked at again")
	require.Less(t, f.took, 41*time.Minute)
	require.Len(t, heard(), 1)

	b.service.ClearFaults(0)
	b.busy("Endpoints_List", "3600", -1)
	_, err = b.fire(f, long)
	require.ErrorContains(t, err, "the service asked to wait 1h (Retry-After: 3600), which is longer than what is left of 40m (the time of a check)")
	require.Less(t, f.took, time.Minute)
	_, err = b.fire(f, b.request(hooked))
	require.ErrorContains(t, err, "which is longer than what is left of 2m (limits.unavailable)")
}
