package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// awaitPaused waits until a step is paused on its worker too.
func (b *bench) awaitPaused(step string) {
	b.Helper()
	b.await(step+" paused", func(ctx context.Context) error {
		d, err := describe(ctx, shared.client, "retrain/"+b.name, "")
		if err != nil {
			return err
		}
		for _, a := range d.GetPendingActivities() {
			if a.GetActivityId() == step {
				return unless(a.GetState() == enumspb.PENDING_ACTIVITY_STATE_PAUSED, "it is %s", a.GetState())
			}
		}
		return unless(false, "not pending")
	})
}

// awaitAttempt waits for an attempt at a step.
func (b *bench) awaitAttempt(step string, attempt int32) {
	b.Helper()
	b.await("another attempt at "+step, func(ctx context.Context) error {
		d, err := describe(ctx, shared.client, "retrain/"+b.name, "")
		if err != nil {
			return err
		}
		for _, a := range d.GetPendingActivities() {
			if a.GetActivityId() == step && a.GetAttempt() >= attempt && a.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED {
				return nil
			}
		}
		return unless(false, "%v", d.GetPendingActivities())
	})
}

// A wait that an operator pauses asks nothing of the service meanwhile, and goes on at once when it is unpaused.
// A reset goes on too.
func TestPauseWhileTraining(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	id, starter := b.hang(b.small())
	b.awaitActivity("retrain/"+b.name, "await-training")
	b.activity("reset", "await-training")
	b.awaitAttempt("await-training", 2)
	b.activity("pause", "await-training")
	b.awaitPaused("await-training")
	trouble := b.awaitTrouble(lifecycle.Paused, "await-training")
	require.Contains(t, trouble.Message, "is paused by temporal-cli:")
	require.Contains(t, *trouble.Next, "temporal activity unpause --workflow-id retrain/"+b.name+" --activity-id await-training")
	words := b.starter("status", b.name, "--task-queue", b.queue)
	require.Equal(t, exit.Needed, words.code, words.stderr)
	require.Contains(t, words.stdout, "TROUBLE await-training is paused by temporal-cli:")
	b.readable(words.stdout)

	b.activity("unpause", "await-training")
	b.awaitActivity("retrain/"+b.name, "await-training")
	b.calm()
	b.activity("pause", "await-training")
	b.awaitPaused("await-training")
	b.activity("reset", "await-training")
	b.awaitActivity("retrain/"+b.name, "await-training")
	b.calm()
	unpaused := time.Now()
	b.finish(id)
	report := b.report(starter.wait())
	b.succeeded(report)
	require.Less(t, time.Since(unpaused), 40*time.Second)
	require.Equal(t, id, report.Version.ID)
	b.count(stack.Models, 1)
}

// A create that is paused between two attempts, after an answer was lost, makes no twin when it goes on, even
// when its attempts are counted anew.
func TestPauseBetweenAttempts(t *testing.T) {
	t.Parallel()
	for name, more := range map[string][]string{"unpause": {"unpause"}, "attempts anew": {"unpause", "--reset-attempts"}, "reset": {"reset"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t)
			b.admin(http.MethodPatch, "settings", data{"listLag": "25s"}, nil)
			b.worker("SPEECH_LIST_LAG=26s")
			b.loseCreate()
			begun := time.Now()
			starter := b.background(shared.binaries.Starter, "run", "-f", b.write(b.small()), "--task-queue", b.queue, "--output", "json")
			b.awaitRun()
			b.awaitTrouble(lifecycle.Retrying, "create-version")
			b.activity("pause", "create-version")
			b.awaitPaused("create-version")
			b.awaitTrouble(lifecycle.Paused, "create-version")
			b.await("a person's time", func(context.Context) error { return unless(time.Since(begun) > 4*time.Second, "too early") })
			b.back()
			b.activity(more[0], "create-version", more[1:]...)
			report := b.report(starter.wait())
			b.succeeded(report)
			b.count(stack.Models, 1)
		})
	}
}
