package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
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
		s, fake := newShelf(), ended(sample.Succeeded(), nil)
		got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", path, "--detach"}, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exit.Done, got.code, got.stderr)
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

func TestNoLocalFilesNeedNoService(t *testing.T) {
	t.Parallel()
	s, fake := newShelf(), ended(sample.Succeeded(), nil)
	got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", requestFile(t), "--detach"}, Upload: s.upload})
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Empty(t, s.requests)
}

func TestRunRefusesLocalFiles(t *testing.T) {
	t.Parallel()
	t.Run("every problem of every file, and the settings", func(t *testing.T) {
		t.Parallel()
		dir, path := withFiles(t, "bad.txt")
		require.NoError(t, os.Remove(filepath.Join(dir, "good.txt")))
		s, fake := newShelf(), ended(sample.Succeeded(), nil)
		got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", path, "-o", "json"}, Upload: s.upload})
		require.Equal(t, exit.Refused, got.code)
		sample.Golden(t, "run-files-refused", strings.ReplaceAll(got.stderr, dir, "DIR"))
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
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.Contains(t, got.stdout, "skipped: run run-1 of retrain/support-calls goes on already")
		require.Empty(t, s.requests, "nothing is uploaded for a run that is not started")
	})
	t.Run("Temporal away", func(t *testing.T) {
		t.Parallel()
		_, path := withFiles(t, "good.txt")
		s := newShelf()
		got := executeOptions(t.Context(), nil, Options{Args: []string{"run", "-f", path}, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exit.Unreachable, got.code)
		require.Empty(t, s.requests)
	})
	t.Run("an upload fails", func(t *testing.T) {
		t.Parallel()
		_, path := withFiles(t, "good.txt")
		fake := ended(sample.Succeeded(), nil)
		s := &shelf{err: &speech.Error{Operation: "create dataset", Status: 403}}
		got := executeOptions(t.Context(), fake, Options{Args: []string{"run", "-f", path, "-o", "json"}, Env: speechEnv(), Upload: s.upload})
		require.Equal(t, exit.Failed, got.code)
		require.Nil(t, fake.started)
		report := got.report(t)
		require.Equal(t, lifecycle.Unauthorized, report.Error.Type)
		require.Equal(t, "support-calls", report.Name)
	})
}
