package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// waiting is how many runs wait for their training while the workers are exchanged.
const waiting = 50

// waits are the waits of all runs for their training, as Temporal shows them.
func (b *bench) waits(ctx context.Context) ([]*workflow.PendingActivityInfo, error) {
	var all []*workflow.PendingActivityInfo
	for n := range waiting {
		d, err := describe(ctx, shared.client, fmt.Sprintf("retrain/%s-%d", b.name, n), "")
		if err != nil {
			return nil, err
		}
		for _, a := range d.GetPendingActivities() {
			if a.GetActivityId() == "await-training" && a.GetLastStartedTime() != nil {
				all = append(all, a)
			}
		}
	}
	return all, nil
}

// awaitWaits waits until every run waits, on its given attempt at least.
func (b *bench) awaitWaits(attempt int32) []*workflow.PendingActivityInfo {
	b.Helper()
	var all []*workflow.PendingActivityInfo
	b.await(fmt.Sprintf("%d waits on attempt %d", waiting, attempt), func(ctx context.Context) error {
		found, err := b.waits(ctx)
		if err != nil {
			return err
		}
		ready := 0
		for _, a := range found {
			if a.GetAttempt() >= attempt && a.GetState().String() == "Started" {
				ready++
			}
		}
		all = found
		return unless(ready == waiting, "%d of %d", ready, len(found))
	})
	return all
}

// Workers are exchanged one after the other under 50 waiting runs: no wait runs into its heartbeat time-out, nothing
// is created again, and each wait goes on elsewhere within a second.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	require.NoError(t, b.emulator.Plan(t.Context(), stack.Outcome{Kind: "training", Hang: true, Count: waiting}))
	old := []*stack.Worker{b.worker("SPEECH_QUOTA_SHARE=1/2"), b.worker("SPEECH_QUOTA_SHARE=1/2")}
	var runs []client.WorkflowRun
	for n := range waiting {
		name := fmt.Sprintf("%s-%d", b.name, n)
		run, err := shared.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "retrain/" + name, TaskQueue: b.queue},
			workflows.TypeRetrain, b.small().with(request{"name": name}))
		require.NoError(t, err)
		runs = append(runs, run)
	}
	b.awaitWaits(1)
	creates := b.requests("Models_Create")
	require.Equal(t, waiting, creates)

	// Each stop moves the waits of one worker; two stops move all at least once.
	for _, w := range old {
		b.worker("SPEECH_QUOTA_SHARE=1/2")
		require.NoError(t, w.Stop(20*time.Second))
	}
	moved := b.awaitWaits(2)
	var gaps []time.Duration
	for _, a := range moved {
		require.Nil(t, a.GetLastFailure().GetTimeoutFailureInfo(), "a heartbeat time-out")
		require.LessOrEqual(t, a.GetAttempt(), int32(6), "%s", a.GetLastFailure().GetMessage())
		// A wait that has moved may be sent away by the limiter once more before it looks.
		if a.GetLastFailure().GetApplicationFailureInfo().GetType() == "HandedOver" {
			gaps = append(gaps, a.GetLastStartedTime().AsTime().Sub(a.GetLastAttemptCompleteTime().AsTime()))
		}
	}
	require.Greater(t, len(gaps), waiting/2)
	slices.Sort(gaps)
	t.Logf("%d waits handed over; hand-over: median %s, longest %s",
		len(gaps), gaps[len(gaps)/2].Round(time.Millisecond), gaps[len(gaps)-1].Round(time.Millisecond))
	require.Equal(t, creates, b.requests("Models_Create"))
	b.count(stack.Models, waiting)

	// They would all end well, at eight requests a second: three show it.
	all, err := b.emulator.Objects(t.Context(), stack.Models)
	require.NoError(t, err)
	ends := map[string]string{}
	for _, m := range all {
		ends[m.CustomProperties["sr.model"]] = m.ID
	}
	for n, run := range runs {
		if n < 3 {
			b.finish(ends[fmt.Sprintf("%s-%d", b.name, n)])
			require.NoError(t, run.Get(t.Context(), nil))
			continue
		}
		require.NoError(t, shared.client.TerminateWorkflow(t.Context(), run.GetID(), run.GetRunID(), "the test has seen enough"))
	}
	b.count(stack.Models, waiting)
}

// requests counts the requests of one operation of the service.
func (b *bench) requests(operation string) int {
	b.Helper()
	log, err := b.emulator.Requests(b.Context(), 0)
	require.NoError(b, err)
	n := 0
	for _, e := range log {
		if e.Operation == operation {
			n++
		}
	}
	return n
}
