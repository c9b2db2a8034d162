package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// Somebody sets the endpoint to a base model. The next check finds that nothing of the model serves, and the retrain that it
// starts knows why it was started: it asks a person, though its request asks nobody, and changes the endpoint on a yes.
func TestAnEndpointSetByHandIsAskedAbout(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	first := b.serve()
	base := b.emulator.Address("models/base/" + first.BaseModel.ID)
	b.byHand(http.MethodPatch, "endpoints/"+first.Endpoint.ID, data{"model": data{"self": base}})
	require.NoError(t, b.emulator.Advance(t.Context(), time.Hour))
	b.await("the change by hand", func(context.Context) error {
		now := b.serving(first.Endpoint.ID)
		return unless(now.Status == "Succeeded" && now.ModelID == first.BaseModel.ID, "%+v", now)
	})

	q := b.write(b.gated().with(request{"approval": data{"when": "never"}}))
	r := b.command(shared.binaries.Temporal, "workflow", "execute", "--type", "Renew", "--task-queue", b.queue, "--workflow-id", "check/"+b.name,
		"--input-file", q)
	require.Zero(t, r.code, r.stdout+r.stderr)
	require.Contains(t, r.stdout, "started")
	waiting := b.awaitApproval()
	b.note(waiting, "somebody has set the endpoint by hand")
	r = b.update("approve", data{"by": "ann", "reason": "ours again", "versionId": waiting.Version.ID})
	require.Zero(t, r.code, r.stdout+r.stderr)
	r = b.starter("watch", b.name, "--output", "json")
	report := b.report(r)
	b.deployed(report)
	require.Equal(t, first.Endpoint.ID, report.Endpoint.ID)
	require.True(t, report.Version.Taken, "nothing is trained while the version that served is there")
	require.Equal(t, first.Version.ID, report.Version.ID)
	b.state(first.Version.ID, lifecycle.StateChampion)
}
