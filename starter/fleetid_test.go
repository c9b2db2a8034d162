package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
)

// idOf is the id in a fleet's file.
func idOf(t *testing.T, path string) string {
	t.Helper()
	a := newApp(Options{Env: env{}})
	f, err := a.readFleet(path)
	require.NoError(t, err)
	return f.ID
}

func TestWriteID(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	path := deskOf(t, "", "one", "two")
	k.applied(t, path)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(path, 0o640))

	got := execute(t.Context(), k, "apply", "--file", path, "--write-id", "--dry-run")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Contains(t, got.stdout, "id (a new one) would be written into ")
	require.Contains(t, got.stdout, "    fleetId: (none) -> (a new one)\n")
	require.Empty(t, k.did())
	require.Empty(t, idOf(t, path), "a dry run writes nothing")

	got = execute(t.Context(), k, "apply", "--file", path, "--write-id", "--output", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, []string{"update renew/one", "update renew/two"}, k.did())
	id := idOf(t, path)
	require.Len(t, id, len(uuid.NewString()))
	var done struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &done))
	require.Equal(t, id, done.ID)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.Replace(string(before), "fleet: desk\n", "fleet: desk\nid: "+id+"\n", 1), string(after))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing is left beside it")

	for _, args := range [][]string{nil, {"--write-id"}} {
		got = execute(t.Context(), k, append([]string{"apply", "--file", path}, args...)...)
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.Contains(t, got.stdout, "desk: 0 created, 0 changed, 2 unchanged, 0 deleted")
		require.Equal(t, id, idOf(t, path))
	}
}

// An id that is not that of the schedule, or is on one side only, is a refusal that --yes does not lift: for what the
// file changes and for what it deletes.
func TestAnotherFilesSchedulesAreLeft(t *testing.T) {
	t.Parallel()
	const mine, theirs = "id: mine-mine\n", "id: theirs-theirs\n"
	for name, tt := range map[string]struct {
		there, file string
		models      []string
		args        []string
		says        string
	}{
		"both, another": {
			theirs, mine,
			[]string{"one"},
			nil,
			"models[0].name: schedule renew/one has fleet id theirs-theirs, not the one of this file",
		},
		"both, another, to be stamped": {
			theirs, mine,
			[]string{"one"},
			[]string{"--write-id"},
			"schedule renew/one has fleet id theirs-theirs, not the one of this file",
		},
		"only the schedule":                {theirs, "", []string{"one"}, nil, "give the file its line back: id: theirs-theirs"},
		"only the schedule, to be stamped": {theirs, "", []string{"one"}, []string{"--write-id"}, "give the file its line back: id: theirs-theirs"},
		"only the file":                    {"", mine, []string{"one"}, nil, "apply it once with --write-id"},
		"deleted: both, another": {
			theirs, mine,
			[]string{"two"},
			[]string{"--prune"},
			"yaml: schedule renew/one has fleet id theirs-theirs, not the one of this file",
		},
		"deleted: only the schedule": {
			theirs, "",
			[]string{"two"},
			[]string{"--prune"},
			"yaml: schedule renew/one has fleet id theirs-theirs, this file has none",
		},
		"deleted: only the file": {"", mine, []string{"two"}, []string{"--prune"}, "temporal schedule delete --schedule-id renew/one"},
		"deleted: only the file, stamping": {
			"", mine,
			[]string{"two"},
			[]string{"--prune", "--write-id"},
			"it may be another file's of the same fleet name, and is not deleted",
		},
		"deleted: a new id": {"", "", []string{"two"}, []string{"--prune", "--write-id"}, "this file has (a new one): it may be another file's"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &fakeTemporal{}
			k.applied(t, deskOf(t, tt.there, "one"))
			require.Contains(t, k.refused(t, deskOf(t, tt.file, tt.models...), tt.args...), tt.says)
			require.Len(t, k.kept, 1)
		})
	}
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, theirs, "one"))
	k.applied(t, deskOf(t, mine, "two"))
	require.Len(t, k.kept, 2, "another file's schedules are no matter while nothing is done to them")
}

func TestTheIDIsPruned(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "id: mine-mine\n", "one", "two"))
	k.applied(t, deskOf(t, "id: mine-mine\n", "one"), "--prune", "--yes")
	require.Len(t, k.kept, 1)
}

// Part of the file's schedules have its id already: the rest gets it.
func TestTheRestIsStamped(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "", "two"))
	k.applied(t, deskOf(t, "id: mine-mine\n", "one"))
	k.applied(t, deskOf(t, "id: mine-mine\n", "one", "two"), "--write-id")
	for _, d := range k.kept {
		require.Equal(t, "mine-mine", fleet.NewStanding("", d).FleetID)
	}
}

func TestWriteIDRefused(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	got := execute(t.Context(), k, "apply", "--file", "-", "--write-id")
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "--write-id writes into the file of the fleet: name it with --file, not -")

	for id, says := range map[string]string{
		"12345678": "id: must be a text", "short": "id: must be a text of 8 to 64",
		`"a b c d e f"`: "id: must be a text of 8 to 64",
	} {
		require.Contains(t, k.refused(t, deskOf(t, "id: "+id+"\n", "one")), says)
	}
}

// With --task-queue only what is applied gets the id; what stays without it is told, with the command that marks it, and is left
// alone until then.
func TestWriteIDOfOneQueue(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	path := deskOf(t, "", "one", "two", "three")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	west := strings.NewReplacer("  - name: two\n", "  - name: two\n    taskQueue: west\n", "  - name: three\n", "  - name: three\n    taskQueue: west\n")
	require.NoError(t, os.WriteFile(path, []byte(west.Replace(string(text))), 0o600))
	k.applied(t, path)
	said := func(args ...string) (console, string) {
		got := execute(t.Context(), k, append([]string{"apply", "--file", path}, args...)...)
		return got, strings.Join(strings.Fields(got.stderr), " ")
	}
	const left = "without the id stay the schedules of models of other task queues (two, three): no apply changes or deletes them before they " +
		"have it: starter apply --file "
	for _, args := range [][]string{{"--dry-run"}, nil} {
		got, text := said(append(args, "--write-id", "--task-queue", "speech-retrainer")...)
		require.Equal(t, exit.Done, got.code, got.stderr)
		require.Contains(t, text, left)
		require.Contains(t, text, "--write-id --task-queue west")
	}
	require.Equal(t, []string{"update renew/one"}, k.did())

	got, text2 := said()
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, text2, "schedule renew/two has no fleet id, this file has "+idOf(t, path))
	require.Contains(t, text2, "apply it once with --write-id")

	got, text2 = said("--write-id", "--task-queue", "west")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.NotContains(t, text2, "without the id")
	require.Equal(t, []string{"update renew/three", "update renew/two"}, k.did())
	for _, d := range k.kept {
		require.Equal(t, idOf(t, path), fleet.NewStanding("", d).FleetID)
	}
}
