package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// workshop is a folder with the real Makefile, in which go and bin/fetch are scripts that write down what they are asked.
type workshop struct {
	*testing.T
	dir, log string
}

func openWorkshop(t *testing.T) workshop {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the Makefile needs a shell")
	}
	w := workshop{T: t, dir: t.TempDir()}
	w.log = filepath.Join(w.dir, "log")
	for _, file := range []string{"Makefile", "tools/go.mod", "tools/go.sum", ".ci/run"} {
		content, err := os.ReadFile(filepath.Join("..", "..", file))
		require.NoError(t, err)
		w.write(file, string(content))
	}
	// Only what is named here is on PATH, so that a Temporal CLI of this machine is not.
	for _, name := range []string{"bash", "env", "make", "mkdir", "touch", "dirname", "cp", "ln", "awk"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skip("needs " + name)
		}
		require.NoError(t, os.MkdirAll(filepath.Join(w.dir, "path"), 0o700))
		require.NoError(t, os.Symlink(path, filepath.Join(w.dir, "path", name)))
	}
	w.write("stub/fetch", "#!/usr/bin/env bash\necho fetch $* >> "+w.log+"\n[ ${FETCH:-0} != 0 ] || echo fetched > bin/temporal\nexit ${FETCH:-0}\n")
	w.write("path/go", `#!/usr/bin/env bash
echo go $* >> `+w.log+`
mkdir -p bin
case "$*" in
"build -o bin/fetch ./internal/fetch") cp stub/fetch bin/fetch ;;
"build -C tools "*) echo built > bin/temporal ;;
esac
`)
	return w
}

func (w workshop) write(file, content string) {
	w.Helper()
	path := filepath.Join(w.dir, file)
	require.NoError(w, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(w, os.WriteFile(path, []byte(content), 0o700))
}

// run runs a command there and returns what it said, what was asked of go and fetch, and whether it ended well.
func (w workshop) run(environment []string, name string, args ...string) (said, asked string, ok bool) {
	w.Helper()
	require.NoError(w, os.WriteFile(w.log, nil, 0o600))
	cmd := exec.CommandContext(w.Context(), filepath.Join(w.dir, name), args...)
	cmd.Dir = w.dir
	cmd.Env = append(environment, "PATH="+filepath.Join(w.dir, "path"), "HOME="+w.dir)
	out, err := cmd.CombinedOutput()
	log, read := os.ReadFile(w.log)
	require.NoError(w, read)
	return string(out), string(log), err == nil
}

const (
	builtFetch = "go build -o bin/fetch ./internal/fetch\nfetch --to bin/temporal\n"
	builtCLI   = "go build -C tools -ldflags -s -w -o ../bin/temporal github.com/temporalio/cli/cmd/temporal\n"
)

// Where the Temporal CLI comes from: one's own, else fetched, else built, and what make says of it.
func TestMake(t *testing.T) {
	for name, c := range map[string]struct {
		environment []string
		// own is a file with a CLI of one's own.
		own    string
		asked  string
		says   string
		hidden string
		failed bool
	}{
		"fetched":           {asked: builtFetch, says: "There is no Temporal CLI", hidden: "Building"},
		"built":             {environment: []string{"FETCH=3"}, asked: builtFetch + builtCLI, says: "To avoid that: install it so that temporal is on PATH"},
		"a wrong setting":   {environment: []string{"FETCH=2"}, asked: builtFetch, says: "Error", hidden: "Building", failed: true},
		"interrupted":       {environment: []string{"FETCH=130"}, asked: builtFetch, says: "Error", hidden: "Building", failed: true},
		"one on PATH":       {own: "path/temporal", says: "Temporal CLI (TEMPORAL_CLI, else the one on PATH): /"},
		"one that is named": {own: "mine/cli", environment: []string{"TEMPORAL_CLI=mine/cli"}, says: "Temporal CLI (TEMPORAL_CLI, else the one on PATH): /"},
		"one that is not there": {
			environment: []string{"TEMPORAL_CLI=mine/cli"}, says: "TEMPORAL_CLI is no program (name a Temporal CLI, or leave it out): mine/cli", failed: true,
		},
		"one that was here once": {own: "bin/temporal"},
	} {
		t.Run(name, func(t *testing.T) {
			w := openWorkshop(t)
			if c.own != "" {
				w.write(c.own, "#!/usr/bin/env bash\n")
			}
			said, asked, ok := w.run(c.environment, "path/make", "temporal")
			require.Equal(t, !c.failed, ok, said)
			require.Equal(t, c.asked, asked)
			require.Contains(t, flat(said), c.says)
			narrow(t, said)
			if c.own != "" {
				// What the documents type is there, whose CLI it is.
				require.FileExists(t, filepath.Join(w.dir, "bin", "temporal"))
			}
			if c.hidden != "" {
				require.NotContains(t, said, c.hidden)
			}
		})
	}
}

// What make can do stands in 80 columns, each name apart from what it does.
func TestMakeHelp(t *testing.T) {
	said, _, ok := openWorkshop(t).run(nil, "path/make", "help")
	require.True(t, ok, said)
	require.Regexp(t, `(?m)^  make demo +Tell `, said)
	require.NotRegexp(t, `(?m)^  make .{12}[^ ]`, said)
	narrow(t, said)
}

// The programs that make starts use the CLI that it named, wherever they are started.
func TestMakeHandsOn(t *testing.T) {
	w := openWorkshop(t)
	w.write("mine/cli", "#!/usr/bin/env bash\n")
	w.write("path/go", "#!/usr/bin/env bash\necho go uses $TEMPORAL_CLI >> "+w.log+"\n")
	for _, args := range [][]string{{"build"}, {"build", "TEMPORAL_CLI=mine/cli"}} {
		said, asked, ok := w.run([]string{"TEMPORAL_CLI=./mine/cli"}, "path/make", args...)
		require.True(t, ok)
		narrow(t, said)
		require.Equal(t, "go uses "+w.dir+"/mine/cli", strings.Replace(strings.TrimSpace(asked), "/./", "/", 1))
	}
}

// CI builds what it stands on, and fetches no program.
func TestCIFetchesNothing(t *testing.T) {
	w := openWorkshop(t)
	require.NoError(t, os.Remove(filepath.Join(w.dir, "path", "make")))
	w.write("path/make", "#!/usr/bin/env bash\necho make $* with CI=$CI >> "+w.log+"\n")
	_, asked, ok := w.run(nil, ".ci/run")
	require.True(t, ok)
	require.Equal(t, "make check test with CI=true\n", asked)
}
