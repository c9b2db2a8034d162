package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"speech-retrainer/internal/stack"
)

// runError is a run that ended otherwise than well; code is the starter's exit code.
type runError struct{ code int }

func (e *runError) Error() string { return fmt.Sprintf("the run ended with exit code %d", e.code) }

// example is the request of the demo: local files, a test, an endpoint.
const example = "examples/request-full.yaml"

// newBaseQuality is how well the base model that is released between the two runs recognises speech: better
// than the emulator's others, so that the second version has something to gain.
const newBaseQuality = 0.97

// run runs the example request twice, with a new base model in between, and says what to try next.
func run(ctx context.Context, s *scene) error {
	fmt.Fprintf(s.out, "A local Temporal and a local Speech service: nothing leaves this machine.\n\n")
	fmt.Fprintf(s.out, "  Temporal   %s\n  Speech     %s  (the emulator)\n  worker     %s/readyz\n\n",
		s.server.Address, s.emulator.URL, s.worker.Health)
	began := time.Now()
	fmt.Fprintf(s.out, "The first run uploads the data, trains, tests and deploys:\n\n")
	if err := s.runExample(ctx); err != nil {
		return err
	}
	if _, err := s.emulator.Release(ctx, stack.BaseModel{Locale: "en-US", Quality: newBaseQuality}); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nMicrosoft releases a new base model; the data is unchanged. The second run:\n\n")
	if err := s.runExample(ctx); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nBoth runs took %s. What to try next:\n\n", time.Since(began).Round(100*time.Millisecond))
	fmt.Fprint(s.out, `  make dev    the same parts, left running, with Temporal's web UI
  make test   all tests, the end-to-end ones included
  examples/   requests to copy; README.md tells how to use a real resource

`)
	return nil
}

func (s *scene) runExample(ctx context.Context) error {
	fmt.Fprintf(s.out, "$ starter run -f %s\n", example)
	return s.starter(ctx, "run", "-f", filepath.FromSlash(example))
}

// starter runs the operator's program on this terminal. A Ctrl-C reaches it as well; after SIGTERM it is
// told to end.
func (s *scene) starter(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, s.binaries.Starter, args...)
	cmd.Dir = s.root
	cmd.Env = append(s.server.Environment(), s.emulator.Environment(listLag)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = stack.DieWithParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &runError{code: max(exit.ExitCode(), 1)}
	}
	return err
}
