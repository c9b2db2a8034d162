package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

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
		_, err := describe(ctx, shared.client, "retrain/"+b.name, "")
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

// loseCreate lets the service act on the next create of a version and lose the answer, and fail every later look
// for what became of it.
func (b *bench) loseCreate() {
	b.Helper()
	require.NoError(b, b.emulator.Inject(b.Context(), stack.Fault{Kind: "dropAfter", Operation: "Models_Create"}))
	b.admin(http.MethodPost, "faults", data{"kind": "dropBefore", "operation": "Models_ListCustomModels", "contains": "displayName", "count": -1}, nil)
}
