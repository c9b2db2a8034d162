package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// away takes the service away: every request is dropped until it is back.
func (b *bench) away() {
	b.Helper()
	require.NoError(b, b.emulator.Inject(b.Context(), stack.Fault{Kind: "dropBefore", Count: -1}))
}

// back brings it back.
func (b *bench) back() {
	b.Helper()
	b.admin(http.MethodDelete, "faults", nil, nil)
}

// awaitRun waits until Temporal knows a run of the model.
func (b *bench) awaitRun() {
	b.Helper()
	b.await("the run", func(ctx context.Context) error {
		_, err := shared.client.DescribeWorkflowExecution(ctx, "retrain/"+b.name, "")
		return err
	})
}

// reset lets the latest run go on from its beginning, as the page for operators and the report say.
func (b *bench) reset() {
	b.Helper()
	b.temporal("workflow", "reset", "--workflow-id", "retrain/"+b.name, "--type", "FirstWorkflowTask", "--reason", "repaired")
}

// activity changes a pending activity with the Temporal CLI.
func (b *bench) activity(verb, id string, more ...string) {
	b.Helper()
	b.temporal(append([]string{"activity", verb, "--workflow-id", "retrain/" + b.name, "--activity-id", id}, more...)...)
}

// statusRow is what starter status prints of the bench's model, whatever the exit code.
func (b *bench) statusRow() (row struct {
	Model, RetrainRunID, Stage string
	ObservedAt                 *time.Time
	Trouble                    []lifecycle.Trouble
}, r result,
) {
	b.Helper()
	r = b.starter("status", b.name, "--task-queue", b.queue, "--output", "json")
	rows := []json.RawMessage{}
	require.NoError(b, json.Unmarshal([]byte(r.stdout), &rows), "%s\n%s", r.stdout, r.stderr)
	require.Len(b, rows, 1)
	require.NoError(b, json.Unmarshal(rows[0], &row))
	return row, r
}

// awaitTrouble waits until starter report shows trouble of a kind at a step, and returns it.
func (b *bench) awaitTrouble(kind lifecycle.TroubleKind, step string) (t lifecycle.Trouble) {
	b.Helper()
	begun := time.Now()
	b.await("trouble at "+step, func(context.Context) error {
		r := b.starter("report", b.name, "--output", "json")
		report := b.report(r)
		for _, t = range report.Trouble {
			if t.Kind == kind && t.Step != nil && *t.Step == step {
				return nil
			}
		}
		return unless(false, "%s %+v, exit code %d: %s", report.Outcome, report.Trouble, r.code, r.stderr)
	})
	require.Less(b, time.Since(begun), time.Minute, "the operator sees it within a minute")
	return t
}

// calm waits until starter report shows no trouble any more.
func (b *bench) calm() {
	b.Helper()
	b.await("the end of the trouble", func(context.Context) error {
		trouble := b.report(b.starter("report", b.name, "--output", "json")).Trouble
		return unless(len(trouble) == 0, "%+v", trouble)
	})
}

// readable checks lines for people: at most 80 columns, no control characters.
func (b *bench) readable(text string) {
	b.Helper()
	require.NotContains(b, text, "\x1b")
	for line := range strings.Lines(text) {
		require.LessOrEqual(b, len([]rune(strings.TrimSuffix(line, "\n"))), 80, line)
	}
}

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
	require.Contains(t, trouble.Message, "get model")
	require.Contains(t, trouble.Message, "no answer from")
	require.Equal(t, lifecycle.Unavailable, *trouble.Type)
	require.Contains(t, *trouble.Next, "SPEECH_ENDPOINT")
	require.NotContains(t, *trouble.Next, "start the run again")
	require.NotNil(t, trouble.GivesUpAt)

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

// The service is away when a run starts: the step is tried again and the run goes on by itself.
func TestServiceAwayAtTheStart(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	b.away()
	starter := b.background(shared.binaries.Starter, "run", "-f", b.write(b.small()), "--task-queue", b.queue, "--output", "json")
	b.awaitRun()
	trouble := b.awaitTrouble(lifecycle.Retrying, "check-service")
	require.Contains(t, trouble.Message, "no answer from")
	// A reset while the service is away loses nothing either.
	b.reset()
	b.awaitTrouble(lifecycle.Retrying, "check-service")
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

// finishedByReset lets a failed run go on by the command that its report names, and checks that it ends well with
// the same version.
func (b *bench) finishedByReset(failed lifecycle.Report) lifecycle.Report {
	b.Helper()
	_, command, found := strings.Cut(*failed.Error.Next, ": temporal ")
	require.True(b, found, *failed.Error.Next)
	b.temporal(strings.Fields(command)...)
	r := b.starter("watch", b.name, "--output", "json")
	require.Zero(b, r.code, r.stderr)
	report := b.report(r)
	require.Equal(b, lifecycle.Succeeded, report.Outcome)
	if failed.Version != nil {
		require.Equal(b, failed.Version.ID, report.Version.ID)
	}
	b.count(stack.Models, 1)
	require.Equal(b, lifecycle.StateChampion, report.Version.State)
	b.state(report.Version.ID, lifecycle.StateChampion)
	return report
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

// loseCreate lets the service act on the next create of a version and lose the answer, and fail every later look
// for what became of it.
func (b *bench) loseCreate() {
	b.Helper()
	require.NoError(b, b.emulator.Inject(b.Context(), stack.Fault{Kind: "dropAfter", Operation: "Models_Create"}))
	b.admin(http.MethodPost, "faults", data{"kind": "dropBefore", "operation": "Models_ListCustomModels", "contains": "displayName", "skip": 1, "count": -1}, nil)
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
