package stack

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
)

func TestClusterConfiguration(t *testing.T) {
	t.Parallel()
	text, err := clusterConfig{
		Name: "cluster-1", Address: "127.0.0.1:21001", Postgres: "127.0.0.1:21000", User: "temporal", Password: "secret",
		Databases: map[string]string{"default": "temporal", "visibility": "temporal_visibility"},
		Services: []clusterService{
			{"frontend", 21001, 21002}, {"history", 21003, 21004}, {"matching", 21005, 21006}, {"worker", 21007, 21008},
		},
		Dynamic: "/a folder/dynamicconfig.yaml",
	}.render()
	require.NoError(t, err)
	bundle.Golden(t, "cluster.yaml", text)
	var read map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &read))
}

// Each service has its own ports; a membership port that the schema's smallint cannot hold keeps the server from starting.
func TestClusterPorts(t *testing.T) {
	t.Parallel()
	c, err := newClusterConfig(&Postgres{Port: 5432, Password: "secret"}, "dynamicconfig.yaml")
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, s := range c.Services {
		require.Less(t, s.Membership, 32768)
		seen[s.Port], seen[s.Membership] = true, true
	}
	require.Len(t, seen, 8)
	require.Equal(t, "127.0.0.1:5432", c.Postgres)
}

// programsIn makes a folder with executable files of these names.
func programsIn(t *testing.T, dir string, names ...string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o700))
	for _, name := range names {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o700))
	}
	return dir
}

func TestFindPostgres(t *testing.T) {
	t.Parallel()
	debian, other := t.TempDir(), t.TempDir()
	_, err := findPostgres([]string{"", other, filepath.Join(other, "nowhere")}, debian)
	require.EqualError(t, err, "missing: Postgres's server, of which the programs initdb and postgres are neither on PATH nor in "+
		debian+"/*/bin. Install it with `apt-get install postgresql` (Debian, Ubuntu), `dnf install postgresql-server` (Fedora) or "+
		"`brew install postgresql` (macOS). A database of its own is made in a temporary folder: one that you have is not touched")

	programsIn(t, filepath.Join(debian, "17", "bin"), "psql", "initdb") // the client's package, and a half one
	for _, older := range []string{"9.6", "13"} {
		programsIn(t, filepath.Join(debian, older, "bin"), "initdb", "postgres")
	}
	newest := programsIn(t, filepath.Join(debian, "15", "bin"), "initdb", "postgres")
	found, err := findPostgres([]string{other}, debian)
	require.NoError(t, err)
	require.Equal(t, newest, found)

	programsIn(t, other, "initdb", "postgres")
	found, err = findPostgres([]string{other}, debian)
	require.NoError(t, err)
	require.Equal(t, other, found, "what is on PATH was chosen by a person")
}

func TestPostgresAccount(t *testing.T) {
	t.Parallel()
	machine := func(names ...string) func(string) (*user.User, error) {
		return func(name string) (*user.User, error) {
			for _, known := range names {
				if name == known {
					return &user.User{Uid: "101", Gid: "104"}, nil
				}
			}
			return nil, errors.New("unknown user")
		}
	}
	for name, tt := range map[string]struct {
		uid   int
		users []string
		want  *Account
		err   string
	}{
		"an ordinary user":      {uid: 1000, users: []string{"postgres", "nobody"}},
		"root":                  {users: []string{"nobody", "postgres"}, want: &Account{"postgres", 101, 104}},
		"root without postgres": {users: []string{"nobody"}, want: &Account{"nobody", 101, 104}},
		"root alone": {err: "missing: a user for Postgres, which refuses to run as root; this machine has neither postgres nor nobody. " +
			"Run this as another user than root, or add one with `useradd --system postgres`"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account, err := postgresAccount(tt.uid, machine(tt.users...))
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, account)
		})
	}
}

func TestStartClusterNamesWhatToBuild(t *testing.T) {
	t.Parallel()
	s, err := New(t.TempDir())
	require.NoError(t, err)
	_, err = s.StartCluster(t.Context(), ClusterOptions{Bin: programsIn(t, t.TempDir(), "temporal-server")})
	require.ErrorContains(t, err, "temporal-sql-tool")
	require.ErrorContains(t, err, "make cluster")
}

func TestFinishTellsWhatWasPrinted(t *testing.T) {
	t.Parallel()
	spec := Spec{Name: "script", Path: "/bin/sh", Args: []string{"-c", "echo $GREETING; exit $CODE"}, Env: []string{"GREETING=hello", "CODE=0"}}
	require.NoError(t, finish(t.Context(), spec))
	spec.Env = []string{"GREETING=no such table", "CODE=3"}
	require.EqualError(t, finish(t.Context(), spec), "script: exit status 3\nno such table")
}
