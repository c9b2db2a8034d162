package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// threeHooked is a fleet of models that share a web hook; one is on another queue, and one has a second hook.
const threeHooked = `fleet: desk
defaults:
  locale: en-US
  schedule: {every: 24h}
  taskQueue: west
  notify: [{urlFrom: {env: OPS_HOOK}, on: [failed]}]
  training: [{dataset: words}]
models:
  - name: one
  - name: two
    notify: [{urlFrom: {env: OPS_HOOK}, on: [expiring]}, {urlFrom: {env: TEAM_HOOK}, on: [approval]}]
  - name: three
    taskQueue: east
`

// Each web hook is tried once on each queue, whatever events it hears of and however many models name it.
func TestNotifyTest(t *testing.T) {
	t.Parallel()
	arrived := workflows.NotifyReport{Hooks: []workflows.NotifiedHook{{Env: "OPS_HOOK", Arrived: true, Signed: true}}}
	for name, tt := range map[string]struct {
		names  []string
		report workflows.NotifyReport
		code   int
		inputs []string
		stdout string
	}{
		"all": {
			report: arrived,
			inputs: []string{
				`east {"name":"three","locale":"en-US","notify":[{"urlFrom":{"env":"OPS_HOOK"},"on":["failed"]}]}`,
				`west {"name":"one","locale":"en-US","notify":[{"urlFrom":{"env":"OPS_HOOK"},"on":["failed"]}]}`,
				`west {"name":"two","locale":"en-US","notify":[{"urlFrom":{"env":"TEAM_HOOK"},"on":["approval"]}]}`,
			},
			stdout: "OPS_HOOK: arrived, signed (task queue west)\nOPS_HOOK: arrived, signed (task queue west)\nOPS_HOOK: arrived, signed (task queue east)\n",
		},
		"a chat": {
			names:  []string{"three"},
			report: workflows.NotifyReport{Hooks: []workflows.NotifiedHook{{Env: "OPS_HOOK", Format: lifecycle.FormatSlack, Arrived: true}}},
			inputs: []string{`east {"name":"three","locale":"en-US","notify":[{"urlFrom":{"env":"OPS_HOOK"},"on":["failed"]}]}`},
			stdout: "OPS_HOOK: arrived, as slack takes it (task queue east)\n",
		},
		"one that is refused": {
			names: []string{"three"}, code: exit.Failed,
			report: workflows.NotifyReport{Hooks: []workflows.NotifiedHook{{
				Env: "OPS_HOOK", Said: lifecycle.Ptr("web hook OPS_HOOK: the web hook answered 404 Not Found"),
				Next: lifecycle.Ptr("check the receiver, and the variable OPS_HOOK of the worker"),
			}}},
			inputs: []string{`east {"name":"three","locale":"en-US","notify":[{"urlFrom":{"env":"OPS_HOOK"},"on":["failed"]}]}`},
			stdout: "OPS_HOOK: did not arrive (task queue east): web hook OPS_HOOK: the web hook\nanswered 404 Not Found\n" +
				"what to do: check the receiver, and the variable OPS_HOOK of the worker\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeTemporal{notified: tt.report}
			got := executeOptions(t.Context(), f, Options{Args: append([]string{"notify", "test", "-f", "-"}, tt.names...), Stdin: strings.NewReader(threeHooked)})
			require.Equal(t, tt.code, got.code, got.stderr)
			slices.Sort(f.inputs)
			require.Equal(t, tt.inputs, f.inputs)
			require.Equal(t, tt.stdout, got.stdout)
		})
	}
	f := &fakeTemporal{notified: arrived}
	got := executeOptions(t.Context(), f, Options{Args: []string{"notify", "test", "-f", "-", "one", "-o", "json"}, Stdin: strings.NewReader(threeHooked)})
	require.Equal(t, exit.Done, got.code, got.stderr)
	var all []notified
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &all))
	require.Equal(t, []notified{{Model: "one", TaskQueue: "west", NotifiedHook: arrived.Hooks[0]}}, all)

	got = executeOptions(t.Context(), f, Options{Args: []string{"notify", "test", "-f", "-"}, Stdin: strings.NewReader(sample.TwoModels)})
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "names no web hook")
}
