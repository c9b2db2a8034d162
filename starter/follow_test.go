package main

import (
	"context"
	"errors"
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

// watching is a fake with a run that goes on, tells atTraining, and ends as succeeded after end.
func watching(end time.Duration) *fakeTemporal {
	fake := ended(sample.Succeeded(), nil)
	fake.run, fake.next = fake.next, nil
	fake.run.end = end
	return fake
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		bubble(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			got := execute(ctx, watching(-1), "watch", "support-calls", "--address", "temporal:7233", "--output", format)
			require.Equal(t, exit.Interrupted, got.code)
			require.Contains(t, got.stderr, "starter: interrupted: the run goes on; watch it with: starter watch support-calls --address temporal:7233\n")
			require.Less(t, time.Since(sample.Noon), 11*time.Second)
			if format == "json" {
				report := got.report(t)
				require.Equal(t, lifecycle.Running, report.Outcome)
				require.Equal(t, lifecycle.StageTrain, *report.Stage)
			}
		})
	}
}

func TestInterruptedBeforeTheStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := execute(ctx, &fakeTemporal{dialErr: context.Canceled}, "run", "-f", requestFile(t))
	require.Equal(t, exit.Interrupted, got.code)
	require.Contains(t, got.stderr, "nothing was started")
}

func TestNobodyPolls(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		// polled is how long before the watching began a worker polled last; negative = never.
		polled      time.Duration
		says, never string
	}{
		{
			name: "never", polled: -1,
			says:  `no worker polls task queue "speech-retrainer" in namespace "default": start one with: worker --task-queue speech-retrainer`,
			never: "a worker polled",
		},
		{name: "a dead worker is still listed", polled: 4 * time.Minute, says: "no worker polls task queue", never: "a worker polled"},
		{name: "a worker that does not answer", polled: 10 * time.Second, says: `a worker polled task queue "speech-retrainer" `, never: "no worker polls"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := watching(time.Minute)
				// The run tells nothing for 50 seconds.
				fake.run.script[0].after = 50 * time.Second
				if tc.polled >= 0 {
					fake.polled = time.Now().Add(-tc.polled)
				}
				got := execute(t.Context(), fake, "watch", "support-calls")
				require.Equal(t, exit.Done, got.code)
				require.Contains(t, got.stderr, tc.says)
				require.NotContains(t, got.stderr, tc.never)
				require.Contains(t, got.stderr, "a worker has answered: the run goes on\n")
			})
		})
	}
}

func TestAnsweringRunIsNotSuspected(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		fake := watching(time.Minute)
		got := execute(t.Context(), fake, "watch", "retrain/support-calls")
		require.Equal(t, exit.Done, got.code)
		require.Equal(t, "watching run run-1 of support-calls\nCtrl-C stops watching, not the run\n", got.stderr)
		require.InDelta(t, 60, fake.queries, 5, "one query a second")
	})
}

func TestOutage(t *testing.T) {
	t.Parallel()
	t.Run("is sat out", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := watching(5 * time.Minute)
			fake.away = func(now time.Duration) bool { return now > 30*time.Second && now < 4*time.Minute }
			got := execute(t.Context(), fake, "watch", "support-calls")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Contains(t, got.stderr, "Temporal at localhost:7233 does not answer (connection refused): trying again\n")
			require.Contains(t, got.stderr, "Temporal at localhost:7233 answers again\n")
		})
	})
	t.Run("ends the watching", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := watching(time.Hour)
			fake.away = func(now time.Duration) bool { return now > 30*time.Second }
			got := execute(t.Context(), fake, "watch", "support-calls", "--output", "json")
			require.Equal(t, exit.Unreachable, got.code)
			require.Contains(t, got.stderr, "when Temporal is back, watch the run with: starter watch support-calls")
			require.Equal(t, lifecycle.Running, got.report(t).Outcome)
			require.InDelta(t, 330, time.Since(sample.Noon).Seconds(), 10)
		})
	})
}

func TestWatch(t *testing.T) {
	t.Parallel()
	past := func(status enumspb.WorkflowExecutionStatus, result lifecycle.Report, err error) *fakeTemporal {
		fake := ended(result, err)
		fake.run, fake.next = fake.next, nil
		fake.run.status, fake.run.end = status, 0
		return fake
	}
	for _, tc := range []struct {
		name   string
		fake   *fakeTemporal
		code   int
		stdout string
	}{
		{name: "ended well", fake: past(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, sample.Succeeded(), nil), stdout: "report-succeeded"},
		{name: "ended rejected", fake: past(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, sample.Rejected(), nil), code: exit.Rejected, stdout: "report-rejected"},
		{
			name: "ended failed", fake: past(enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, lifecycle.Report{}, failedWith(sample.Failed())),
			code: exit.Failed, stdout: "report-failed",
		},
		{
			name: "ended canceled", fake: past(enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED, lifecycle.Report{}, canceledWith(sample.Canceled())),
			code: exit.Failed, stdout: "report-canceled",
		},
		{
			name: "ended terminated, no worker", code: exit.Failed, stdout: "report-terminated",
			fake: past(enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, lifecycle.Report{}, &temporal.TerminatedError{}),
		},
		{name: "goes on", fake: watching(time.Minute), stdout: "run-succeeded"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				if tc.stdout == "report-terminated" {
					tc.fake.run.script = nil
				}
				got := execute(t.Context(), tc.fake, "watch", "support-calls")
				require.Equal(t, tc.code, got.code, got.stderr)
				sample.Golden(t, tc.stdout, got.stdout)
			})
		})
	}
}

func TestWatchNothing(t *testing.T) {
	t.Parallel()
	got := execute(t.Context(), &fakeTemporal{}, "watch", "support-calls")
	require.Equal(t, exit.Failed, got.code)
	require.Empty(t, got.stdout)
	require.Contains(t, got.stderr, "Temporal knows no run of support-calls in namespace default")
	got = execute(t.Context(), &fakeTemporal{lookErr: serviceerror.NewUnavailable("away")}, "watch", "support-calls")
	require.Equal(t, exit.Unreachable, got.code)
}

// A reset terminates the run that is watched; the operator is sent to the one that goes on for it.
func TestTerminatedByReset(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		fake := watching(time.Minute)
		fake.run.err = &temporal.TerminatedError{}
		fake.heir = &fakeRun{id: "run-2", status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING}
		got := execute(t.Context(), fake, "watch", "support-calls", "-o", "json")
		require.Equal(t, exit.Failed, got.code)
		report := got.report(t)
		require.Equal(t, exit.Terminated, report.Error.Type)
		require.Equal(t, "run run-2 has taken its place: watch it with: starter watch support-calls", *report.Error.Next)
		require.Len(t, report.Stages, 5, "what it had done is still told")
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	t.Run("waits for the end", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := watching(-1)
			fake.run.onCancel = canceledWith(sample.Canceled())
			got := execute(t.Context(), fake, "cancel", "support-calls")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Equal(t, "retrain/support-calls: canceled after 9m00s\n"+
				"note: what this run leaves behind is removed by workflow sweep/support-calls\n", got.stdout)
			require.Contains(t, got.stderr, "asked run run-1 of support-calls to cancel")
		})
	})
	t.Run("ended otherwise, in short", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := watching(-1)
			fake.run.onCancel = failedWith(sample.Failed())
			got := execute(t.Context(), fake, "cancel", "support-calls")
			require.Equal(t, exit.Failed, got.code)
			require.Contains(t, got.stdout, "TrainingFailed: the training of")
			require.Contains(t, got.stdout, "look at the data sets in the Speech portal", "what to do is said, too")
		})
	})
	t.Run("with the stages and the card", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := watching(-1)
			fake.run.onCancel = canceledWith(sample.Canceled())
			got := execute(t.Context(), fake, "cancel", "support-calls", "--verbose")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Contains(t, got.stdout, "  validate  done in 1s")
			require.Contains(t, got.stdout, "Model card: support-calls")
			require.Contains(t, got.stdout, "\nretrain/support-calls: canceled after 9m00s\n")
		})
	})
	t.Run("ended otherwise", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := watching(-1)
			fake.run.onCancel = failedWith(sample.Failed())
			got := execute(t.Context(), fake, "cancel", "support-calls", "--output", "json")
			require.Equal(t, exit.Failed, got.code)
			require.Equal(t, lifecycle.Failed, got.report(t).Outcome)
			require.Contains(t, got.stderr, "the run ended before it could be canceled: failed")
		})
	})
	t.Run("nothing runs", func(t *testing.T) {
		t.Parallel()
		fake := watching(0)
		fake.run.status = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
		got := execute(t.Context(), fake, "cancel", "support-calls", "--output", "json")
		require.Equal(t, exit.Failed, got.code)
		require.Equal(t, exit.NotFound, got.report(t).Error.Type)
	})
	t.Run("ended between look and cancel", func(t *testing.T) {
		t.Parallel()
		fake := watching(0)
		fake.cancelErr = serviceerror.NewNotFound("workflow execution already completed")
		got := execute(t.Context(), fake, "cancel", "support-calls")
		require.Equal(t, exit.Failed, got.code)
		require.Contains(t, got.stderr, "no run of support-calls goes on: nothing to cancel")
	})
	t.Run("Temporal goes away", func(t *testing.T) {
		t.Parallel()
		fake := watching(0)
		fake.cancelErr = errors.Join(serviceerror.NewUnavailable("away"))
		got := execute(t.Context(), fake, "cancel", "support-calls")
		require.Equal(t, exit.Unreachable, got.code)
	})
}
