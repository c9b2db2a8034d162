package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// full is a standard output that takes some bytes and then fails.
type full struct {
	room int
	why  syscall.Errno
}

func (f *full) Write(p []byte) (int, error) {
	if len(p) <= f.room {
		f.room -= len(p)
		return len(p), nil
	}
	n := f.room
	f.room = 0
	return n, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: f.why}
}

// Whatever a command prints: that it could not be written is told, and ends with 1. A closed pipe is not told.
func TestResultsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file, text := requestFile(t), filepath.Join(folder(t, map[string]string{"text.txt": goodText}), "text.txt")
	data := []string{text, "--kind", "Language", "--locale", "en-US"}
	upload := func(context.Context, config.Settings, dataset.UploadRequest) (dataset.UploadResult, error) {
		return dataset.UploadResult{DatasetID: "id"}, nil
	}
	rememberedWell := func() *fakeTemporal { return remembered(completed, sample.Succeeded(), nil) }
	both := []string{"text", "json"}
	for name, tt := range map[string]struct {
		fake func() *fakeTemporal
		args []string
		// formats are those of --output; none = there is no such flag.
		formats []string
		options Options
	}{
		"help":         {args: []string{"--help"}},
		"help of one":  {args: []string{"help", "run"}},
		"no command":   {args: []string{}},
		"completion":   {args: []string{"completion", "bash"}},
		"version flag": {args: []string{"--version"}},
		"version":      {args: []string{"version"}, formats: both},
		"data check":   {args: append([]string{"data", "check"}, data...), formats: both},
		"data upload": {
			args: append([]string{"data", "upload", "--name", "a"}, data...), formats: both, options: Options{Env: speechEnv(), Upload: upload},
		},
		"run":           {fake: func() *fakeTemporal { return ended(sample.Succeeded(), nil) }, args: []string{"run", "-f", file}, formats: both},
		"run, rejected": {fake: func() *fakeTemporal { return ended(sample.Rejected(), nil) }, args: []string{"run", "-f", file}, formats: both},
		"run, left":     {fake: func() *fakeTemporal { return ended(sample.Succeeded(), nil) }, args: []string{"run", "-f", file, "--detach"}, formats: both},
		"run, skipped":  {fake: func() *fakeTemporal { return &fakeTemporal{run: newFakeRun(-1)} }, args: []string{"run", "-f", file}, formats: both},
		"watch":         {fake: rememberedWell, args: []string{"watch", "support-calls"}, formats: both},
		"report":        {fake: rememberedWell, args: []string{"report", "support-calls"}, formats: []string{"text", "json", "markdown"}},
		"history":       {fake: func() *fakeTemporal { return &fakeTemporal{rows: sample.Observed()} }, args: []string{"history", "support-calls"}, formats: both},
	} {
		formats := tt.formats
		if formats == nil {
			formats = []string{""}
		}
		for _, format := range formats {
			for why, room := range map[syscall.Errno]int{syscall.ENOSPC: 0, syscall.EIO: 1, syscall.EPIPE: 1} {
				t.Run(strings.Join([]string{name, format, why.Error()}, ", "), func(t *testing.T) {
					t.Parallel()
					bubble(t, func(t *testing.T) {
						o := tt.options
						o.Args = append([]string{}, tt.args...)
						if format != "" {
							o.Args = append(o.Args, "--output", format)
						}
						o.Stdout = &full{room: room, why: why}
						var fake *fakeTemporal
						if tt.fake != nil {
							fake = tt.fake()
						}
						got := executeOptions(t.Context(), fake, o)
						require.Equal(t, exit.Failed, got.code, got.stderr)
						told := "starter: cannot write the result to standard output: " + why.Error() + "; what the command has started or changed stays so\n"
						if why == syscall.EPIPE {
							require.NotContains(t, got.stderr, "starter: ")
							return
						}
						require.Equal(t, 1, strings.Count(got.stderr, told), got.stderr)
						require.Equal(t, 1, strings.Count(got.stderr, "starter: "), got.stderr)
					})
				})
			}
		}
	}
}

// A failure keeps its own exit code: it says more than that nobody could read it.
func TestAFailureThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	got := executeOptions(t.Context(), nil, Options{Args: []string{"frobnicate", "-o", "json"}, Stdout: &full{why: syscall.ENOSPC}})
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, `unknown command "frobnicate"`)
	require.Contains(t, got.stderr, "cannot write the result to standard output: no space left on device")
	bubble(t, func(t *testing.T) {
		fake := remembered(completed, sample.Succeeded(), nil)
		fake.run.result.Outcome = lifecycle.Failed
		got := executeOptions(t.Context(), fake, Options{Args: []string{"watch", "support-calls"}, Stdout: &full{why: syscall.ENOSPC}})
		require.Equal(t, exit.Failed, got.code)
	})
}
