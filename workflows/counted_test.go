package workflows_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/telemetry"
	"speech-retrainer/workflows"
)

// counting is a world whose runs are counted, and the page that shows it.
func (b *bundle) counting() (*bundle, func() string) {
	b.t.Helper()
	m, err := telemetry.NewMetrics(zap.NewNop())
	require.NoError(b.t, err)
	b.metrics = m.Handler()
	return b.again(), func() string {
		w := httptest.NewRecorder()
		m.Page().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
}

// What becomes of runs, and how long their stages take, is counted once; so is a message that does not arrive.
func TestRunsAreCounted(t *testing.T) {
	t.Parallel()
	b, page := setup(t).counting()
	url, _ := receiver(t, http.StatusNotFound) // this one is lost
	b.env = map[string]string{"OPS_HOOK": url}
	report, err := b.again().retrain(hooked)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	text := page()
	require.Contains(t, text, `retrainer_runs_total{failure="",outcome="succeeded",workflow_type="Retrain"} 1`)
	for _, stage := range report.Stages {
		require.Contains(t, text, `retrainer_stage_duration_seconds_count{stage="`+string(stage.Name)+`",workflow_type="Retrain"} 1`)
	}
	require.Contains(t, text, `retrainer_notification_attempts_total{event="promoted",format="json",result="refused"} 1`)
	require.Contains(t, text, `retrainer_notifications_lost_total{event="promoted"} 1`)
	require.Contains(t, text, `retrainer_notice_delay_seconds_count{activity="AwaitVersion"} 1`)
	require.Contains(t, text, `retrainer_bad_bases_stopped_total 0`)

	b.ofAnEarlierRun(report.Version.ID)
	require.NoError(t, b.service.SetTime(t.Context(), report.Version.ExpiresAt.Add(-80*aDay)))
	_, _, err = check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(func(r map[string]any) {
		hooked(r)
		r["renew"] = map[string]any{"onNewBaseModel": false}
	}))
	require.NoError(t, err)
	text = page()
	require.Contains(t, text, `retrainer_runs_total{failure="",outcome="current",workflow_type="Renew"} 1`)
	require.Contains(t, text, `retrainer_alarms_total{kind="expiring"} 1`)
	require.Contains(t, text, `retrainer_notification_attempts_total{event="expiring",format="json",result="sent"} 1`)

	_, _, err = check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(func(r map[string]any) { r["keep"] = -1 }))
	require.Error(t, err)
	require.Contains(t, page(), `retrainer_runs_total{failure="InvalidRequest",outcome="failed",workflow_type="Renew"} 1`)
}

// A version that is kept from serving because a new base model is worse is what all this is for.
func TestABadBaseThatIsStoppedIsCounted(t *testing.T) {
	t.Parallel()
	before, _ := championed(t)
	b, page := before.counting()
	same, err := b.again().retrain(gated(b, func(r map[string]any) {
		test(r)["maxWordErrorRate"] = 0.0001
		r["approval"] = map[string]any{"when": "never"}
		r["force"] = true
	}))
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, same.Outcome)
	require.Contains(t, page(), `retrainer_bad_bases_stopped_total 0`, "the base is the champion's")
	b.ofAnEarlierRun(same.Version.ID)
	worse, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Quality: lifecycle.Ptr(0.5)})
	require.NoError(t, err)
	rejected, err := b.again().retrain(gated(b, func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} }))
	require.NoError(t, err)
	require.Equal(t, worse, rejected.BaseModel.ID)
	require.Equal(t, lifecycle.Rejected, rejected.Outcome)
	require.Contains(t, page(), `retrainer_bad_bases_stopped_total 1`)
}
