package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

const requestWithTests = `{"name": "support-calls", "locale": "en-US", "training": [{"dataset": "Calls of May"}],
	"tests": [{"dataset": "Calls of June"}]}`

// tested is the report of a test of a version that turned out worse.
func tested() lifecycle.Report {
	r := sample.Rejected()
	r.Outcome = lifecycle.Succeeded
	r.WorkflowID = lifecycle.Ptr("evaluate/support-calls")
	r.Tests = []lifecycle.TestReport{{
		Name: "calls", DatasetID: "0c0c", EvaluationID: lifecycle.Ptr("0e0e"), Words: lifecycle.Ptr(int64(5200)),
		WordErrorRate: lifecycle.Ptr(0.131), Champion: lifecycle.Ptr(0.112), Difference: lifecycle.Ptr(0.019),
		Interval: &[2]float64{0.006, 0.032}, Verdict: lifecycle.Fail, Reason: "13.1 % is worse than the champion's 11.2 %",
	}}
	return r
}

func TestTestCommand(t *testing.T) {
	t.Parallel()
	t.Run("with the latest run's request", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := ended(tested(), nil)
			fake.run = newFakeRun(0)
			fake.run.status, fake.requested = completed, []byte(requestWithTests)
			got := execute(t.Context(), fake, "test", "support-calls")
			require.Equal(t, exit.Done, got.code, "a verdict of fail is a result: %s", got.stderr)
			sample.Golden(t, "test-fail", got.stdout)
			require.Equal(t, "started run run-1 of evaluate/support-calls\nCtrl-C stops watching, not the run\n", got.stderr)
			require.Equal(t, "Evaluate", fake.workflow)
			require.Equal(t, "evaluate/support-calls", fake.started.ID)
			require.Equal(t, "speech-retrainer", fake.started.TaskQueue)
			require.Equal(t, "Test the champion of support-calls", fake.started.StaticSummary)
			require.JSONEq(t, `{"request": `+requestWithTests+`}`, string(fake.input))
		})
	})
	t.Run("with a file, another version and queue", func(t *testing.T) {
		t.Parallel()
		dir := folder(t, map[string]string{"r.json": requestWithTests})
		bubble(t, func(t *testing.T) {
			fake := ended(tested(), nil)
			got := execute(t.Context(), fake, "test", "support-calls", "-f", filepath.Join(dir, "r.json"),
				"--version", sample.VersionID, "--task-queue", "speech-2", "-o", "json")
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Equal(t, lifecycle.Fail, got.report(t).Verdict.Result)
			require.Equal(t, "speech-2", fake.started.TaskQueue)
			require.JSONEq(t, `{"request": `+requestWithTests+`, "versionId": "`+sample.VersionID+`"}`, string(fake.input))
		})
	})
	t.Run("local files are uploaded", func(t *testing.T) {
		t.Parallel()
		_, path := withFiles(t, "good.txt")
		bubble(t, func(t *testing.T) {
			s, fake := newShelf(), ended(tested(), nil)
			got := executeOptions(t.Context(), fake, Options{Args: []string{"test", "support-calls", "-f", path}, Env: speechEnv(), Upload: s.upload})
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Len(t, s.requests, 2)
			var input struct {
				Request lifecycle.Request `json:"request"`
			}
			require.NoError(t, json.Unmarshal(fake.input, &input))
			require.Equal(t, "id-of-more-text", input.Request.Training[2].Dataset)
		})
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			fake := ended(tested(), nil)
			fake.run = newFakeRun(0)
			fake.run.status, fake.requested, fake.next.end = completed, []byte(requestWithTests), -1
			ctx, cancel := contextWithTimeout(t, 10*time.Second)
			defer cancel()
			got := execute(ctx, fake, "test", "support-calls")
			require.Equal(t, exit.Interrupted, got.code)
			require.Contains(t, got.stderr, "the run goes on; watch it with: starter watch evaluate/support-calls\n")
		})
	})
}

func TestTestRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"other.json": strings.ReplaceAll(requestWithTests, "support-calls", "other"), "untested.yaml": request})
	remembering := func(request string) *fakeTemporal {
		fake := &fakeTemporal{run: newFakeRun(0), requested: []byte(request)}
		fake.run.status = completed
		return fake
	}
	for _, tc := range []struct {
		name  string
		fake  *fakeTemporal
		args  []string
		code  int
		class lifecycle.FailureClass
		says  string
	}{
		{
			name: "no run", fake: &fakeTemporal{}, code: exit.Failed, class: exit.NotFound,
			says: "Temporal knows no run of support-calls in namespace default; name the request with the tests: --file FILE",
		},
		{
			name: "a request without tests", fake: remembering(`{"name":"support-calls","locale":"en-US","training":[{"dataset":"x"}]}`),
			code: exit.Refused, class: lifecycle.InvalidRequest, says: "has no tests; name a request with tests: --file FILE",
		},
		{
			name: "a request of another release", fake: remembering(`{"name":"support-calls","locale":"en-US","training":[{"dataset":"x"}],"new":1}`),
			code: exit.Refused, class: lifecycle.InvalidRequest, says: "cannot be used again: new: unknown field",
		},
		{
			name: "history unreadable", fake: &fakeTemporal{run: newFakeRun(0)}, code: exit.Failed, class: lifecycle.Internal,
			says: "cannot read the request of run run-1",
		},
		{
			name: "a file for another model", args: []string{"-f", filepath.Join(dir, "other.json")}, code: exit.Refused,
			class: lifecycle.InvalidRequest, says: ":1: name: is other, but support-calls is to be tested",
		},
		{
			name: "a file without tests", args: []string{"-f", filepath.Join(dir, "untested.yaml")}, code: exit.Refused,
			class: lifecycle.InvalidRequest, says: "tests: at least one test is required",
		},
		{
			name: "no ID", fake: &fakeTemporal{}, args: []string{"--version", "nosuch"}, code: exit.Refused, class: lifecycle.InvalidRequest,
			says: "--version must be the ID of a version",
		},
		{
			name: "one goes on already", fake: &fakeTemporal{run: newFakeRun(-1), requested: []byte(requestWithTests)}, code: exit.Refused,
			class: lifecycle.InvalidRequest,
			says:  "a test of support-calls goes on already; nothing was started; watch it with: starter watch evaluate/support-calls",
		},
		{name: "Temporal away", code: exit.Unreachable, class: lifecycle.Unavailable, says: "cannot reach Temporal"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := execute(t.Context(), tc.fake, append([]string{"test", "support-calls", "-o", "json"}, tc.args...)...)
			require.Equal(t, tc.code, got.code, got.stderr)
			require.Contains(t, got.stderr, tc.says)
			report := got.report(t)
			require.Equal(t, "support-calls", report.Name)
			require.Equal(t, tc.class, report.Error.Type)
		})
	}
}
