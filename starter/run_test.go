package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// ended is a fake with a run that tells atTraining and ends after a minute.
func ended(result lifecycle.Report, err error) *fakeTemporal {
	run := newFakeRun(time.Minute)
	run.script = []scene{{after: 2 * time.Second, report: sample.AtTraining()}}
	run.result, run.err = result, err
	return &fakeTemporal{next: run}
}

func failedWith(report lifecycle.Report) error {
	return asServer(temporal.NewApplicationErrorWithOptions(report.Error.Message, string(report.Error.Type),
		temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{report}}))
}

func canceledWith(report lifecycle.Report) error {
	return asServer(temporal.NewCanceledError(report))
}

func requestFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "request.yaml")
	require.NoError(t, os.WriteFile(path, []byte(request), 0o600))
	return path
}

// The contract's table "Exit codes of starter", with what stands on stdout with --output json.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	going := newFakeRun(-1)
	for _, tc := range []struct {
		name    string
		fake    *fakeTemporal
		args    []string
		code    int
		outcome lifecycle.Outcome
		class   lifecycle.FailureClass
		stderr  string
	}{
		{name: "succeeded", fake: ended(sample.Succeeded(), nil), code: exit.Done, outcome: lifecycle.Succeeded},
		{name: "rejected", fake: ended(sample.Rejected(), nil), code: exit.Rejected, outcome: lifecycle.Rejected},
		{name: "failed", fake: ended(lifecycle.Report{}, failedWith(sample.Failed())), code: exit.Failed, outcome: lifecycle.Failed, class: lifecycle.TrainingFailed},
		{
			name: "refused by the workflow", fake: ended(lifecycle.Report{}, failedWith(sample.Invalid())), code: exit.Failed,
			outcome: lifecycle.Failed, class: lifecycle.InvalidRequest,
		},
		{name: "canceled", fake: ended(lifecycle.Report{}, canceledWith(sample.Canceled())), code: exit.Failed, outcome: lifecycle.Canceled},
		{name: "terminated", fake: ended(lifecycle.Report{}, &temporal.TerminatedError{}), code: exit.Failed, outcome: lifecycle.Failed, class: exit.Terminated},
		{
			name: "timed out as a whole", fake: ended(lifecycle.Report{}, temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil)),
			code: exit.Failed, outcome: lifecycle.Failed, class: lifecycle.TimedOut,
		},
		{
			name: "failed without a report", fake: ended(lifecycle.Report{}, asServer(temporal.NewApplicationError("lost its way", "Odd"))),
			code: exit.Failed, outcome: lifecycle.Failed, class: "Odd",
		},
		{
			name: "detached", fake: ended(sample.Succeeded(), nil), args: []string{"--detach"}, code: exit.Done, outcome: lifecycle.Running,
			stderr: "watch it with: starter watch support-calls\n",
		},
		{
			name: "one goes on already", fake: &fakeTemporal{run: going}, code: exit.Done, outcome: lifecycle.Skipped,
			stderr: "watch it with: starter watch support-calls\n",
		},
		{
			name: "unreachable", fake: &fakeTemporal{dialErr: context.DeadlineExceeded}, code: exit.Unreachable, outcome: lifecycle.Failed,
			class: lifecycle.Unavailable, stderr: "cannot reach Temporal at localhost:7233: context deadline exceeded; check that the server runs there",
		},
		{
			name: "no such namespace", fake: &fakeTemporal{startErr: serviceerror.NewNamespaceNotFound("speech")}, args: []string{"--namespace", "speech"},
			code: exit.Unreachable, outcome: lifecycle.Failed, class: lifecycle.Unavailable, stderr: "temporal operator namespace create --namespace speech",
		},
		{
			name: "unauthenticated", fake: &fakeTemporal{dialErr: status.Error(codes.Unauthenticated, "bad key")},
			code: exit.Unreachable, outcome: lifecycle.Failed, class: lifecycle.Unavailable, stderr: "check TEMPORAL_API_KEY",
		},
		{
			name: "lost while starting", fake: &fakeTemporal{startErr: serviceerror.NewDeadlineExceeded("late")},
			code: exit.Unreachable, outcome: lifecycle.Failed, class: lifecycle.Unavailable,
			stderr: "the run may have been started all the same: look with: starter watch support-calls",
		},
		{
			name: "start refused", fake: &fakeTemporal{startErr: serviceerror.NewInvalidArgument("task queue name too long")},
			code: exit.Refused, outcome: lifecycle.Failed, class: lifecycle.InvalidRequest, stderr: "task queue name too long",
		},
		{
			name: "result that cannot be read", fake: ended(lifecycle.Report{}, errors.New("unable to decode")),
			code: exit.Failed, outcome: lifecycle.Failed, class: lifecycle.Internal, stderr: "worker and starter must be of one release",
		},
		{name: "history gone", fake: ended(lifecycle.Report{}, serviceerror.NewNotFound("gone")), code: exit.Failed, outcome: lifecycle.Failed, class: exit.NotFound},
		{
			name: "empty task queue", fake: &fakeTemporal{}, args: []string{"--task-queue", ""}, code: exit.Refused, outcome: lifecycle.Failed,
			class: lifecycle.InvalidRequest, stderr: "--task-queue",
		},
		{
			name: "unknown flag", fake: &fakeTemporal{}, args: []string{"--fast"}, code: exit.Refused, outcome: lifecycle.Failed,
			class: lifecycle.InvalidRequest, stderr: "unknown flag: --fast; see: starter run --help",
		},
		{name: "argument", fake: &fakeTemporal{}, args: []string{"support-calls"}, code: exit.Refused, outcome: lifecycle.Failed, class: lifecycle.InvalidRequest},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file := requestFile(t)
			bubble(t, func(t *testing.T) {
				got := execute(t.Context(), tc.fake, append([]string{"run", "--file", file, "--output", "json"}, tc.args...)...)
				require.Equal(t, tc.code, got.code, got.stderr)
				require.Contains(t, got.stderr, tc.stderr)
				report := got.report(t)
				require.Equal(t, tc.outcome, report.Outcome)
				if tc.class == "" {
					require.Nil(t, report.Error)
				} else {
					require.Equal(t, tc.class, report.Error.Type)
				}
			})
		})
	}
}

func TestExitCodesBeforeARequestIsRead(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"no file given":   {"run", "--output=json"},
		"no such file":    {"run", "-f", "testdata/none.yaml", "-o", "json"},
		"unknown command": {"rum", "-o", "json"},
		"watch nothing":   {"watch", "--output", "json"},
		"watch empty":     {"watch", "", "-ojson"},
		"watch no name":   {"watch", "evaluate/", "-o", "json"},
		"test nothing":    {"test", "-o", "json"},
		"test no file":    {"test", "x", "-f", "testdata/none.yaml", "-o", "json"},
		"approve nothing": {"approve", "--by", "ann", "--reason", "x", "-o", "json"},
		"reject nobody":   {"reject", "x", "--reason", "x", "-o", "json"},
		"no reason":       {"rollback", "x", "--by", "ann", "-o", "json"},
		"report nothing":  {"report", "-o", "json"},
		"unknown of data": {"data", "chekc", "-o", "json"},
		"check nothing":   {"data", "check", "-o", "json"},
		"check no kind":   {"data", "check", "x", "--locale", "en-US", "-o", "json"},
		"upload nothing":  {"data", "upload", "-o", "json"},
		"upload two":      {"data", "upload", "x", "y", "-o", "json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t.Context(), &fakeTemporal{}, args...)
			require.Equal(t, exit.Refused, got.code)
			require.Equal(t, lifecycle.InvalidRequest, got.report(t).Error.Type)
		})
	}
	got := execute(t.Context(), &fakeTemporal{}, "run", "-f", "x", "-o", "yaml")
	require.Equal(t, exit.Refused, got.code)
	require.Empty(t, got.stdout)
	require.Contains(t, got.stderr, `--output must be text or json, not "yaml"`)
}

func TestRunText(t *testing.T) {
	t.Parallel()
	file := requestFile(t)
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), ended(sample.Succeeded(), nil), "run", "--file", file)
		require.Equal(t, exit.Done, got.code)
		sample.Golden(t, "run-succeeded", got.stdout)
		require.Equal(t, "started run run-1 of support-calls\nCtrl-C stops watching, not the run\n", got.stderr)
	})
}

// With JSON on stdout the stages are on stderr, and stdout is the report and nothing else.
func TestRunJSON(t *testing.T) {
	t.Parallel()
	file := requestFile(t)
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), ended(sample.Succeeded(), nil), "run", "--file", file, "--output", "json")
		want := sample.Succeeded()
		want.Trouble = []lifecycle.Trouble{}
		require.Empty(t, cmp.Diff(want, got.report(t)))
		require.Contains(t, got.stderr, "2026-07-29T12:00:05Z  train     started\n")
	})
}

func TestRunStartsWhatTheContractSays(t *testing.T) {
	t.Parallel()
	file := requestFile(t)
	bubble(t, func(t *testing.T) {
		fake := ended(sample.Succeeded(), nil)
		fake.polled = time.Now()
		o := Options{
			Args: []string{"run", "-f", file, "--detach", "--task-queue", "speech-2", "--namespace", "flag"},
			Env:  env{"TEMPORAL_ADDRESS": "temporal.example:7233", "TEMPORAL_NAMESPACE": "environment", "USER": "ann"},
		}
		got := executeOptions(t.Context(), fake, o)
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.Equal(t, "started run run-1 of retrain/support-calls\n", got.stdout)
		require.Equal(t, "watch it with: starter watch support-calls --namespace flag\n", got.stderr)
		require.Equal(t, "temporal.example:7233", fake.dialled.HostPort)
		require.Equal(t, "flag", fake.dialled.Namespace)
		require.Equal(t, "retrain/support-calls", fake.started.ID)
		require.Equal(t, "speech-2", fake.started.TaskQueue)
		require.Equal(t, "Retrain support-calls (en-US), asked for by ann", fake.started.StaticSummary)
		require.Equal(t, "Asked for by ann with `starter run`", fake.started.StaticDetails)
		require.True(t, fake.started.WorkflowExecutionErrorWhenAlreadyStarted)
		require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, fake.started.WorkflowIDReusePolicy)
		require.JSONEq(t, `{"name":"support-calls","locale":"en-US","training":[
			{"name":"support phrases","kind":"Language","contentUrl":"https://example.com/phrases.txt"},{"dataset":"Calls of May"}]}`, string(fake.input))
	})
}

// A queue that was mistyped takes runs like any other: it is said at once, with what may have been meant and how the run
// goes away, which nobody can cancel.
func TestRunOnAQueueThatNobodyPolls(t *testing.T) {
	t.Parallel()
	for _, detach := range []bool{true, false} {
		file := requestFile(t)
		bubble(t, func(t *testing.T) {
			fake := &fakeTemporal{next: newFakeRun(-1), polled: time.Now(), deserted: "speech-retrianer"}
			ctx, cancel := contextWithTimeout(t, time.Minute)
			defer cancel()
			args := []string{"run", "-f", file, "--task-queue", "speech-retrianer", "--namespace", "speech"}
			if detach {
				args = append(args, "--detach")
			}
			got := execute(ctx, fake, args...)
			said := strings.Join(strings.Fields(got.stderr), " ")
			require.Contains(t, said, `no worker polls task queue "speech-retrianer" in namespace "speech": start one with: worker --task-queue `+
				`speech-retrianer; one polls "speech-retrainer", the usual queue; this run has done nothing yet, and ends with: `+
				`temporal workflow terminate --workflow-id retrain/support-calls --namespace speech`)
			require.Equal(t, map[bool]int{true: exit.Done, false: exit.Interrupted}[detach], got.code, got.stderr)
		})
	}
}

// What a worker has begun is never said to have done nothing: to end it so would leave what it made.
func TestABegunRunIsNotTerminated(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		fake := watching(time.Minute)
		fake.run.script[0].after = 50 * time.Second
		got := execute(t.Context(), fake, "watch", "support-calls")
		require.Contains(t, got.stderr, "no worker polls")
		require.NotContains(t, got.stderr, "terminate")
	})
}

func TestSkippedText(t *testing.T) {
	t.Parallel()
	file := requestFile(t)
	got := execute(t.Context(), &fakeTemporal{run: newFakeRun(-1)}, "run", "-f", file)
	require.Equal(t, "skipped: run run-1 of retrain/support-calls goes on already; nothing was started\n", got.stdout)
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	unverified := env{"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION": "true"}
	for _, tc := range []struct {
		env  env
		args []string
		want string
	}{
		{env: env{"TEMPORAL_TLS_CLIENT_CERT_PATH": "testdata/none.pem"}, want: "settings for Temporal"},
		{env: unverified, args: []string{"--address", "temporal.example:7233"}, want: "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"},
	} {
		f := &fakeTemporal{}
		got := executeOptions(t.Context(), f, Options{Args: append([]string{"run", "-f", requestFile(t)}, tc.args...), Env: tc.env})
		require.Equal(t, exit.Refused, got.code)
		require.Contains(t, got.stderr, tc.want)
		require.Zero(t, f.dialled, "nothing was sent")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := execute(t.Context(), &fakeTemporal{}, "version")
	require.Equal(t, exit.Done, got.code)
	require.Regexp(t, `^starter \S+(, commit [0-9a-f]+)?, go1\.\S+\n$`, got.stdout)
	require.Equal(t, got, execute(t.Context(), &fakeTemporal{}, "--version"))
	got = execute(t.Context(), &fakeTemporal{}, "version", "-o", "json")
	require.Regexp(t, `"version": ".+"`, got.stdout)
}
