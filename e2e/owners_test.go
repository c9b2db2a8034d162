package e2e

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// otherNamespace is a second installation's: its name is its owner too.
const otherNamespace = "other"

// installation is one of two on the same Speech resource.
type installation struct {
	*bench
	client client.Client
	owner  string
}

// do runs a workflow of the installation to its end.
func (i installation) do(kind, id string, input any, into any) error {
	i.Helper()
	raw, err := json.Marshal(input)
	require.NoError(i, err)
	run, err := i.client.ExecuteWorkflow(i.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: i.queue}, kind, json.RawMessage(raw))
	require.NoError(i, err)
	return run.Get(i.Context(), into)
}

func (i installation) retrain(q request) lifecycle.Report {
	i.Helper()
	var report lifecycle.Report
	if err := i.do(workflows.TypeRetrain, "retrain/"+i.name, q, &report); err != nil {
		return reportOf(i.bench, err)
	}
	return report
}

// things are the installation's objects of all kinds, by ID.
func (i installation) things() map[string]stack.Object {
	i.Helper()
	all, err := i.emulator.Objects(i.Context(), "")
	require.NoError(i, err)
	own := map[string]stack.Object{}
	for _, o := range all {
		if o.CustomProperties["sr.owner"] == i.owner {
			own[o.ID] = o
		}
	}
	return own
}

// Two installations retrain a model of the same name from the same data on one resource, side by side, then one of
// them retrains, sweeps and deletes: nothing of the other's is adopted, changed or deleted.
func TestTwoOwnersOnOneResource(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker("SPEECH_QUOTA_SHARE=1/2")
	b.worker("SPEECH_QUOTA_SHARE=1/2", "TEMPORAL_NAMESPACE="+otherNamespace)
	c, err := shared.server.Client(t.Context(), otherNamespace)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	ours := installation{b, shared.client, client.DefaultNamespace}
	theirs := installation{b, c, otherNamespace}

	q := b.gated().with(request{"project": "Wind service desk", "keep": 0})
	theirQ := q.with(request{"deploy": data{"endpoint": b.name + " of others"}})
	done := make(chan lifecycle.Report, 1)
	go func() { done <- theirs.retrain(theirQ) }()
	first := ours.retrain(q)
	their := <-done
	b.deployed(first)
	require.Equal(t, lifecycle.Succeeded, their.Outcome, "%+v", their.Error)
	require.NotEqual(t, first.Version.ID, their.Version.ID)
	for _, d := range first.Datasets {
		for _, o := range their.Datasets {
			require.NotEqual(t, d.ID, o.ID, "a dataset of another owner was adopted")
		}
	}

	before := theirs.things()
	require.GreaterOrEqual(t, len(before), 5, "a version, two datasets, an evaluation and an endpoint")
	for range 2 {
		b.deployed(ours.retrain(q))
		require.NoError(t, b.emulator.Advance(t.Context(), time.Minute))
	}
	require.NoError(t, ours.do(workflows.TypeSweep, "sweep/"+b.name, request{"name": b.name, "locale": "en-US"}, nil))
	require.Equal(t, before, theirs.things())

	refused := b.refused(ours.retrain(theirQ), lifecycle.InvalidRequest)
	require.Contains(t, refused.Message, otherNamespace, "whose it is")
	adopted := ours.do(workflows.TypeAdopt, "adopt/"+b.name, data{"name": b.name, "locale": "en-US", "versionId": their.Version.ID, "by": "ann"}, nil)
	b.refused(reportOf(b, adopted), lifecycle.InvalidRequest)
	require.Equal(t, before, theirs.things())
}

// A worker of another resource on the same task queue would look for a run's objects where they are not: the run ends
// with the name of both resources, and nothing is made on the wrong one.
func TestTwoResourcesOnOneQueue(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	right := b.worker()
	_, starter := b.hang(b.small())
	b.awaitActivity("retrain/"+b.name, "await-training")
	other, err := b.stack.StartEmulator(t.Context(), stack.EmulatorOptions{Binary: shared.binaries.Emulator, Files: b.dir})
	require.NoError(t, err)
	b.worker("SPEECH_ENDPOINT=" + other.URL)
	require.NoError(t, right.Stop(20*time.Second))
	r := starter.wait()
	require.Equal(t, 1, r.code, r.stderr)
	failure := b.refused(b.report(r), lifecycle.WrongResource)
	require.Contains(t, failure.Message, other.URL[len("http://"):])
	require.Contains(t, *failure.Next, "--task-queue")
	all, err := other.Objects(t.Context(), "")
	require.NoError(t, err)
	require.Empty(t, all)
}
