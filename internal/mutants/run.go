package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// testLimit bounds the tests of one mutation.
const testLimit = 10 * time.Minute

// event is one line of `go test -json`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	// FailedBuild is set when a package fails because it does not compile.
	FailedBuild string
}

// answer is what the tests said.
type answer struct {
	// failed is the first test that failed; empty when none did.
	failed string
}

// test runs the tests with the mutation laid over the tree; a mutant of no file is the tree as it is. An error means
// that there is no answer: it does not compile, nothing ran, or it took too long.
func test(ctx context.Context, root string, s suite, m mutant, mutated []byte) (answer, error) {
	args := []string{"test", "-json", "-vet=off", "-timeout", testLimit.String(), "-run", s.run}
	if m.File != "" {
		overlay, remove, err := layOver(root, m, mutated)
		if err != nil {
			return answer{}, err
		}
		defer remove()
		args = append(args, "-overlay", overlay)
	}
	command := exec.CommandContext(ctx, "go", append(args, s.packages...)...)
	command.Dir = root
	// Property tests draw the same cases each time, and neither shrink nor keep those that a mutation makes fail.
	// Workflow tests do not fail because the machine is slow (TEMPORAL_DEBUG turns the deadlock detector off).
	command.Env = append(os.Environ(), "RAPID_SEED=1", "RAPID_SHRINKTIME=0s", "RAPID_NOFAILFILE=true", "TEMPORAL_DEBUG=true")
	// An interrupt must end the tests too, and they tidy up after themselves.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if ctx.Err() != nil {
		return answer{}, ctx.Err()
	}
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return answer{}, err
	}
	said, fault := read(out)
	switch {
	case fault != nil:
		return answer{}, fault
	case (err != nil) != (said.failed != ""):
		return answer{}, fmt.Errorf("go test ended with %v, but not for a test that failed: %s", err, strings.TrimSpace(complaints.String()))
	}
	return said, nil
}

// layOver writes the mutated source and the overlay that puts it in the place of the real one.
func layOver(root string, m mutant, mutated []byte) (overlay string, remove func(), err error) {
	folder, err := os.MkdirTemp("", "speech-retrainer-mutant-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) }
	original, err := filepath.Abs(filepath.Join(root, m.File))
	source := filepath.Join(folder, "mutant.go")
	overlay = filepath.Join(folder, "overlay.json")
	var content []byte
	if err == nil {
		content, err = json.Marshal(map[string]any{"Replace": map[string]string{original: source}})
	}
	if err == nil {
		err = os.WriteFile(source, mutated, 0o600)
	}
	if err == nil {
		err = os.WriteFile(overlay, content, 0o600)
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return overlay, remove, nil
}

// read finds the first test that failed. The innermost comes first: a subtest ends before what it is part of.
func read(out []byte) (answer, error) {
	var a answer
	ran := false
	var built strings.Builder
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var e event
		if err := decoder.Decode(&e); err != nil {
			return a, fmt.Errorf("read what go test says: %w", err)
		}
		switch {
		case e.Action == "build-output":
			built.WriteString(e.Output)
		case e.FailedBuild != "":
			return a, fmt.Errorf("it does not compile: %s", strings.TrimSpace(built.String()))
		case strings.HasPrefix(e.Output, "panic: test timed out"):
			return a, fmt.Errorf("the tests of %s did not end within %s", e.Package, testLimit)
		case e.Action == "run":
			ran = true
		case e.Action == "fail" && e.Test != "" && a.failed == "":
			a.failed = e.Test
		}
	}
	if !ran {
		return a, errors.New("no test ran: the pattern meets none")
	}
	return a, nil
}
