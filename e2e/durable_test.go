package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// hang starts a run whose training hangs until the test finishes it, and returns the version's ID and the
// starter that follows it.
func (b *bench) hang(q request) (id string, starter *running) {
	b.Helper()
	require.NoError(b, b.emulator.Plan(b.Context(), stack.Outcome{Kind: "training", Hang: true}))
	starter = b.background(shared.binaries.Starter, "run", "-f", b.write(q), "--task-queue", b.queue, "--output", "json")
	b.await("a training", func(ctx context.Context) error {
		all, err := b.emulator.Objects(ctx, stack.Models)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.Status == "Running" {
				id = m.ID
				return nil
			}
		}
		return unless(false, "none of %d models is Running", len(all))
	})
	return id, starter
}

// finish ends a training that hangs.
func (b *bench) finish(id string) {
	b.Helper()
	require.NoError(b, b.emulator.Finish(b.Context(), id))
}

// A worker that dies takes nothing with it: another goes on with the same training.
func TestWorkerKilledWhileTraining(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	first := b.worker(shipped)
	id, starter := b.hang(b.small())
	first.Kill()
	b.worker(shipped)
	b.finish(id)
	r := starter.wait()
	require.Zero(t, r.code, r.stderr)
	report := b.report(r)
	b.succeeded(report)
	require.Equal(t, id, report.Version.ID)
	b.count(stack.Models, 1)
}

// A worker that is told to stop hands its wait over: the next goes on at once, not after the 60 s in which
// a dead worker is missed.
func TestWorkerStoppedWhileTraining(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	first := b.worker(shipped)
	id, starter := b.hang(b.small())
	b.awaitActivity("retrain/"+b.name, "await-training")
	b.worker(shipped)
	require.NoError(t, first.Stop(20*time.Second))
	require.Zero(t, first.ExitCode(), first.Tail(5))
	stopped := time.Now()
	b.finish(id)
	r := starter.wait()
	require.Zero(t, r.code, r.stderr)
	require.Less(t, time.Since(stopped), 30*time.Second)
	report := b.report(r)
	b.succeeded(report)
	require.Equal(t, id, report.Version.ID)
	b.count(stack.Models, 1)
}

// awaitActivity waits until an activity of a run has been started on a worker.
func (b *bench) awaitActivity(workflowID, activityID string) {
	b.Helper()
	b.await(activityID, func(ctx context.Context) error {
		d, err := describe(ctx, b.client, workflowID, "")
		if err != nil {
			return err
		}
		for _, a := range d.GetPendingActivities() {
			if a.GetActivityId() == activityID {
				return unless(a.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED, "it is %s", a.GetState())
			}
		}
		return unless(false, "not pending")
	})
}

// The answer to the create is lost after the service acted on it: the run finds its version and makes no other.
func TestLostAnswerLeavesNoTwin(t *testing.T) {
	t.Parallel()
	for _, name := range []string{stack.Plain, stack.Awkward} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, profile(name))
			b.worker(shipped)
			require.NoError(t, b.emulator.Inject(t.Context(), stack.Fault{Kind: "dropAfter", Operation: "Models_Create"}))
			report, r := b.run(b.small())
			require.Zero(t, r.code, r.stderr)
			b.succeeded(report)
			b.count(stack.Models, 1)
		})
	}
}

// One run at a time: the second is skipped with the first one's run ID, whoever asks.
func TestRunWhileOneRuns(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker(shipped)
	id, starter := b.hang(b.small())
	second, r := b.run(b.small())
	require.Zero(t, r.code, r.stderr)
	require.Equal(t, lifecycle.Skipped, second.Outcome)
	b.finish(id)
	report := b.report(starter.wait())
	b.succeeded(report)
	require.Equal(t, id, report.Version.ID)
	require.Equal(t, *report.RunID, *second.RunID)
	b.count(stack.Models, 1)
}

// The service cannot stop a training, so the run ends without it and a sweep removes what it leaves.
func TestCancelWhileTraining(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker(shipped)
	id, starter := b.hang(b.small())
	asked := time.Now()
	r := b.starter("cancel", b.name, "--output", "json")
	require.Zero(t, r.code, r.stderr)
	require.Less(t, time.Since(asked), time.Minute)
	require.Equal(t, lifecycle.Canceled, b.report(r).Outcome)

	run := starter.wait()
	require.Equal(t, 1, run.code, run.stderr)
	report := b.report(run)
	require.Equal(t, lifecycle.Canceled, report.Outcome)
	require.Equal(t, id, report.Version.ID)
	require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED, b.closed("retrain/"+b.name))

	require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, b.closed("sweep/"+b.name))
	b.await("the mark of the sweep", func(ctx context.Context) error {
		all, err := b.emulator.Objects(ctx, stack.Models)
		if err != nil {
			return err
		}
		return unless(len(all) == 1 && all[0].CustomProperties["sr.state"] == "abandoned", "%v", all)
	})
	b.finish(id)
	b.await("the end of the version", func(ctx context.Context) error {
		all, err := b.emulator.Objects(ctx, stack.Models)
		if err != nil {
			return err
		}
		return unless(len(all) == 0, "%v", all)
	})

	nothing := b.starter("cancel", b.name)
	require.Equal(t, 1, nothing.code, "nothing runs any more")
}

// Ctrl-C in starter leaves the run alone.
func TestStarterInterrupted(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker(shipped)
	id, starter := b.hang(b.small())
	starter.interrupt()
	r := starter.wait()
	require.Equal(t, 130, r.code, r.stderr)
	require.Equal(t, lifecycle.Running, b.report(r).Outcome)
	b.finish(id)
	watched := b.starter("watch", b.name, "--output", "json")
	require.Zero(t, watched.code, watched.stderr)
	b.succeeded(b.report(watched))
}

// A detached run is started and left; its report comes when it is watched.
func TestDetached(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker(shipped)
	r := b.starter("run", "-f", b.write(b.small()), "--task-queue", b.queue, "--detach", "--output", "json")
	require.Zero(t, r.code, r.stderr)
	started := b.report(r)
	require.Equal(t, lifecycle.Running, started.Outcome)
	watched := b.starter("watch", b.name, "--output", "json")
	require.Zero(t, watched.code, watched.stderr)
	report := b.report(watched)
	b.succeeded(report)
	require.Equal(t, *started.RunID, *report.RunID)
}
