package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// A fleet may be on several Speech resources. What the settings here are of matters for local files alone: a queue on another
// resource is amiss when a model of it has one, and the settings are when no worker works on theirs.
func TestDoctorOfSeveralResources(t *testing.T) {
	t.Parallel()
	const there = "westeurope.api.cognitive.microsoft.com"
	file := func(data string) string {
		return "fleet: prod\ndefaults: {locale: en-US}\nmodels:\n  - {name: desk, training: [{dataset: calls}]}\n  - name: field\n    taskQueue: west\n" +
			"    training: [" + data + "]\n"
	}
	const remote, local = "{dataset: calls}", "{name: calls, kind: Language, file: calls.txt}"
	for name, tc := range map[string]struct {
		args       []string
		file, here string
		says       string
		silent     string
	}{
		"no file is to be uploaded": {
			file: file(remote), here: there, silent: "error resource",
			says: "resource on west: the worker works on westus.example, the settings here are of " + there,
		},
		"one is": {
			file: file(local), here: there,
			says: "error resource on west: the worker works on westus.example, starter would upload the local files of field to " + there,
		},
		"nobody works on it": {
			file: file(remote), here: "desk.example", silent: "error resource",
			says: "warning resource: no worker that was asked works on desk.example",
		},
		"nobody does, and one is": {
			file: file(local), here: "desk.example", silent: "no worker that was asked", says: "error resource on west",
		},
		"of one queue": {
			args: []string{"--task-queue", "west"}, file: file(remote), here: there, silent: "no worker that was asked",
			says: "ok resource: the worker works on westus.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := wellSet()
				f.set.elsewhere = map[string]string{"west": "westus.example"}
				got := executeOptions(t.Context(), f, Options{
					Args: append([]string{"doctor", "-f", "-"}, tc.args...), Stdin: strings.NewReader(tc.file),
					Env: env{"SPEECH_ENDPOINT": "https://" + tc.here, "SPEECH_KEY": "k"},
					Look: func(context.Context, config.Settings) lifecycle.Examined {
						return lifecycle.Examined{Resource: tc.here, Credential: "key"}
					},
				})
				text := strings.Join(strings.Fields(got.stdout), " ")
				require.Contains(t, text, tc.says)
				if tc.silent != "" {
					require.NotContains(t, text, tc.silent)
				}
				sample.Narrow(t, got.stdout)
			})
		})
	}
}
