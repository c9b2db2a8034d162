package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	hostiletest "speech-retrainer/internal/hostile"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/rehearsal"
	"speech-retrainer/internal/sample"
	"speech-retrainer/internal/upload"
	"speech-retrainer/workflows"
)

// Texts of a hostile report: every one is what a terminal obeys.
func hostileReport(outcome lifecycle.Outcome) lifecycle.Report {
	r := hostiletest.Filled[lifecycle.Report](hostiletest.Text)
	r.Outcome = outcome
	return r
}

func hostileRow(name string) lifecycle.Row {
	row := hostiletest.Filled[lifecycle.Row](hostiletest.Text)
	row.Name = name
	return row
}

func hostilePlan(request lifecycle.Request) (lifecycle.Plan, error) {
	plan := hostiletest.Filled[lifecycle.Plan](hostiletest.Text)
	plan.Name, plan.Due = request.Name, request.Name == "two"
	plan.Error.Type = lifecycle.InvalidRequest // what a retrain would be refused for is part of a plan
	return plan, nil
}

// harmless is output of which a terminal obeys nothing.
func harmless(t *testing.T, text string) {
	t.Helper()
	at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
	require.Equal(t, -1, at, "%q", text[max(0, min(at, len(text))-40):])
}

// What a command prints of a run, a model or a plan, in words, as JSON or as Markdown, drives no terminal, whatever
// the service and Temporal hold.
func TestCommandsAreHarmless(t *testing.T) {
	t.Parallel()
	failing := func() error { return failedWith(hostileReport(lifecycle.Failed)) }
	file := requestFile(t)
	text := filepath.Join(t.TempDir(), "a.txt")
	require.NoError(t, os.WriteFile(text, []byte("\xef\xbb\xbf"+strings.ReplaceAll(hostiletest.Text, "\n", " ")+"\n"), 0o600))
	upload := func(context.Context, config.Settings, dataset.UploadRequest) (dataset.UploadResult, error) {
		return hostiletest.Filled[dataset.UploadResult](hostiletest.Text), nil
	}
	speech := env{"SPEECH_ENDPOINT": "http://127.0.0.1:1", "SPEECH_KEY": "k"}
	data := []string{text, "--kind", "Language", "--locale", "en-US"}
	for name, tt := range map[string]struct {
		fake    func() *fakeTemporal
		args    []string
		formats []string
		options Options
	}{
		"run":           {fake: func() *fakeTemporal { return ended(hostileReport(lifecycle.Rejected), nil) }, args: []string{"run", "-f", file}},
		"run that ends": {fake: func() *fakeTemporal { return ended(lifecycle.Report{}, failing()) }, args: []string{"run", "-f", file}},
		"run skipped": {fake: func() *fakeTemporal {
			run := newFakeRun(-1)
			run.id = hostiletest.Text
			return &fakeTemporal{run: run}
		}, args: []string{"run", "-f", file}},
		"run refused by Temporal": {fake: func() *fakeTemporal {
			return &fakeTemporal{startErr: serviceerror.NewInvalidArgument(hostiletest.Text)}
		}, args: []string{"run", "-f", file}},
		"unreachable": {fake: func() *fakeTemporal { return &fakeTemporal{dialErr: errors.New(hostiletest.Text)} }, args: []string{"run", "-f", file}},
		"watch": {
			fake: func() *fakeTemporal { return remembered(completed, hostileReport(lifecycle.Succeeded), nil) },
			args: []string{"watch", "support-calls"},
		},
		"watch live": {fake: func() *fakeTemporal {
			run := newFakeRun(time.Minute)
			run.script = []scene{{report: hostileReport(lifecycle.Running)}}
			run.result = hostileReport(lifecycle.Succeeded)
			return &fakeTemporal{run: run}
		}, args: []string{"watch", "support-calls"}},
		"report": {
			fake: func() *fakeTemporal { return remembered(completed, hostileReport(lifecycle.Succeeded), nil) }, args: []string{"report", "support-calls"},
			formats: []string{"text", "json", "markdown"},
		},
		"report of a failure": {fake: func() *fakeTemporal {
			return remembered(enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, lifecycle.Report{}, failing())
		}, args: []string{"report", "support-calls"}, formats: []string{"text", "json", "markdown"}},
		"report of the marks": {
			fake: func() *fakeTemporal { return &fakeTemporal{rows: []lifecycle.Row{hostileRow("support-calls")}} },
			args: []string{"report", "support-calls"},
		},
		"history": {
			fake: func() *fakeTemporal { return &fakeTemporal{rows: []lifecycle.Row{hostileRow("support-calls")}} },
			args: []string{"history", "support-calls"},
		},
		"not observed": {fake: func() *fakeTemporal { return &fakeTemporal{observeErr: failing()} }, args: []string{"report", "support-calls"}},
		"approve": {fake: func() *fakeTemporal {
			f := asking()
			r := hostileReport(lifecycle.Running)
			r.WaitingFor.Kind = "approval"
			f.run.script[0] = scene{report: r}
			answer := hostiletest.Filled[lifecycle.ApprovalReport](hostiletest.Text)
			f.answered = &answer
			return f
		}, args: []string{"approve", "support-calls", "--by", "ann", "--reason", "r"}},
		"data check":    {args: append([]string{"data", "check"}, data...)},
		"data upload":   {args: append([]string{"data", "upload", "--name", "a"}, data...), options: Options{Upload: upload, Env: speech}},
		"a file's name": {args: []string{"run", "-f", "none" + hostiletest.Text}},
		"a flag":        {args: []string{"run", "--" + hostiletest.Text}},
		"a command":     {args: []string{hostiletest.Text}},
		"a target":      {fake: func() *fakeTemporal { return &fakeTemporal{} }, args: []string{"watch", hostiletest.Text}},
	} {
		formats := tt.formats
		if formats == nil {
			formats = []string{"text", "json"}
		}
		for _, format := range formats {
			t.Run(name+" "+format, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) {
					o := tt.options
					o.Args = append(append([]string{}, tt.args...), "--output", format)
					var fake *fakeTemporal
					if tt.fake != nil {
						fake = tt.fake()
					}
					got := executeOptions(t.Context(), fake, o)
					harmless(t, got.stdout)
					harmless(t, got.stderr)
					require.NotEmpty(t, got.stdout+got.stderr)
				})
			})
		}
	}
}

func TestFleetCommandsAreHarmless(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{
		kept:     map[string]*client.ScheduleDescription{"renew/one": renewed("west", ""), "renew/two": renewed(hostiletest.Text, "")},
		retrains: map[string]retrain{"one": {stage: hostiletest.Text}, "two": {stage: hostiletest.Text}},
		row:      hostileRow, plan: hostilePlan,
	}
	for _, args := range [][]string{{"status"}, {"status", "one"}, {"plan", "-f", "-"}, {"plan", "-f", "-", "--verbose"}} {
		for _, format := range []string{"text", "json"} {
			got := executeOptions(t.Context(), f, Options{Args: append(args, "--output", format), Stdin: strings.NewReader(sample.TwoModels)})
			require.Contains(t, []int{exit.Done, exit.Changes, exit.Needed}, got.code, got.stderr)
			require.Contains(t, got.stdout, "[2J", "the texts are shown: %v", args)
			harmless(t, got.stdout)
			harmless(t, got.stderr)
		}
	}
}

// The printing functions that no fake reaches.
func TestPrintingIsHarmless(t *testing.T) {
	t.Parallel()
	const text = hostiletest.Text
	for name, print := range map[string]func(*app){
		"changes": func(a *app) {
			changes := []fleet.Change{{Model: text, Schedule: text, Action: fleet.Update, Diff: []string{text}, Paused: true}}
			a.out.PrintLines(fleet.Held{Fleet: fleet.Fleet{Name: text}}.Applied(changes, false).Lines(true))
		},
		"a dry run": func(a *app) {
			a.out.PrintLines(fleet.Held{Fleet: fleet.Fleet{Name: text, ID: text}, Fresh: true}.Applied(nil, true).Lines(false))
		},
		"a rehearsal":    func(a *app) { a.out.PrintLines(hostiletest.Filled[rehearsal.Result](text).Lines()) },
		"its events":     func(a *app) { a.out.PrintLines(hostiletest.Filled[rehearsal.Event](text).Lines()) },
		"a checked file": func(a *app) { a.out.PrintLines(append(hostiletest.Filled[upload.Checked](text).Problems(), text)) },
		"its summary":    func(a *app) { a.out.Print("%s", hostiletest.Filled[upload.Checked](text).Summary()) },
		"a status row": func(a *app) {
			a.printOverview(overview.Lines([]overview.Row{hostiletest.Filled[overview.Row](text)}, sample.Noon))
		},
		"a plan": func(a *app) { a.out.Plan(hostiletest.Filled[lifecycle.Plan](text), true) },
		"an end": func(a *app) { a.out.End(hostileReport(lifecycle.Rejected)) },
		"a failure": func(a *app) {
			f := exit.New(exit.Failed, text, text).Next("%s", text)
			f.Lines = []string{text}
			a.fail(f)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, asJSON := range []bool{false, true} {
				var stdout, stderr bytes.Buffer
				a := newApp(Options{Stdout: &stdout, Stderr: &stderr, Env: env{}})
				a.out.JSON = asJSON
				print(a)
				require.NotEmpty(t, stdout.String()+stderr.String())
				harmless(t, stdout.String())
				harmless(t, stderr.String())
			}
		})
	}
}

// Nor do the sweeps and the datasets that a worker tells of, at a terminal too.
func TestSweepsAreHarmless(t *testing.T) {
	t.Parallel()
	const text = hostiletest.Text
	swept := hostiletest.Filled[workflows.SweepReport](text)
	unused := hostiletest.Filled[lifecycle.UnusedDataset](text)
	unused.Locale = "en-US"
	other := hostileRow("support-calls")
	other.Locale = "en-US\x1b[31m"
	all := map[string]workflows.SweepReport{"sweep/support-calls": swept, "sweep/unused-en-us": swept}
	for _, args := range [][]string{
		{"sweep", "support-calls", "--locale", "en-US"},
		{"sweep", "support-calls", "--locale", "en-US", "--home", text},
		{"sweep", "support-calls"},
		{"data", "list", "--unused"},
		{"data", "delete", "--unused"},
	} {
		for _, format := range []string{"text", "json"} {
			for _, failing := range []map[string]error{
				nil,
				{"sweep/support-calls": failedWith(hostileReport(lifecycle.Failed)), "sweep/unused-en-us": failedWith(hostileReport(lifecycle.Failed))},
			} {
				s := &fakeTemporal{
					rows: []lifecycle.Row{hostileRow("support-calls"), other}, datasets: []lifecycle.UnusedDataset{unused},
					swept: all, failing: failing,
				}
				got := executeTyping(t.Context(), s, "yes\n", append(args, "-o", format)...)
				harmless(t, got.stdout)
				harmless(t, got.stderr)
				require.NotEmpty(t, got.stdout+got.stderr)
			}
		}
	}
}
