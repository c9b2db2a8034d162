package e2e

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// An earlier version serves again on the same endpoint; one that was taken back does not come back.
func TestRollback(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	first := b.serve()
	second := b.serve()
	b.serves(first.Endpoint.ID, second.Version.ID)
	report, r := b.rollback()
	require.Zero(t, r.code, r.stderr)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	require.Equal(t, first.Version.ID, report.Version.ID)
	require.Equal(t, first.Endpoint.ID, report.Endpoint.ID)
	require.Equal(t, second.Version.ID, *report.Endpoint.PreviousVersionID)
	require.Equal(t, "ann", report.Approval.By)
	require.Equal(t, lifecycle.AnswerRollback, report.Approval.Answer)
	b.note(report, "may serve until "+first.Version.ExpiresAt.Format("2006-01-02"))
	b.serves(first.Endpoint.ID, first.Version.ID)
	b.state(first.Version.ID, lifecycle.StateChampion)
	b.state(second.Version.ID, lifecycle.StateRolledBack)
	require.Regexp(t, `^pass; .*; back by ann: callers report wrong names$`, b.object(stack.Models, second.Version.ID).CustomProperties["sr.verdict"])

	for id, says := range map[string]string{second.Version.ID: "rolledback", unknownID: unknownID} {
		refused, r := b.rollback("--to", id)
		require.Equal(t, 1, r.code, r.stderr)
		require.Contains(t, b.refused(refused, lifecycle.InvalidRequest).Message, says)
	}
	b.serves(first.Endpoint.ID, first.Version.ID)
}

func (b *bench) rollback(args ...string) (lifecycle.Report, result) {
	b.Helper()
	r := b.starter(append([]string{
		"rollback", b.name, "--by", "ann", "--reason", "callers report wrong names", "--task-queue", b.queue, "--output", "json",
	}, args...)...)
	return b.report(r), r
}

// The same tests later: what was measured is not paid for again, and nothing changes.
func TestTestAgain(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	first := b.serve()
	b.count(evaluations, 1)
	r := b.starter("test", b.name, "--output", "json")
	require.Zero(t, r.code, r.stderr)
	report := b.report(r)
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	require.Equal(t, "evaluate/"+b.name, *report.WorkflowID)
	require.Equal(t, first.Version.ID, report.Version.ID)
	require.Equal(t, first.Tests[0].WordErrorRate, report.Tests[0].WordErrorRate)
	require.Equal(t, lifecycle.Pass, report.Verdict.Result)
	b.note(report, "is the champion itself")
	b.count(evaluations, 1)
	b.count(stack.Models, 1)
	b.serves(first.Endpoint.ID, first.Version.ID)

	unknown := b.starter("test", b.name, "--version", unknownID, "--output", "json")
	require.Equal(t, 1, unknown.code, unknown.stderr)
	require.Contains(t, b.report(unknown).Error.Message, unknownID)
}

// The model card of the latest run; when Temporal has forgotten the run, of what the service remembers.
func TestReport(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	run := b.serve()
	require.Empty(t, cmp.Diff(run, b.card()), "the report is the one that the run printed")
	markdown := b.starter("report", b.name, "--output", "markdown")
	require.Zero(t, markdown.code, markdown.stderr)
	for _, part := range []string{
		"# Model card: " + b.name, run.Version.ID, run.Endpoint.ID, "desk calls", run.BaseModel.DisplayName,
		run.Version.ExpiresAt.Format("2006-01-02"),
	} {
		require.Contains(t, markdown.stdout, part)
	}
	require.NotContains(t, markdown.stdout, "Temporal no longer has the run")

	id := "retrain/" + b.name
	b.temporal("workflow", "delete", "--workflow-id", id)
	b.await("the end of the history", func(ctx context.Context) error {
		_, err := describe(ctx, shared.client, id, "")
		var missing *serviceerror.NotFound
		return unless(errors.As(err, &missing), "%v", err)
	})
	report := b.card()
	b.note(report, "built from the marks on the service's objects")
	b.note(report, "Temporal no longer has the run")
	require.Equal(t, lifecycle.Succeeded, report.Outcome)
	require.Equal(t, run.Version.ID, report.Version.ID)
	require.Equal(t, *run.RunID, *report.RunID)
	require.Equal(t, run.Version.ExpiresAt, report.Version.ExpiresAt)
	require.Equal(t, run.Endpoint.ID, report.Endpoint.ID)
	require.Equal(t, "desk calls", report.Tests[0].Name)
	require.Equal(t, *run.Tests[0].WordErrorRate, *report.Tests[0].WordErrorRate)
	require.Equal(t, *run.Tests[0].Base, *report.Tests[0].Base)
	require.Equal(t, lifecycle.Pass, report.Verdict.Result)
	remembered := b.starter("report", b.name, "--output", "markdown", "--task-queue", b.queue)
	require.Zero(t, remembered.code, remembered.stderr)
	require.Contains(t, remembered.stdout, "Temporal no longer has the run")
	require.Contains(t, remembered.stdout, run.Version.ID)
}

// card is the report as JSON.
func (b *bench) card() lifecycle.Report {
	b.Helper()
	r := b.starter("report", b.name, "--output", "json", "--task-queue", b.queue)
	require.Zero(b, r.code, r.stderr)
	return b.report(r)
}
