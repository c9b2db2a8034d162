package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

// byContent is an upload that gives the same dataset to the same name and content, and counts what it sent.
type byContent struct{ sent int }

func (b *byContent) upload(ctx context.Context, _ config.Settings, r dataset.UploadRequest) (dataset.UploadResult, error) {
	in, err := os.Open(r.Path)
	if err != nil {
		return dataset.UploadResult{}, err
	}
	defer func() { _ = in.Close() }() // opened for reading only
	content, err := dataset.Identity(ctx, in, r.Kind, r.Locale)
	b.sent++
	name := lifecycle.DatasetDisplayName(r.Name, content)
	return dataset.UploadResult{DatasetID: "id-of " + name, DisplayName: name, Content: content}, err
}

// A dry run compares local files by content with what was uploaded for the schedule: it sends nothing, and needs to
// know where to upload only when there is something to upload.
func TestADryRunComparesByContent(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"good.txt": goodText, "fleet.yaml": fleetWithFile})
	path := filepath.Join(dir, "fleet.yaml")
	k, shelf := &fakeTemporal{}, &byContent{}
	apply := func(e env, args ...string) console {
		return executeOptions(t.Context(), k, Options{Args: append([]string{"apply", "-f", path}, args...), Env: e, Upload: shelf.upload})
	}
	here := env{"TEMPORAL_NAMESPACE": "speech"}

	got := apply(here, "--dry-run")
	require.Equal(t, exit.Refused, got.code, got.stdout)
	require.Contains(t, got.stderr, "its local files cannot be uploaded: settings: ")
	got = apply(speechEnv(), "--dry-run", "--verbose")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Contains(t, strings.Join(strings.Fields(got.stdout), " "), `input.training[0].dataset: (none) -> "the upload of `)
	require.Contains(t, got.stdout, "desk: would create 1, change 0, leave 0, delete 0; nothing was changed\n")
	require.Zero(t, shelf.sent)
	require.Empty(t, k.did())

	got = apply(speechEnv())
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, []string{"create renew/one"}, k.did())
	got = apply(here, "--dry-run")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, "desk: nothing changes\n", got.stdout)
	require.Equal(t, 1, shelf.sent)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "good.txt"), []byte(goodText+"the yaw drive hums\n"), 0o600))
	got = apply(here, "--dry-run")
	require.Equal(t, exit.Refused, got.code, "new content needs an upload")
	got = apply(speechEnv(), "--dry-run")
	require.Contains(t, got.stdout, "would create 0, change 1, leave 0, delete 0")
	require.Contains(t, strings.Join(strings.Fields(got.stdout), " "), `input.training[0].dataset: "id-of words `)
	require.Equal(t, 1, shelf.sent)
	require.Equal(t, exit.Done, apply(speechEnv()).code)
	require.Equal(t, "desk: nothing changes\n", apply(here, "--dry-run").stdout)

	// Its name is part of what a dataset is.
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(fleetWithFile, "name: words", "name: terms", 1)), 0o600))
	require.Contains(t, apply(speechEnv(), "--dry-run").stdout, "would create 0, change 1")
}

// A schedule of an earlier release does not know what was uploaded for it; the next apply notes it.
func TestASchedulesContentIsNotedLater(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t, map[string]string{"good.txt": goodText, "fleet.yaml": fleetWithFile}), "fleet.yaml")
	k, shelf := &fakeTemporal{}, &byContent{}
	apply := func(args ...string) console {
		return executeOptions(t.Context(), k, Options{Args: append([]string{"apply", "-f", path}, args...), Env: speechEnv(), Upload: shelf.upload})
	}
	require.Equal(t, exit.Done, apply().code)
	delete(k.kept["renew/one"].Schedule.Action.(*client.ScheduleWorkflowAction).Memo, "uploads")
	require.Contains(t, apply("--dry-run").stdout, "would create 0, change 1")
	require.Contains(t, apply().stdout, "files: their content is noted, for the next comparison\n")
	require.Contains(t, apply("--dry-run").stdout, "nothing changes")
	require.Contains(t, apply().stdout, "0 changed, 1 unchanged")
}

// What is wrong with a file is told by a dry run as well.
func TestADryRunChecksFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t, map[string]string{"good.txt": "bell\a\n", "fleet.yaml": fleetWithFile}), "fleet.yaml")
	got := executeOptions(t.Context(), &fakeTemporal{}, Options{Args: []string{"apply", "-f", path, "--dry-run"}, Env: env{}})
	require.Equal(t, exit.Refused, got.code, got.stdout)
	require.Contains(t, got.stderr, "control-characters: ")
}
