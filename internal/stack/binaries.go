package stack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Binaries are the paths of the programs that a stack runs.
type Binaries struct {
	Worker, Starter, Emulator, Temporal string
}

// own are our programs: the name of the binary is the package's folder.
var own = []string{"worker", "starter", "emulator"}

// Root returns the project's root: the nearest folder above the working directory with a go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the project's root: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the project's root: no go.mod in or above %s", dir)
		}
	}
}

// FindBinaries looks our programs up in dir and the Temporal CLI in TEMPORAL_CLI, dir and PATH, in this
// order. The error names all that is missing.
func FindBinaries(dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, fmt.Errorf("find the programs: %w", err)
	}
	var missing []string
	found := map[string]string{}
	for _, name := range own {
		path, err := exec.LookPath(filepath.Join(dir, name))
		if err != nil {
			missing = append(missing, name)
		}
		found[name] = path
	}
	temporal, err := findTemporal(dir)
	if err != nil {
		missing = append(missing, fmt.Sprintf("temporal (%v)", err))
	}
	b := Binaries{Worker: found["worker"], Starter: found["starter"], Emulator: found["emulator"], Temporal: temporal}
	if len(missing) > 0 {
		return b, fmt.Errorf("missing in %s: %v; run `make build`", dir, missing)
	}
	return b, nil
}

// FindTemporal finds the Temporal CLI: TEMPORAL_CLI, one in dir, or one on PATH.
func FindTemporal(dir string) (string, error) { return findTemporal(dir) }

func findTemporal(dir string) (string, error) {
	if path := os.Getenv("TEMPORAL_CLI"); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("TEMPORAL_CLI: %w", err)
		}
		return found, nil
	}
	if path, err := exec.LookPath(filepath.Join(dir, "temporal")); err == nil {
		return path, nil
	}
	return exec.LookPath("temporal")
}

// Build builds our programs of the project at root into dir. The Temporal CLI is looked up where make
// puts it; when there is none, the pinned one is built: minutes the first time, then seconds.
func Build(ctx context.Context, root, dir string) (Binaries, error) {
	for _, name := range own {
		if err := run(ctx, root, "go", "build", "-o", filepath.Join(dir, name), "./"+name); err != nil {
			return Binaries{}, err
		}
	}
	if _, err := findTemporal(dir); err != nil {
		if found, err := findTemporal(filepath.Join(root, "bin")); err == nil {
			if err := os.Symlink(found, filepath.Join(dir, "temporal")); err != nil {
				return Binaries{}, fmt.Errorf("use %s: %w", found, err)
			}
		} else if err := run(ctx, root, "go", "build", "-C", "tools", "-ldflags", "-s -w",
			"-o", filepath.Join(dir, "temporal"), "github.com/temporalio/cli/cmd/temporal"); err != nil {
			return Binaries{}, err
		}
	}
	return FindBinaries(dir)
}

func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}
