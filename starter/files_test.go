package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

const requestWithFiles = `name: support-calls
locale: en-US
training:
  - {name: related text, kind: Language, file: good.txt, maxRejected: 0}
  - dataset: Calls of May
  - name: more text
    kind: Language
    file: FILE
tests:
  - dataset: Calls of June
    maxRegression: 0.02
`

// withFiles writes a request whose second local file is called second.
func withFiles(t *testing.T, second string) (dir, path string) {
	t.Helper()
	dir = folder(t, map[string]string{
		"good.txt": goodText, "warn.txt": warnText, "bad.txt": badText,
		"request.yaml": strings.ReplaceAll(requestWithFiles, "FILE", second),
	})
	return dir, filepath.Join(dir, "request.yaml")
}

func TestRunUploadsLocalFiles(t *testing.T) {
	t.Parallel()
	dir, path := withFiles(t, "warn.txt")
	bubble(t, func(t *testing.T) {
		s, fake := newShelf(), ended(succeeded(), nil)
		got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", path, "--detach"}, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exitDone, got.code, got.stderr)
		require.Contains(t, got.stderr, filepath.Join(dir, "warn.txt")+":3: warning: ")
		require.Len(t, s.requests, 2)
		require.Equal(t, filepath.Join(dir, "good.txt"), s.requests[0].Path)
		require.Equal(t, "speech", s.requests[0].Owner)
		require.JSONEq(t, `{"name": "support-calls", "locale": "en-US", "training": [
			{"name": "related text", "kind": "Language", "dataset": "id-of-related-text", "maxRejected": 0},
			{"dataset": "Calls of May"},
			{"name": "more text", "kind": "Language", "dataset": "id-of-more-text"}
		], "tests": [{"dataset": "Calls of June", "maxRegression": 0.02}]}`, string(fake.input))
	})
}

// A path is relative to the request, not to where starter was started; on standard input there is no
// other place.
func TestLocalFilesAreFoundFromTheRequest(t *testing.T) {
	t.Parallel()
	given := givenRequest{Request: lifecycle.Request{
		Training: []lifecycle.Data{{File: "a.txt"}, {Dataset: "x"}, {File: "/abs/b.txt"}},
		Tests:    []lifecycle.Test{{Data: lifecycle.Data{File: "../c.zip", MaxRejected: lifecycle.Ptr(0.2)}}},
	}, dir: "requests"}
	files := filesOf(given)
	require.Len(t, files, 3)
	require.Equal(t, []string{"training[0]", "training[2]", "tests[0]"}, []string{files[0].entry, files[1].entry, files[2].entry})
	require.Equal(t, []string{"requests/a.txt", "/abs/b.txt", "c.zip"}, []string{files[0].file, files[1].file, files[2].file})
	require.Equal(t, []bool{false, false, true}, []bool{files[0].limits.Test, files[1].limits.Test, files[2].limits.Test})
	require.InDelta(t, lifecycle.MaxRejected, files[0].limits.RejectedShare, 0)
	require.InDelta(t, 0.2, files[2].limits.RejectedShare, 0)
	given.dir = ""
	require.Equal(t, "a.txt", filesOf(given)[0].file)
}

func TestNoLocalFilesNeedNoService(t *testing.T) {
	t.Parallel()
	s, fake := newShelf(), ended(succeeded(), nil)
	got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", requestFile(t), "--detach"}, Upload: s.upload})
	require.Equal(t, exitDone, got.code, got.stderr)
	require.Empty(t, s.requests)
}

func TestRunRefusesLocalFiles(t *testing.T) {
	t.Parallel()
	t.Run("every problem of every file, and the settings", func(t *testing.T) {
		t.Parallel()
		dir, path := withFiles(t, "bad.txt")
		require.NoError(t, os.Remove(filepath.Join(dir, "good.txt")))
		s, fake := newShelf(), ended(succeeded(), nil)
		got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", path, "-o", "json"}, Upload: s.upload})
		require.Equal(t, exitRefused, got.code)
		golden(t, "run-files-refused", strings.ReplaceAll(got.stderr, dir, "DIR"))
		require.Empty(t, s.requests)
		require.Nil(t, fake.started)
		report := got.report(t)
		require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
		require.Equal(t, "support-calls", report.Name)
		require.Nil(t, report.RunID)
		require.Len(t, report.Error.Problems, 4)
		require.Equal(t, "training[0].file", report.Error.Problems[0].Path)
		require.Equal(t, "training[2].file", report.Error.Problems[2].Path)
	})
	t.Run("one goes on already", func(t *testing.T) {
		t.Parallel()
		_, path := withFiles(t, "good.txt")
		s, fake := newShelf(), &fakeTemporal{run: newFakeRun(-1)}
		got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", path}, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exitDone, got.code, got.stderr)
		require.Contains(t, got.stdout, "skipped: run run-1 of retrain/support-calls goes on already")
		require.Empty(t, s.requests, "nothing is uploaded for a run that is not started")
	})
	t.Run("Temporal away", func(t *testing.T) {
		t.Parallel()
		_, path := withFiles(t, "good.txt")
		s := newShelf()
		got := executeOptions(t.Context(), nil, Options{Args: []string{"run", "-f", path}, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exitUnreachable, got.code)
		require.Empty(t, s.requests)
	})
	t.Run("an upload fails", func(t *testing.T) {
		t.Parallel()
		_, path := withFiles(t, "good.txt")
		fake := ended(succeeded(), nil)
		s := &shelf{err: &speech.Error{Operation: "create dataset", Status: 403}}
		got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", path, "-o", "json"}, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exitFailed, got.code)
		require.Nil(t, fake.started)
		report := got.report(t)
		require.Equal(t, lifecycle.Unauthorized, report.Error.Type)
		require.Equal(t, "support-calls", report.Name)
	})
}

const requestWithTests = `{"name": "support-calls", "locale": "en-US", "training": [{"dataset": "Calls of May"}],
	"tests": [{"dataset": "Calls of June"}]}`

// tested is the report of a test of a version that turned out worse.
func tested() lifecycle.Report {
	r := rejected()
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
			require.Equal(t, exitDone, got.code, "a verdict of fail is a result: %s", got.stderr)
			golden(t, "test-fail", got.stdout)
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
				"--version", versionID, "--task-queue", "speech-2", "-o", "json")
			require.Equal(t, exitDone, got.code, got.stderr)
			require.Equal(t, lifecycle.Fail, got.report(t).Verdict.Result)
			require.Equal(t, "speech-2", fake.started.TaskQueue)
			require.JSONEq(t, `{"request": `+requestWithTests+`, "versionId": "`+versionID+`"}`, string(fake.input))
		})
	})
	t.Run("local files are uploaded", func(t *testing.T) {
		t.Parallel()
		_, path := withFiles(t, "good.txt")
		bubble(t, func(t *testing.T) {
			s, fake := newShelf(), ended(tested(), nil)
			got := executeOptions(t.Context(), fake, Options{Args: []string{"test", "support-calls", "-f", path}, Env: speechEnv(), Upload: s.upload})
			require.Equal(t, exitDone, got.code, got.stderr)
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
			require.Equal(t, exitInterrupted, got.code)
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
		{name: "no run", fake: &fakeTemporal{}, code: exitFailed, class: notFound, says: "Temporal knows no run of support-calls in namespace default; name the request with the tests: --file FILE"},
		{name: "a request without tests", fake: remembering(`{"name":"support-calls","locale":"en-US","training":[{"dataset":"x"}]}`), code: exitRefused, class: lifecycle.InvalidRequest, says: "has no tests; name a request with tests: --file FILE"},
		{name: "a request of another release", fake: remembering(`{"name":"support-calls","locale":"en-US","training":[{"dataset":"x"}],"new":1}`), code: exitRefused, class: lifecycle.InvalidRequest, says: "cannot be used again: new: unknown field"},
		{name: "history unreadable", fake: &fakeTemporal{run: newFakeRun(0)}, code: exitFailed, class: lifecycle.Internal, says: "cannot read the request of run run-1"},
		{name: "a file for another model", args: []string{"-f", filepath.Join(dir, "other.json")}, code: exitRefused, class: lifecycle.InvalidRequest, says: ":1: name: is other, but support-calls is to be tested"},
		{name: "a file without tests", args: []string{"-f", filepath.Join(dir, "untested.yaml")}, code: exitRefused, class: lifecycle.InvalidRequest, says: "tests: at least one test is required"},
		{name: "one goes on already", fake: &fakeTemporal{run: newFakeRun(-1), requested: []byte(requestWithTests)}, code: exitRefused, class: lifecycle.InvalidRequest, says: "a test of support-calls goes on already; nothing was started; watch it with: starter watch evaluate/support-calls"},
		{name: "Temporal away", code: exitUnreachable, class: lifecycle.Unavailable, says: "cannot reach Temporal"},
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
