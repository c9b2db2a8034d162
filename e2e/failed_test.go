package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
)

// A check ends well and starts a retrain that fails before it has a version: nothing of it is on the service, and status tells it all
// the same, with the reason and exit code 6, until the next retrain succeeds.
func TestStatusTellsOfAFailedRetrain(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	none := b.member("new", "20d").with(request{"baseModel": data{"choose": "latest", "minAge": "36500d"}})
	b.apply(b.crew("24h", none))
	name := b.name + "-new"
	status := func(want string) (result, overview.Row) {
		var r result
		var rows []overview.Row
		b.await("status of a retrain that "+want, func(context.Context) error {
			r = b.starter("status", name, "--output", "json")
			require.NoError(b, json.Unmarshal([]byte(r.stdout), &rows), r.stderr)
			got := "nothing"
			if rows[0].LastOutcome != nil {
				got = *rows[0].LastOutcome
			}
			return unless(got == want && rows[0].RetrainRunID == nil, "it has %s", got)
		})
		return r, rows[0]
	}

	// Each question of a person costs a look at the service here: nobody asks while the retrain goes on.
	ended := func() error { return b.client.GetWorkflow(b.Context(), "retrain/"+name, "").Get(b.Context(), nil) }
	require.Equal(b, "started", b.check("new").Outcome)
	require.Error(b, ended())
	r, row := status("failed")
	require.Equal(b, exit.Needed, r.code, r.stderr)
	require.Len(b, row.Needs, 2)
	require.Equal(b, lifecycle.NeedStuck, row.Needs[0].Kind, "the check has found that nothing can be trained from")
	failed := row.Needs[1]
	require.Equal(b, lifecycle.NeedFailed, failed.Kind)
	require.Contains(b, failed.Message, "the last retrain failed, on ")
	require.Contains(b, failed.Message, "NoUsableBaseModel, ")
	require.NotEmpty(b, failed.Next)
	require.Equal(b, *row.LastRunID, *b.report(b.starter("report", name, "--output", "json")).RunID)
	r = b.starter("status", name)
	require.Equal(b, exit.Needed, r.code)
	b.readable(r.stdout)
	require.Contains(b, strings.Join(strings.Fields(r.stdout), " "), "SOON the last retrain failed")

	b.apply(b.crew("24h", b.member("new", "20d")))
	require.Equal(b, "started", b.check("new").Outcome)
	require.NoError(b, ended())
	b.championed("new", 1)
	r, row = status("succeeded")
	require.Equal(b, exit.Done, r.code, r.stdout)
	require.Empty(b, row.Needs)
}
