package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// The service goes away while a training is waited for: everything shows it, and the run goes on by itself.
func TestServiceAwayWhileTraining(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	id, starter := b.hang(b.small())
	b.awaitActivity("retrain/"+b.name, "await-training")
	watched := b.background(shared.binaries.Starter, "watch", b.name)
	b.away()
	trouble := b.awaitTrouble(lifecycle.Retrying, "await-training")
	require.Contains(t, trouble.Message, "list models")
	require.Contains(t, trouble.Message, "no answer from")
	require.Equal(t, lifecycle.Unavailable, *trouble.Type)
	require.Contains(t, *trouble.Next, "SPEECH_ENDPOINT")
	require.NotContains(t, *trouble.Next, "start the run again")
	require.NotNil(t, trouble.GivesUpAt)

	// What the web UI shows too.
	require.Contains(t, b.temporal("workflow", "describe", "--workflow-id", "retrain/"+b.name), "no answer from")
	require.Contains(t, b.temporal("workflow", "metadata", "--workflow-id", "retrain/"+b.name), "**Waiting** for model `"+id)

	begun := time.Now()
	row, r := b.statusRow()
	require.Less(t, time.Since(begun), time.Minute)
	require.Equal(t, 1, r.code, r.stderr)
	require.Equal(t, "train", row.Stage)
	require.Nil(t, row.ObservedAt, "the service could not be asked")
	require.Equal(t, "await-training", *row.Trouble[0].Step)
	require.Contains(t, r.stderr, "read what the service remembers")
	words := b.starter("status", b.name, "--task-queue", b.queue)
	require.Contains(t, words.stdout, "TROUBLE await-training:")
	b.readable(words.stdout + words.stderr)
	t.Logf("status:\n%s%s", words.stdout, words.stderr)
	b.readable(b.starter("report", b.name).stdout)

	b.back()
	b.calm()
	b.await("the news", func(context.Context) error {
		return unless(strings.Contains(watched.stderr.String(), "the trouble is over: the run goes on"), "not told")
	})
	b.finish(id)
	report := b.report(starter.wait())
	b.succeeded(report)
	require.Equal(t, id, report.Version.ID)
	b.count(stack.Models, 1)
	told := watched.wait()
	require.Zero(t, told.code, told.stderr)
	require.Contains(t, told.stderr, "TROUBLE await-training:")
	b.readable(told.stderr)
	t.Logf("watch:\n%s", told.stderr)
}

// Without a worker the service cannot be read either: status says for want of what.
func TestStatusWithoutWorker(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	first := b.worker()
	id, starter := b.hang(b.small())
	first.Kill()
	begun := time.Now()
	row, r := b.statusRow()
	require.Less(t, time.Since(begun), time.Minute)
	require.Equal(t, 1, r.code, r.stderr)
	require.Equal(t, "train", row.Stage)
	require.Contains(t, strings.Join(strings.Fields(r.stderr), " "), "for a worker")
	b.readable(r.stderr)
	b.worker()
	b.finish(id)
	b.succeeded(b.report(starter.wait()))
}

// The service is away when a run starts: the step is tried again and the run goes on by itself.
func TestServiceAwayAtTheStart(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	b.away()
	starter := b.background(shared.binaries.Starter, "run", "-f", b.write(b.small()), "--task-queue", b.queue, "--output", "json")
	b.awaitRun()
	trouble := b.awaitTrouble(lifecycle.Retrying, "survey")
	require.Contains(t, trouble.Message, "no answer from")
	// A reset while the service is away loses nothing either.
	b.reset()
	b.awaitTrouble(lifecycle.Retrying, "survey")
	b.back()
	starter.wait()
	r := b.starter("watch", b.name, "--output", "json")
	require.Zero(t, r.code, r.stderr)
	b.succeeded(b.report(r))
	b.count(stack.Models, 1)
}

// Away for longer than limits.unavailable: the run fails as Unavailable with what was said and how to go on, and
// after the repair that one command finishes it with the version that it had trained.
func TestServiceAwayForTooLong(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	q := b.small().with(request{"limits": data{"unavailable": "8s"}})
	// The wait outlasts the outage; the short step behind it does not.
	require.NoError(t, b.emulator.Inject(t.Context(), stack.Fault{Kind: "dropBefore", Operation: "Models_Update", Count: -1}))
	report, r := b.run(q)
	require.Equal(t, 1, r.code, r.stderr)
	require.Equal(t, lifecycle.Failed, report.Outcome)
	require.Equal(t, lifecycle.Unavailable, report.Error.Type, report.Error.Message)
	require.Contains(t, report.Error.Message, "the service could not be used for 8s (limits.unavailable); at last: ")
	require.Contains(t, report.Error.Message, "no answer from")
	require.Contains(t, *report.Error.Next, "temporal workflow reset --workflow-id retrain/"+b.name+" --type FirstWorkflowTask --reason repaired")
	b.note(report, "could not be marked failed")
	b.back()
	b.finishedByReset(report)
}

// The key is revoked while a training is waited for: the run fails and names the setting. With the right key the
// same run ends well, whether the version could be marked failed meanwhile or not.
func TestKeyRevokedWhileTraining(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		count int
		state lifecycle.State
	}{"and stays so": {count: -1, state: lifecycle.StateCandidate}, "for a moment": {count: 1, state: lifecycle.StateFailed}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t)
			first := b.worker()
			id, starter := b.hang(b.small())
			b.awaitActivity("retrain/"+b.name, "await-training")
			b.admin(http.MethodPost, "faults", data{
				"kind": "status", "status": 401, "code": "401", "message": "Access denied due to invalid subscription key.", "count": test.count,
			}, nil)
			r := starter.wait()
			require.Equal(t, 1, r.code, r.stderr)
			report := b.report(r)
			require.Equal(t, lifecycle.Unauthorized, report.Error.Type)
			require.Contains(t, *report.Error.Next, "SPEECH_KEY")
			require.Contains(t, *report.Error.Next, "restart the worker")
			require.Equal(t, id, report.Version.ID)
			b.state(id, test.state)

			require.NoError(t, first.Stop(20*time.Second))
			b.back()
			b.worker()
			b.finish(id)
			b.finishedByReset(report)
		})
	}
}

// A canceled run ends within a minute though the service is away: in a wait, and in a create that gets no answer.
func TestCancelWhileServiceAway(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]string{"in a wait": "await-training", "in a create": "create-version"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t)
			b.worker()
			var starter *running
			if step == "create-version" {
				b.loseCreate()
				starter = b.background(shared.binaries.Starter, "run", "-f", b.write(b.small()), "--task-queue", b.queue, "--output", "json")
				b.awaitRun()
				b.awaitTrouble(lifecycle.Retrying, step)
				b.away()
			} else {
				_, starter = b.hang(b.small())
				b.awaitActivity("retrain/"+b.name, step)
				b.away()
				b.awaitTrouble(lifecycle.Retrying, step)
			}
			asked := time.Now()
			r := b.starter("cancel", b.name, "--output", "json")
			require.Zero(t, r.code, r.stderr)
			require.Less(t, time.Since(asked), time.Minute)
			require.Equal(t, lifecycle.Canceled, b.report(r).Outcome)
			require.Equal(t, 1, starter.wait().code)
			require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED, b.closed("retrain/"+b.name))

			// What it left is found once the service is back.
			b.back()
			for _, m := range b.objects(stack.Models) {
				if m.Status == "Running" {
					b.finish(m.ID)
				}
			}
			b.await("the sweep", func(ctx context.Context) error {
				all, err := b.emulator.Objects(ctx, stack.Models)
				if err != nil {
					return err
				}
				return unless(len(all) == 0, "%v", all)
			})
		})
	}
}
