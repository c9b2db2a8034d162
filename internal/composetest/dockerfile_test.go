package composetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// instruction is one line of a Dockerfile, continuation lines joined.
type instruction struct {
	name string
	args []string
}

func instructions(t *testing.T) []instruction {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	var list []instruction
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			list = append(list, instruction{words[0], words[1:]})
		}
	}
	return list
}

func TestDockerfileNamesWhatExists(t *testing.T) {
	t.Parallel()
	stages := map[string]bool{}
	programs := map[string]bool{}
	for _, i := range instructions(t) {
		switch i.name {
		case "FROM":
			require.Len(t, i.args, 3, "every stage has a name: %v", i.args)
			if !stages[i.args[0]] {
				require.Regexp(t, pinned, i.args[0], "base images are pinned")
			}
			stages[i.args[2]] = true
		case "COPY":
			if from, ok := strings.CutPrefix(i.args[0], "--from="); ok {
				require.True(t, stages[from], "COPY --from=%s: no such stage", from)
				for _, source := range i.args[1 : len(i.args)-1] {
					if program, ok := strings.CutPrefix(source, "/out/"); ok && !strings.HasPrefix(source, "--") {
						require.True(t, programs[program], "COPY %s: nothing makes it", source)
					}
				}
				continue
			}
			for _, source := range i.args[:len(i.args)-1] {
				_, err := os.Stat(filepath.Join(root, source))
				require.NoError(t, err, "COPY %s", source)
			}
		case "RUN":
			for _, m := range regexp.MustCompile(` (?:\./([a-z]+))|mkdir /out/([a-z]+)|-o /out/([a-z]+)`).FindAllStringSubmatch(" "+strings.Join(i.args, " "), -1) {
				programs[m[1]+m[2]+m[3]] = true
				if m[1] != "" {
					require.FileExists(t, filepath.Join(root, m[1], "main.go"))
				}
			}
		}
	}
	for _, stage := range []string{"runtime", "cli"} {
		require.True(t, stages[stage], stage)
	}
	for _, program := range []string{"worker", "starter", "emulator", "temporal"} {
		require.True(t, programs[program], program)
	}
}

// The very line that builds the programs for an image sets their version: it is run here, into another folder. It compiles
// as make build does, so that one cache serves both; the image is built without cgo besides, which a machine that has it
// would compile everything anew for.
func TestDockerfileSetsTheVersion(t *testing.T) {
	t.Parallel()
	var line, stage string
	declared := false
	settings := map[string]string{}
	for _, i := range instructions(t) {
		command := strings.Join(i.args, " ")
		switch {
		case i.name == "FROM":
			declared, stage = false, i.args[2]
			settings[stage] = settings[i.args[0]]
		case i.name == "ENV":
			settings[stage] = command
		case i.name == "ARG" && command == "VERSION":
			declared = true
		case i.name == "RUN" && strings.Contains(command, "./worker"):
			require.True(t, declared, "a build argument holds from its line to the end of its stage")
			line = command
		}
	}
	require.Equal(t, "CGO_ENABLED=0 GOTOOLCHAIN=local", settings["programs"])
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	flags := regexp.MustCompile(`go build (.*) -o bin/ \$\(PROGRAMS`).FindStringSubmatch(string(makefile))
	require.Len(t, flags, 2, "how make build builds the programs")
	stamp := ` -X speech-retrainer/internal/build.version=${VERSION}"`
	require.Equal(t, "go build "+flags[1]+" -o /out/ ./worker ./starter ./emulator", strings.Replace(line, stamp, `"`, 1))
	out := t.TempDir()
	// The repository is not in the image's context: nothing but the argument tells the version.
	shell := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(line, "/out/", out+"/"))
	shell.Dir = root
	shell.Env = append(os.Environ(), "VERSION=v9.8.7", "GOTOOLCHAIN=local", "GOFLAGS=-buildvcs=false")
	text, err := shell.CombinedOutput()
	require.NoError(t, err, string(text))
	for _, program := range []string{"worker", "starter", "emulator"} {
		says, err := exec.CommandContext(t.Context(), filepath.Join(out, program), "--version").Output()
		require.NoError(t, err, program)
		require.Regexp(t, "^"+program+` v9\.8\.7, go1\.\S+\n$`, string(says))
	}
}

// The image is built without cgo: no package but Go's own, which do without, may have sources for it.
func TestNothingShippedNeedsCgo(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{if .CgoFiles}} cgo{{end}}{{end}}",
		"./worker", "./starter", "./emulator")
	list.Dir = root
	list.Env = append(os.Environ(), "CGO_ENABLED=1")
	packages, err := list.Output()
	require.NoError(t, err)
	require.Contains(t, string(packages), "speech-retrainer/worker\n")
	require.NotContains(t, string(packages), " cgo\n")
}

// The image must be built with a Go that go.mod accepts: GOTOOLCHAIN=local fetches no other.
func TestDockerfileHasTheGoOfTheModule(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	wanted := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))
	require.Len(t, wanted, 2)
	require.Equal(t, "golang:"+wanted[1], regexp.MustCompile(`^golang:\d+\.\d+`).FindString(instructions(t)[0].args[0]))

	tools, err := os.ReadFile(filepath.Join(root, "tools", "go.mod"))
	require.NoError(t, err)
	require.Regexp(t, `(?m)^(tool )?\s*github\.com/temporalio/cli/cmd/temporal$`, string(tools))
}

// What the build copies is not ignored, and what must never enter an image is.
func TestDockerignore(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	require.NoError(t, err)
	ignored := strings.Fields(string(text))
	for _, needed := range []string{"go.mod", "go.sum", "tools", "worker", "starter", "emulator", "internal", "activities", "workflows"} {
		require.NotContains(t, ignored, needed)
	}
	for _, secret := range []string{".git", "**/.env", "**/*.key", "**/*.pem"} {
		require.Contains(t, ignored, secret)
	}
}
