package main

import (
	"cmp"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// twoLocales are two models of one name; the German one has a version by the name of e2e2.
func twoLocales() []lifecycle.Row {
	rows := append(sample.Observed(), sample.Observed()...)
	german := &rows[1]
	german.Locale = "de-DE"
	german.Versions[0].ID, german.Versions[0].DisplayName = "e2e2", "support-calls 2026-08-01 ffffffff"
	return rows
}

// remembered is a fake with a run that has ended.
func remembered(status enumspb.WorkflowExecutionStatus, result lifecycle.Report, err error) *fakeTemporal {
	fake := ended(result, err)
	fake.run, fake.next = fake.next, nil
	fake.run.status, fake.run.end = status, 0
	return fake
}

func TestReport(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, golden string
		fake         *fakeTemporal
		args         []string
		stderr       string
	}{
		{name: "ended", golden: "card", fake: remembered(completed, sample.Succeeded(), nil)},
		{name: "as markdown", golden: "card-markdown", fake: remembered(completed, sample.Succeeded(), nil), args: []string{"--output", "markdown"}},
		{name: "failed", golden: "card-failed", fake: remembered(enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, lifecycle.Report{}, failedWith(sample.Failed()))},
		{name: "goes on", golden: "card-running", fake: asking()},
		{
			name: "of the marks", golden: "card-marks", fake: &fakeTemporal{rows: sample.Observed()},
			stderr: "Temporal has no run of support-calls: asking the Speech service, through a worker\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				got := execute(t.Context(), tc.fake, append([]string{"report", "support-calls"}, tc.args...)...)
				require.Equal(t, exit.Done, got.code, got.stderr)
				sample.Golden(t, tc.golden, got.stdout)
				require.Equal(t, tc.stderr, got.stderr)
			})
		})
	}
}

func TestReportJSON(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		fake := &fakeTemporal{rows: sample.Observed()}
		report := execute(t.Context(), fake, "report", "support-calls", "-o", "json", "--task-queue", "speech-2").report(t)
		require.Equal(t, lifecycle.Succeeded, report.Outcome)
		require.Contains(t, report.Notes[0], "built from the marks on the service's objects")
		require.Regexp(t, `^observe/support-calls/[0-9a-f]{8}$`, fake.observed[0].ID)
		require.Equal(t, []string{"default " + fake.observed[0].ID + " question-1"}, fake.deleted)
		require.Equal(t, "speech-2", fake.observed[0].TaskQueue)
		require.Equal(t, 5*time.Minute, fake.observed[0].WorkflowExecutionTimeout)
	})
}

// Also a report of the marks names the dates that status names, by the request of the schedule.
func TestReportOfTheMarksHasDates(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		k := &fakeTemporal{rows: sample.Observed()}
		report := execute(t.Context(), k, "report", "support-calls", "-o", "json").report(t)
		require.Nil(t, report.Dates, "without a schedule nobody has said when it is due")
		k.applied(t, deskOf(t, "", "support-calls"))
		report = execute(t.Context(), k, "report", "support-calls", "-o", "json").report(t)
		require.NotNil(t, report.Dates)
		var rows []struct{ DueAt, ExpiresAt, LastResortAt *time.Time }
		require.NoError(t, json.Unmarshal([]byte(execute(t.Context(), k, "status", "support-calls", "-o", "json").stdout), &rows))
		require.Equal(t, rows[0].DueAt, report.Dates.DueAt)
		require.Equal(t, rows[0].ExpiresAt, report.Dates.ExpiresAt)
		require.Equal(t, rows[0].LastResortAt, report.Dates.LastResortAt)
	})
}

// A card must not let people believe that a version serves which was rolled back since.
func TestReportTellsOfRollback(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		after time.Duration
		told  bool
	}{"after the run": {time.Hour, true}, "before the run": {-time.Hour, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := remembered(completed, sample.Succeeded(), nil)
				fake.rolledBack = time.Now().Add(tc.after)
				notes := execute(t.Context(), fake, "report", "support-calls", "-o", "json").report(t).Notes
				note := "the model was rolled back since: see it with: starter report rollback/support-calls"
				if tc.told {
					require.Contains(t, notes, note)
				} else {
					require.NotContains(t, notes, note)
				}
			})
		})
	}
}

func TestReportNone(t *testing.T) {
	t.Parallel()
	silent := asking()
	silent.run.script = nil
	detailed := lifecycle.Failure{
		Type: lifecycle.Unauthorized, Message: "wrong key", Next: lifecycle.Ptr("check the worker's SPEECH_KEY"),
		Problems: []lifecycle.Problem{},
	}
	refused := asServer(temporal.NewApplicationErrorWithOptions("wrong key", "Unauthorized",
		temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{detailed}}))
	for _, tc := range []struct {
		name    string
		fake    *fakeTemporal
		target  string
		code    int
		class   lifecycle.FailureClass
		outcome lifecycle.Outcome
		says    string
	}{
		{
			name: "nobody knows it", fake: &fakeTemporal{rows: []lifecycle.Row{{Name: "support-calls"}}}, code: exit.Failed, class: exit.NotFound,
			says: "neither Temporal nor the Speech service knows a run of support-calls; start one with: starter run --file FILE",
		},
		{
			name: "no row", fake: &fakeTemporal{rows: []lifecycle.Row{}}, code: exit.Failed, class: exit.NotFound,
			says: "neither Temporal nor the Speech service knows",
		},
		{
			name: "no test", fake: &fakeTemporal{rows: sample.Observed()}, target: "evaluate/support-calls", code: exit.Failed, class: exit.NotFound,
			says: "Temporal knows no run of evaluate/support-calls",
		},
		{
			name: "the service refuses", fake: &fakeTemporal{observeErr: refused}, code: exit.Failed, class: lifecycle.Unauthorized,
			says: "cannot read what the service remembers of support-calls: wrong key; check the worker's SPEECH_KEY",
		},
		{
			name: "nobody answers", fake: &fakeTemporal{observeErr: temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil)},
			code: exit.Failed, class: lifecycle.TimedOut, says: "no answer within 5m00s; look at the worker of task queue speech-retrainer",
		},
		{
			name: "Temporal goes away", fake: &fakeTemporal{observeErr: serviceerror.NewUnavailable("away")}, code: exit.Unreachable,
			class: lifecycle.Unavailable, says: "cannot reach Temporal",
		},
		{name: "a run without a worker", fake: silent, code: exit.Failed, outcome: lifecycle.Running, says: "no worker polls task queue"},
		{name: "Temporal away", code: exit.Unreachable, class: lifecycle.Unavailable, says: "cannot reach Temporal"},
		{name: "no name", fake: &fakeTemporal{}, target: "retrain/", code: exit.Refused, class: lifecycle.InvalidRequest, says: "NAME must not be empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				got := execute(t.Context(), tc.fake, "report", cmp.Or(tc.target, "support-calls"), "-o", "json")
				require.Equal(t, tc.code, got.code, got.stderr)
				require.Contains(t, got.stderr, tc.says)
				report := got.report(t)
				if tc.class == "" {
					require.Equal(t, tc.outcome, report.Outcome)
				} else {
					require.Equal(t, tc.class, report.Error.Type)
				}
			})
		})
	}
}

// Asking the service without a worker says so, and ends with Ctrl-C.
func TestObserveWithoutWorker(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		ctx, cancel := contextWithTimeout(t, 20*time.Second)
		defer cancel()
		got := execute(ctx, &fakeTemporal{}, "report", "support-calls")
		require.Equal(t, exit.Interrupted, got.code)
		require.Contains(t, got.stderr,
			`no worker polls task queue "speech-retrainer" in namespace "default": start one with: worker --task-queue speech-retrainer`+"\n")
		require.Contains(t, got.stderr, "interrupted while reading what the service remembers of support-calls")
	})
}
