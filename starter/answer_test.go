package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

const completed = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED

// contextWithTimeout ends when an operator would press Ctrl-C.
func contextWithTimeout(t *testing.T, after time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), after)
}

// asking is a fake with a run that waits for an answer from the beginning.
func asking() *fakeTemporal {
	fake := watching(-1)
	fake.run.script[0] = scene{report: sample.AtApproval()}
	return fake
}

func taken(answer lifecycle.Answer) *lifecycle.ApprovalReport {
	return &lifecycle.ApprovalReport{By: "ann", Reason: "checked by hand", At: sample.Noon, Answer: answer}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		verb   string
		answer lifecycle.Answer
	}{{"approve", lifecycle.AnswerApproved}, {"reject", lifecycle.AnswerRejected}} {
		t.Run(tc.verb, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := asking()
				fake.answered = taken(tc.answer)
				o := Options{Args: []string{tc.verb, "support-calls", "--reason", " checked by hand "}, Env: env{"USER": "ann"}}
				got := executeOptions(t.Context(), fake, o)
				require.Equal(t, exit.Done, got.code, got.stderr)
				require.Equal(t, string(tc.answer)+": version "+sample.VersionID+" of support-calls, by ann: checked by hand\n", got.stdout)
				require.Equal(t, "version "+sample.VersionID+" (support-calls 2026-07-29 1a2b3c4d)\nwaits for an answer; "+
					"the verdict is inconclusive: calls: 40 words are fewer than\nthe 50 that a number counts from\n"+
					"the run goes on; watch it with: starter watch support-calls\n", got.stderr)
				require.Equal(t, client.UpdateWorkflowOptions{
					WorkflowID: "retrain/support-calls", RunID: sample.RunID, UpdateName: tc.verb, WaitForStage: client.WorkflowUpdateStageCompleted,
					Args: []any{workflows.Answer{By: "ann", Reason: "checked by hand", VersionID: sample.VersionID}},
				}, *fake.update)
			})
		})
	}
	t.Run("JSON", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := asking()
			fake.answered = taken(lifecycle.AnswerApproved)
			got := execute(t.Context(), fake, "approve", "support-calls", "--by", "ann", "--reason", "checked by hand", "-o", "json")
			report := got.report(t)
			require.Equal(t, lifecycle.Running, report.Outcome)
			require.Equal(t, taken(lifecycle.AnswerApproved), report.Approval)
			require.Nil(t, report.WaitingFor)
		})
	})
}

func TestAnswerNotTaken(t *testing.T) {
	t.Parallel()
	over := asking()
	over.run.status = completed
	busy := watching(-1)
	busy.run.script[0].after = 0
	refusing := func(err error) *fakeTemporal {
		fake := asking()
		fake.updateErr = err
		return fake
	}
	silent := asking()
	silent.run.script = nil
	for _, tc := range []struct {
		name  string
		fake  *fakeTemporal
		args  []string
		code  int
		class lifecycle.FailureClass
		says  string
	}{
		{name: "no run", fake: &fakeTemporal{}, code: exit.Failed, class: exit.NotFound, says: "Temporal knows no run of support-calls"},
		{
			name: "the run has ended", fake: over, code: exit.Failed, class: exit.NotFound,
			says: "no run of support-calls goes on: nothing waits for an answer; see how the latest ended with: starter watch support-calls",
		},
		{
			name: "nothing waits", fake: busy, code: exit.Failed, class: exit.NotFound,
			says: "nothing waits for an answer: run run-1 of retrain/support-calls is in stage train",
		},
		{
			name: "another version", fake: refusing(asServer(temporal.NewApplicationError("version "+sample.VersionID+" waits for an answer, not \"v1\"", ""))),
			args: []string{"--version", "v1"}, code: exit.Failed, class: lifecycle.InvalidRequest,
			says: "starter: the answer was not taken: version " + sample.VersionID + " waits for an answer, not \"v1\"\n",
		},
		{
			name: "somebody was faster", fake: refusing(asServer(temporal.NewApplicationError("bob has already answered: rejected", ""))),
			code: exit.Failed, class: lifecycle.InvalidRequest, says: "the answer was not taken: bob has already answered: rejected",
		},
		{
			name: "ended meanwhile", fake: refusing(serviceerror.NewNotFound("workflow execution already completed")), code: exit.Failed,
			class: exit.NotFound, says: "run run-1 of retrain/support-calls has ended; see how with: starter watch support-calls",
		},
		{
			name: "Temporal goes away", fake: refusing(serviceerror.NewUnavailable("away")), code: exit.Unreachable, class: lifecycle.Unavailable,
			says: "cannot reach Temporal",
		},
		{
			name: "not answered in time", fake: asking(), code: exit.Failed, class: lifecycle.TimedOut,
			says: "the run did not take the answer within 30s; see whether it was taken with: starter watch support-calls",
		},
		{
			name: "no worker", fake: silent, code: exit.Failed, class: lifecycle.Unavailable,
			says: `no worker polls task queue "speech-retrainer" in namespace "default": start one with: ` +
				"worker --task-queue speech-retrainer; this run has done nothing yet, and ends with: temporal workflow terminate " +
				"--workflow-id retrain/support-calls; start a worker, then answer again; no answer was given",
		},
		{
			name: "nobody decides", fake: asking(), args: []string{"--by", " "}, code: exit.Refused, class: lifecycle.InvalidRequest,
			says: "--by is required: who decides ($USER is not set)",
		},
		{
			name: "reason with a signed URL", fake: asking(), args: []string{"--reason", "see https://a.example/x?sig=hunter2"}, code: exit.Refused,
			class: lifecycle.InvalidRequest, says: "must hold no URL with a signature",
		},
		{name: "no reason", fake: asking(), args: []string{"--reason", ""}, code: exit.Refused, class: lifecycle.InvalidRequest, says: "--reason is required: why"},
		{name: "Temporal away", code: exit.Unreachable, class: lifecycle.Unavailable, says: "cannot reach Temporal"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				args := append([]string{"approve", "support-calls", "--by", "ann", "--reason", "checked", "-o", "json"}, tc.args...)
				got := execute(t.Context(), tc.fake, args...)
				require.Equal(t, tc.code, got.code, got.stderr)
				require.Contains(t, got.stderr, tc.says)
				report := got.report(t)
				require.Equal(t, tc.class, report.Error.Type)
				require.Equal(t, "support-calls", report.Name)
			})
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			ctx, cancel := contextWithTimeout(t, 3*time.Second)
			defer cancel()
			got := execute(ctx, asking(), "approve", "support-calls", "--by", "ann", "--reason", "checked")
			require.Equal(t, exit.Interrupted, got.code)
			require.Contains(t, got.stderr, "interrupted before the run told whether it takes the answer; see whether")
		})
	})
}

// Whoever follows a run is told once how to answer, with commands to copy.
func TestHowToAnswer(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		fake := watching(time.Minute)
		fake.run.script = []scene{{report: sample.AtTraining()}, {after: 5 * time.Second, report: sample.AtApproval()}}
		o := Options{Args: []string{"watch", "support-calls", "--namespace", "speech"}, Env: env{"USER": "ann"}}
		got := executeOptions(t.Context(), fake, o)
		require.Equal(t, exit.Done, got.code)
		sample.Golden(t, "watch-approval", got.stderr)
	})
}
