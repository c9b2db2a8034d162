package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// rolledBack is the report of a rollback.
func rolledBack() lifecycle.Report {
	r := lifecycle.NewReport("support-calls", "en-US")
	r.Outcome = lifecycle.Succeeded
	r.WorkflowID, r.RunID = lifecycle.Ptr("rollback/support-calls"), lifecycle.Ptr(sample.RunID)
	r.Version = sample.Succeeded().Version
	r.Approval = &lifecycle.ApprovalReport{By: "ann", Reason: "wrong names", At: sample.Noon, Answer: "rollback"}
	r.Endpoint = &lifecycle.EndpointReport{ID: "e0e0", PreviousVersionID: lifecycle.Ptr("c0c0"), VersionID: lifecycle.Ptr(sample.VersionID)}
	r.Notes = []string{"version support-calls 2026-07-29 1a2b3c4d may serve until 2028-07-15: plan its successor before that day"}
	return r
}

func TestRollback(t *testing.T) {
	t.Parallel()
	t.Run("to the one before, where the model serves", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := ended(rolledBack(), nil)
			fake.rows = sample.Observed()
			got := execute(t.Context(), fake, "rollback", "support-calls", "--by", "ann", "--reason", "wrong names")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Contains(t, got.stdout, "may serve until 2028-07-15")
			require.True(t, strings.HasPrefix(got.stdout, "rollback/support-calls: succeeded\nrollback by ann: wrong names\nversion "), got.stdout)
			require.NotContains(t, got.stdout, "Model card", "it is brief")
			require.Equal(t, "rolling back support-calls (en-US)\nstarted run run-1 of rollback/support-calls\nCtrl-C stops watching, not the run\n", got.stderr)
			require.Equal(t, "Rollback", fake.workflow)
			require.Equal(t, "rollback/support-calls", fake.started.ID)
			require.JSONEq(t, `{"name": "support-calls", "locale": "en-US", "by": "ann", "reason": "wrong names"}`, string(fake.input))
		})
	})
	t.Run("in the locale given, nothing is asked", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := ended(rolledBack(), nil)
			got := execute(t.Context(), fake, "rollback", "support-calls", "--by", "ann", "--reason", "wrong names", "--to", sample.VersionID,
				"--endpoint", "calls", "--locale", "de-DE", "--task-queue", "speech-2", "-o", "json")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Equal(t, lifecycle.AnswerRollback, got.report(t).Approval.Answer)
			require.Empty(t, fake.observed)
			require.Equal(t, "speech-2", fake.started.TaskQueue)
			require.JSONEq(t, `{"name": "support-calls", "locale": "de-DE", "endpoint": "calls", "versionId": "`+sample.VersionID+`",
				"by": "ann", "reason": "wrong names"}`, string(fake.input))
		})
	})
	t.Run("in one of two locales", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := ended(rolledBack(), nil)
			fake.rows = twoLocales()
			got := execute(t.Context(), fake, "rollback", "support-calls", "--by", "ann", "--reason", "wrong names", "--locale", "de-DE")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.JSONEq(t, `{"name": "support-calls", "locale": "de-DE", "by": "ann", "reason": "wrong names"}`, string(fake.input))
		})
	})
}

func TestRollbackNotDone(t *testing.T) {
	t.Parallel()
	refusedByRun := ended(lifecycle.Report{}, failedWith(sample.Invalid()))
	refusedByRun.rows = sample.Observed()
	for _, tc := range []struct {
		name  string
		fake  *fakeTemporal
		args  []string
		code  int
		class lifecycle.FailureClass
		says  string
	}{
		{name: "the workflow refuses", fake: refusedByRun, code: exit.Failed, class: lifecycle.InvalidRequest},
		{
			name: "no versions", fake: &fakeTemporal{rows: []lifecycle.Row{}}, code: exit.Failed, class: exit.NotFound,
			says: "the service has no version of support-calls that was made by this installation",
		},
		{
			name: "another goes on", fake: &fakeTemporal{rows: sample.Observed(), run: newFakeRun(-1)}, code: exit.Refused,
			class: lifecycle.InvalidRequest,
			says:  "a rollback of support-calls goes on already; nothing was started; watch it with: starter watch rollback/support-calls",
		},
		{
			name: "two locales", fake: &fakeTemporal{rows: twoLocales()}, code: exit.Refused, class: lifecycle.InvalidRequest,
			says: "there are models support-calls of several locales: de-DE, en-US; say which one is meant: --locale de-DE",
		},
		{
			name: "a locale's form", fake: &fakeTemporal{}, args: []string{"--locale", "german"}, code: exit.Refused, class: lifecycle.InvalidRequest,
			says: "--locale must",
		},
		{
			name: "no ID", fake: &fakeTemporal{}, args: []string{"--to", "nosuch"}, code: exit.Refused, class: lifecycle.InvalidRequest,
			says: "--to must be the ID of a version, like 1aae1070-7972-47e9-a977-87e3b05c457d, or its URL",
		},
		{
			name: "no reason", fake: &fakeTemporal{}, args: []string{"--reason", " "}, code: exit.Refused, class: lifecycle.InvalidRequest,
			says: "--reason is required: why",
		},
		{name: "Temporal away", code: exit.Unreachable, class: lifecycle.Unavailable, says: "cannot reach Temporal"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				got := execute(t.Context(), tc.fake, append([]string{"rollback", "support-calls", "--by", "ann", "--reason", "x", "-o", "json"}, tc.args...)...)
				require.Equal(t, tc.code, got.code, got.stderr)
				require.Contains(t, got.stderr, tc.says)
				require.Equal(t, tc.class, got.report(t).Error.Type)
			})
		})
	}
}
