package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// A quota that is used up by the service's own word, whatever the status: it ends the run with what to do, and the reset
// goes on.
func TestQuotaUsedUp(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 409, 429} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			b := setUp(t)
			b.worker()
			b.admin(http.MethodPatch, "settings", data{"datasetQuota": 1, "quotaStatus": status}, nil)
			b.fill()
			report, r := b.run(b.small())
			require.Equal(t, 1, r.code, r.stderr)
			b.overQuota(report, lifecycle.DatasetFailed)
			b.admin(http.MethodPatch, "settings", data{"datasetQuota": 2}, nil)
			b.finishedByReset(report)
		})
	}
	t.Run("endpoint", func(t *testing.T) {
		t.Parallel()
		b := setUp(t)
		b.worker()
		base, err := b.emulator.Release(t.Context(), stack.BaseModel{Locale: "en-US"})
		require.NoError(t, err)
		_, err = b.emulator.Create(t.Context(), "endpoints", data{
			"displayName": "other", "locale": "en-US", "model": data{"self": b.emulator.URL + "/speechtotext/models/base/" + base},
		})
		require.NoError(t, err)
		b.admin(http.MethodPatch, "settings", data{"endpointQuota": 1, "quotaStatus": 403}, nil)
		report, r := b.run(b.small().with(request{"deploy": data{"endpoint": b.name}, "untested": "promote"}))
		require.Equal(t, 1, r.code, r.stderr)
		b.overQuota(report, lifecycle.DeployFailed)
		b.state(report.Version.ID, lifecycle.StateFailed)
		b.admin(http.MethodPatch, "settings", data{"endpointQuota": 2}, nil)
		b.deployed(b.finishedByReset(report))
	})
}

// overQuota checks what a run says that a quota has ended.
func (b *bench) overQuota(r lifecycle.Report, class lifecycle.FailureClass) {
	b.Helper()
	require.Equal(b, lifecycle.Failed, r.Outcome)
	require.Equal(b, class, r.Error.Type, r.Error.Message)
	require.Equal(b, "QuotaViolation", *r.Error.Code)
	require.Contains(b, r.Error.Message, "which is the limit")
	require.NotContains(b, r.Error.Message+*r.Error.Next, "role")
	require.Contains(b, *r.Error.Next, "delete what is not needed")
}

// fill makes a dataset of somebody else.
func (b *bench) fill() {
	b.Helper()
	_, err := b.emulator.Create(b.Context(), "datasets", data{
		"displayName": "other", "locale": "en-US", "kind": "Language", "contentUrl": b.emulator.File("training/related-text.txt"),
	})
	require.NoError(b, err)
}
