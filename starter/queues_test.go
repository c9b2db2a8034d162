package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// twoResources is a fleet over two Speech resources, whose models have local files on both.
const twoResources = `fleet: desk
defaults:
  locale: en-US
  ` + sample.Heard + `
  training: [{name: words, kind: Language, file: good.txt}]
models:
  - {name: one}
  - {name: two, taskQueue: west}
  - {name: three, taskQueue: west}
`

// Identities of workers: here is on the resource of speechEnv.
const (
	here, west = "1@a@127.0.0.1:1", "2@b@west.example"
	earlier    = "3@c"
)

// placedIn applies twoResources with these workers.
func placedIn(t *testing.T, k *fakeTemporal, shelf *byContent, e env, args ...string) console {
	t.Helper()
	path := filepath.Join(folder(t, map[string]string{"good.txt": goodText, "fleet.yaml": twoResources}), "fleet.yaml")
	got := executeOptions(t.Context(), k, Options{Args: append([]string{"apply", "-f", path}, args...), Env: e, Upload: shelf.upload})
	got.stderr = strings.ReplaceAll(got.stderr, path, "fleet.yaml")
	return got
}

// A dataset's ID leads nowhere on another resource: files are uploaded only to the one that the models' worker works on.
func TestFilesGoToTheResourceOfTheirWorker(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		workers map[string][]string
		args    []string
		// does are the schedules that are made; says why none is.
		does []string
		says []string
	}{
		"two resources": {
			workers: map[string][]string{"speech-retrainer": {here}, "west": {west}},
			says: []string{
				"fleet.yaml:8: models[1].taskQueue: two, three: local files would be uploaded to 127.0.0.1:1, " +
					"but the worker of task queue west works on west.example",
				"set SPEECH_ENDPOINT (or SPEECH_REGION) and the key here to those of west.example, and: starter apply --file fleet.yaml --task-queue west",
				"with the settings as they are: starter apply --file fleet.yaml --task-queue speech-retrainer",
			},
		},
		"all of them elsewhere": {
			workers: map[string][]string{"speech-retrainer": {west}, "west": {west}},
			says: []string{
				"was refused with 2 problems", "fleet.yaml:7: models[0].taskQueue: one: local files would be uploaded to 127.0.0.1:1",
				"apply the models of one Speech resource at a time: starter apply --file fleet.yaml --task-queue QUEUE",
			},
		},
		"one of them": {workers: map[string][]string{"west": {west}}, args: []string{"--task-queue", "speech-retrainer"}, does: []string{"create renew/one"}},
		"the other of them": {
			workers: map[string][]string{"west": {here}}, args: []string{"--task-queue", "west"},
			does: []string{"create renew/three", "create renew/two"},
		},
		"the wrong one": {
			workers: map[string][]string{"west": {west}}, args: []string{"--task-queue", "west"},
			says: []string{"two, three: local files would be uploaded to 127.0.0.1:1", "nothing was applied; correct it and try again"},
		},
		"both, of one resource": {
			workers: map[string][]string{"speech-retrainer": {here}, "west": {here, earlier}},
			args:    []string{"--task-queue", "west", "--task-queue", "speech-retrainer"},
			does:    []string{"create renew/one", "create renew/three", "create renew/two"},
		},
		"nobody tells": {
			workers: map[string][]string{"speech-retrainer": {earlier}},
			says: []string{
				"models[0].taskQueue: one: no worker of task queue speech-retrainer tells which Speech resource it works on",
				"models[1].taskQueue: two, three: no worker of task queue west tells", "start it (worker --task-queue west)",
			},
		},
		"one of two tells": {
			workers: map[string][]string{"speech-retrainer": {here}},
			says: []string{
				"two, three: no worker of task queue west tells",
				"with the settings as they are: starter apply --file fleet.yaml --task-queue speech-retrainer",
			},
		},
		"nobody tells of the only one": {args: []string{"--task-queue", "west"}, does: []string{"create renew/three", "create renew/two"}},
		"workers that differ": {
			workers: map[string][]string{"west": {here, west}}, args: []string{"--task-queue", "west"},
			says: []string{"the workers of task queue west work on different Speech resources: 127.0.0.1:1, west.example"},
		},
		"no such queue": {args: []string{"--task-queue", "wets"}, says: []string{`fleet.yaml has no model of task queue "wets"; did you mean west?`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, shelf := &fakeTemporal{workers: tt.workers}, &byContent{}
			dry := placedIn(t, k, shelf, speechEnv(), append(tt.args, "--dry-run")...)
			require.Zero(t, shelf.sent)
			got := placedIn(t, k, shelf, speechEnv(), tt.args...)
			require.Equal(t, got.code, dry.code, "a dry run says the same")
			require.Equal(t, tt.does, k.did())
			if len(tt.says) == 0 {
				require.Equal(t, exit.Done, got.code, got.stderr)
				require.Equal(t, len(tt.does), shelf.sent)
				return
			}
			require.Equal(t, exit.Refused, got.code, got.stderr)
			require.Equal(t, got.stderr, dry.stderr)
			require.Zero(t, shelf.sent, "nothing was uploaded")
			for _, says := range tt.says {
				require.Contains(t, strings.Join(strings.Fields(got.stderr), " "), says)
			}
		})
	}
}

// What is of other task queues than the chosen ones stays as it is, whatever stands against it; --prune compares with the
// whole file.
func TestApplyOneQueueLeavesTheOthers(t *testing.T) {
	t.Parallel()
	k, shelf := &fakeTemporal{workers: map[string][]string{"west": {west}}}, &byContent{}
	e := speechEnv()
	e["TEMPORAL_NAMESPACE"] = "default"
	k.applied(t, deskOf(t, "", "one", "old"))
	k.kept["renew/one"].Memo = nil // taken for one made by hand

	got := placedIn(t, k, shelf, e, "--task-queue", "speech-retrainer", "--dry-run")
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "schedule renew/one was made by hand")

	k.workers["west"] = []string{here}
	got = placedIn(t, k, shelf, e, "--task-queue", "west", "--prune", "--yes", "--adopt-schedules")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, []string{"create renew/three", "create renew/two", "delete renew/old"}, k.did())
	require.Contains(t, got.stdout, "left as they are: 1 model of other task queues\n")
	require.NotContains(t, got.stderr, "renew/one", "nor is it taken over")

	got = placedIn(t, k, shelf, e, "--task-queue", "west", "--dry-run", "--output", "json")
	var applied struct{ Left []string }
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &applied))
	require.Equal(t, []string{"one"}, applied.Left)
}

// The files of one request go to the resource of the worker that is to run it.
func TestRunRefusesFilesForAnotherResource(t *testing.T) {
	t.Parallel()
	_, path := withFiles(t, "good.txt")
	run := func(worker string, args ...string) (*fakeTemporal, *shelf, console) {
		s, fake := newShelf(), ended(sample.Succeeded(), nil)
		fake.workers = map[string][]string{"west": {worker}}
		return fake, s, executeOptions(t.Context(), fake, Options{Args: append(args, "--file", path, "--task-queue", "west"), Env: speechEnv(), Upload: s.upload})
	}
	for _, args := range [][]string{{"run", "--detach"}, {"test", "support-calls"}} {
		fake, s, got := run(west, args...)
		require.Equal(t, exit.Refused, got.code, got.stderr)
		require.Empty(t, s.requests)
		require.Nil(t, fake.started)
		said := strings.Join(strings.Fields(got.stderr), " ")
		require.Contains(t, said, "support-calls: local files would be uploaded to 127.0.0.1:1, but the worker of task queue west works on west.example")
		require.Contains(t, said, "or name the task queue of the worker for 127.0.0.1:1 with --task-queue")
	}
	_, _, got := run(west, "run", "--detach", "--output", "json")
	require.Equal(t, lifecycle.WrongResource, got.report(t).Error.Type)
	for _, worker := range []string{here, earlier} {
		fake, s, got := run(worker, "run", "--detach")
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.Len(t, s.requests, 2)
		require.NotNil(t, fake.started)
	}
}
