package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"speech-retrainer/internal/stack"
)

// written is the emulator's default address, which the example request names.
const written = "http://127.0.0.1:8090"

// runError is a run that ended otherwise than well; code is the starter's exit code.
type runError struct{ code int }

func (e *runError) Error() string { return fmt.Sprintf("the run ended with exit code %d", e.code) }

// run runs the example request and says what to try next.
func run(ctx context.Context, s *scene) error {
	fmt.Fprintf(s.out, "A local Temporal and a local Speech service: nothing leaves this machine.\n\n")
	fmt.Fprintf(s.out, "  Temporal   %s\n  Speech     %s  (the emulator)\n  worker     %s/readyz\n\n",
		s.server.Address, s.emulator.URL, s.worker.Health)
	request, err := s.request()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "$ starter run -f examples/request.yaml\n")
	began := time.Now()
	if err := s.starter(ctx, "run", "-f", request); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nThe run took %s. What to try next:\n\n", time.Since(began).Round(100*time.Millisecond))
	fmt.Fprint(s.out, `  make dev    the same parts, left running, with Temporal's web UI
  make test   all tests, the end-to-end ones included
  examples/   requests to copy; README.md tells how to use a real resource

`)
	return nil
}

// request writes a copy of the example with the emulator's real address.
func (s *scene) request() (string, error) {
	text, err := os.ReadFile(filepath.Join(s.root, "examples", "request.yaml"))
	if err != nil {
		return "", fmt.Errorf("read the example request: %w", err)
	}
	if !strings.Contains(string(text), written) {
		return "", fmt.Errorf("examples/request.yaml does not name %s: nothing to put the emulator's address in for", written)
	}
	path := filepath.Join(filepath.Dir(s.server.LogPath()), "request.yaml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), written, s.emulator.URL)), 0o600); err != nil {
		return "", fmt.Errorf("write the request: %w", err)
	}
	return path, nil
}

// starter runs the operator's program on this terminal. A Ctrl-C reaches it as well; after SIGTERM it is
// told to end.
func (s *scene) starter(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, s.binaries.Starter, args...)
	cmd.Env = s.server.Environment()
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
