package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// Each new object answers 404 for a while, less than SPEECH_LIST_LAG: the run waits for it, and makes nothing twice.
func TestNewObjectsAreNotFoundForAWhile(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	b.admin(http.MethodPatch, "settings", data{"readLag": "4s"}, nil)
	report, r := b.run(b.small().with(request{"deploy": data{"endpoint": b.name}, "untested": "promote"}))
	require.Equal(t, 0, r.code, r.stderr)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	b.deployed(report)
}
