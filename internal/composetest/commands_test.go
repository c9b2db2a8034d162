package composetest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// build makes the programs once for all tests; TestMain removes them.
var build = sync.OnceValues(func() (stack.Binaries, error) {
	dir, err := filepath.Abs(root)
	if err != nil {
		return stack.Binaries{}, err
	}
	return stack.Build(context.Background(), dir, binDir)
})

var binDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "composetest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binDir = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// programs are the built binaries by the path that the images give them.
func programs(t *testing.T) map[string]string {
	t.Helper()
	b, err := build()
	require.NoError(t, err)
	const bin = "/usr/local/bin/"
	return map[string]string{bin + "worker": b.Worker, bin + "starter": b.Starter, bin + "emulator": b.Emulator, bin + "temporal": b.Temporal}
}

// commands are the command lines of a service: what it runs, and how its health is asked, if it is no job.
func commands(s types.ServiceConfig) [][]string {
	entrypoint := s.Entrypoint
	if s.Build.Target == "cli" {
		// The entry point of the image.
		entrypoint = types.ShellCommand{"/usr/local/bin/temporal"}
	}
	lines := [][]string{slices.Concat(entrypoint, s.Command)}
	if s.HealthCheck != nil {
		lines = append(lines, s.HealthCheck.Test[1:])
	}
	return lines
}

// Every program that a container of ours runs exists, and so does every sub-command and flag.
func TestCommandsNameBinariesAndFlagsThatExist(t *testing.T) {
	t.Parallel()
	binaries := programs(t)
	seen := map[string]bool{}
	for _, profile := range profiles {
		for name, s := range project(t, profile).Services {
			if s.Build == nil {
				continue
			}
			for _, line := range commands(s) {
				binary, ok := binaries[line[0]]
				require.True(t, ok, "%s: the image has no %s", name, line[0])
				subcommand := line[1:]
				if at := slices.IndexFunc(subcommand, isFlag); at >= 0 {
					subcommand = subcommand[:at]
				}
				help, err := exec.CommandContext(t.Context(), binary, append(slices.Clone(subcommand), "--help")...).CombinedOutput()
				require.NoError(t, err, "%s: %v\n%s", name, line, help)
				for _, flag := range slices.DeleteFunc(slices.Clone(line), func(word string) bool { return !isFlag(word) }) {
					require.Regexp(t, `(?m)^\s+(-\w, )?`+flag+`\b`, string(help), "%s: %v has no %s", name, line[:1+len(subcommand)], flag)
					seen[flag] = true
				}
			}
		}
	}
	for _, flag := range []string{"--task-queue", "--http", "--listen", "--allow-remote", "--db-filename", "--url"} {
		require.True(t, seen[flag], "the test looked at %s", flag)
	}
}

func isFlag(word string) bool { return strings.HasPrefix(word, "--") }

// The health check of the emulator's container asks a path that it serves.
func TestEmulatorAnswersItsHealthCheck(t *testing.T) {
	t.Parallel()
	binaries := programs(t)
	s, err := stack.New(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	e, err := s.StartEmulator(t.Context(), stack.EmulatorOptions{Binary: binaries["/usr/local/bin/emulator"]})
	require.NoError(t, err)

	check := project(t, "dev").Services["emulator"].HealthCheck.Test[1:]
	for i, word := range check {
		check[i] = strings.Replace(word, "http://127.0.0.1:8090", e.URL, 1)
	}
	require.Contains(t, strings.Join(check, " "), e.URL)
	out, err := exec.CommandContext(t.Context(), binaries[check[0]], check[1:]...).CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestScriptsAreShell(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob(filepath.Join(root, "deploy", "*", "*.sh"))
	require.NoError(t, err)
	require.Len(t, scripts, 2)
	for _, script := range scripts {
		out, err := exec.CommandContext(t.Context(), "sh", "-n", script).CombinedOutput()
		require.NoError(t, err, string(out))
		text, err := os.ReadFile(script)
		require.NoError(t, err)
		require.Contains(t, string(text), "set -eu", script)
	}
}

// The dev server of compose keeps what has ended for as long as that of make dev: doctor wants no less.
func TestTheDevServerRemembersTheLongestTraining(t *testing.T) {
	t.Parallel()
	temporal := programs(t)["/usr/local/bin/temporal"]
	s, err := stack.New(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	server, err := s.StartServer(t.Context(), stack.ServerOptions{Binary: temporal})
	require.NoError(t, err)
	c, err := server.Client(t.Context(), "default")
	require.NoError(t, err)
	t.Cleanup(c.Close)

	line := commands(project(t, "dev").Services["temporal-dev-setup"])[0]
	for i, word := range line {
		line[i] = strings.Replace(word, "temporal-dev:7233", server.Address, 1)
	}
	for range 2 {
		out, err := exec.CommandContext(t.Context(), temporal, line[1:]...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	seen, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: "default"})
	require.NoError(t, err)
	require.Equal(t, lifecycle.DefaultRequest().Limits.Training.Std(), seen.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration())
}

// The set-up job makes namespace and search attributes, and a second run changes nothing.
func TestNamespaceScriptRunsTwice(t *testing.T) {
	t.Parallel()
	temporal := programs(t)["/usr/local/bin/temporal"]
	s, err := stack.New(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	server, err := s.StartServer(t.Context(), stack.ServerOptions{Binary: temporal})
	require.NoError(t, err)

	// The script finds "temporal" on PATH, as in its image.
	bin := t.TempDir()
	require.NoError(t, os.Symlink(temporal, filepath.Join(bin, "temporal")))
	run := func() string {
		cmd := exec.CommandContext(t.Context(), "sh", filepath.Join(root, "deploy", "temporal", "namespace.sh"))
		cmd.Env = stack.Environment("PATH="+bin+":"+os.Getenv("PATH"),
			"TEMPORAL_ADDRESS="+server.Address, "TEMPORAL_NAMESPACE=farm", "RETENTION=30d")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	first := run()
	require.Contains(t, first, "farm successfully registered")
	require.Equal(t, len(workflows.SearchAttributes), strings.Count(first, "have been added"), first)
	second := run()
	require.NotContains(t, second, "registered")
	require.NotContains(t, second, "added")

	c, err := server.Client(t.Context(), "farm")
	require.NoError(t, err)
	t.Cleanup(c.Close)
	answer, err := c.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: "farm"})
	require.NoError(t, err)
	for _, a := range workflows.SearchAttributes {
		require.Equal(t, a.Type, answer.CustomAttributes[a.Name], a.Name)
	}
}
