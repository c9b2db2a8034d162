package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
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

// printing is a command that prints.
type printing struct {
	fake func() *fakeTemporal
	args []string
	// formats are those of --output; none = text and JSON.
	formats []string
	options Options
}

func printings(t *testing.T) map[string]printing {
	t.Helper()
	plain := []string{""}
	hooked := filepath.Join(folder(t, map[string]string{"hooked.yaml": threeHooked}), "hooked.yaml")
	file, text := requestFile(t), filepath.Join(folder(t, map[string]string{"text.txt": goodText}), "text.txt")
	data := []string{text, "--kind", "Language", "--locale", "en-US"}
	upload := func(context.Context, config.Settings, dataset.UploadRequest) (dataset.UploadResult, error) {
		return dataset.UploadResult{DatasetID: "id"}, nil
	}
	past := func() *fakeTemporal { return remembered(completed, sample.Succeeded(), nil) }
	toEnd := func(report lifecycle.Report) func() *fakeTemporal {
		return func() *fakeTemporal {
			fake := ended(report, nil)
			fake.rows = sample.Observed()
			return fake
		}
	}
	scheduled := func() *fakeTemporal {
		return &fakeTemporal{
			kept: map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "")}, row: sample.Champion,
			plan: planOf, rows: sample.Observed(), datasets: unusedData(), swept: sweptData(),
		}
	}
	fires := func() *fakeTemporal {
		fake := scheduled()
		fake.fires = &answered{value: lifecycle.RenewReport{Outcome: "current", Reason: "it lives long"}}
		return fake
	}
	decided := []string{"support-calls", "--by", "ann", "--reason", "checked"}
	return map[string]printing{
		"help":         {args: []string{"--help"}, formats: plain},
		"help of one":  {args: []string{"help", "run"}, formats: plain},
		"no command":   {args: []string{}, formats: plain},
		"completion":   {args: []string{"completion", "bash"}, formats: plain},
		"version flag": {args: []string{"--version"}, formats: plain},
		"version":      {args: []string{"version"}},
		"data check":   {args: append([]string{"data", "check"}, data...)},
		"data upload": {
			args: append([]string{"data", "upload", "--name", "a"}, data...), options: Options{Env: speechEnv(), Upload: upload},
		},
		"data list":     {fake: scheduled, args: []string{"data", "list", "--unused"}},
		"data delete":   {fake: scheduled, args: []string{"data", "delete", "--unused", "--yes"}},
		"run":           {fake: toEnd(sample.Succeeded()), args: []string{"run", "-f", file}},
		"run, rejected": {fake: toEnd(sample.Rejected()), args: []string{"run", "-f", file}},
		"run, left":     {fake: toEnd(sample.Succeeded()), args: []string{"run", "-f", file, "--detach"}},
		"run, skipped":  {fake: func() *fakeTemporal { return &fakeTemporal{run: newFakeRun(-1)} }, args: []string{"run", "-f", file}},
		"watch":         {fake: past, args: []string{"watch", "support-calls"}},
		"cancel": {
			fake: func() *fakeTemporal {
				fake := watching(-1)
				fake.run.onCancel = canceledWith(sample.Canceled())
				return fake
			},
			args: []string{"cancel", "support-calls"},
		},
		"approve": {
			fake: func() *fakeTemporal {
				fake := asking()
				fake.answered = taken(lifecycle.AnswerApproved)
				return fake
			},
			args: append([]string{"approve"}, decided...),
		},
		"test": {
			fake: func() *fakeTemporal {
				fake := ended(tested(), nil)
				fake.run, fake.requested = newFakeRun(0), []byte(requestWithTests)
				fake.run.status = completed
				return fake
			},
			args: []string{"test", "support-calls"},
		},
		"rollback": {fake: toEnd(rolledBack()), args: append([]string{"rollback"}, decided...)},
		"adopt":    {fake: toEnd(takenOver()), args: []string{"adopt", "support-calls", "--version", sample.VersionID, "--by", "ann"}},
		"sweep":    {fake: scheduled, args: []string{"sweep", "support-calls", "--locale", "en-US"}},
		"report":   {fake: past, args: []string{"report", "support-calls"}, formats: []string{"text", "json", "markdown"}},
		"history":  {fake: toEnd(sample.Succeeded()), args: []string{"history", "support-calls"}},
		"status":   {fake: scheduled, args: []string{"status", "support-calls"}},
		"plan":     {fake: scheduled, args: []string{"plan", "-f", file}},
		"plan, due": {
			fake: scheduled, args: []string{"plan", "-f", "-"},
			options: Options{Stdin: strings.NewReader(strings.Replace(request, "support-calls", "two", 1))},
		},
		"apply":  {fake: scheduled, args: []string{"apply", "-f", deskOf(t, "", "one")}},
		"pause":  {fake: scheduled, args: []string{"pause", "support-calls"}},
		"resume": {fake: scheduled, args: []string{"resume", "support-calls"}},
		"notify": {
			fake: func() *fakeTemporal {
				return &fakeTemporal{notified: workflows.NotifyReport{Hooks: []workflows.NotifiedHook{{Env: "OPS_HOOK", Arrived: true}}}}
			},
			args: []string{"notify", "test", "-f", hooked},
		},
		"trigger": {fake: fires, args: []string{"trigger", "support-calls"}},
	}
}

// Whatever a command prints: that it could not be written is told, and ends with 1. A closed pipe is not told.
func TestResultsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for why, room := range map[syscall.Errno]int{syscall.ENOSPC: 0, syscall.EIO: 1, syscall.EPIPE: 1} {
		for name, tt := range printings(t) {
			formats := tt.formats
			if formats == nil {
				formats = []string{"text", "json"}
			}
			if tt.options.Stdin != nil {
				formats = formats[:1] // what was read is gone
			}
			for _, format := range formats {
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
						if why == syscall.EPIPE {
							require.NotContains(t, got.stderr, "starter: ")
							return
						}
						told := "starter: cannot write the result to standard output: " + why.Error() + "; what the command has started or changed stays so\n"
						require.Equal(t, 1, strings.Count(got.stderr, told), got.stderr)
						require.Equal(t, 1, strings.Count(got.stderr, "starter: "), got.stderr)
					})
				})
			}
		}
	}
	commands := newApp(Options{}).root().Commands()
	all := printings(t)
	for _, cmd := range commands {
		switch name := cmd.Name(); name {
		case "data", "reject", "rehearse": // its commands are there; as approve; needs a server, and prints in the same way
		default:
			require.Contains(t, all, name, "a command that prints is not here")
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
