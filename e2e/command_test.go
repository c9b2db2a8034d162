package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// result is what a command left behind.
type result struct {
	stdout, stderr string
	code           int
}

// command runs a program to its end with the settings of the shared server.
func (b *bench) command(path string, args ...string) result {
	b.Helper()
	return b.background(path, args...).wait()
}

// running is a command that goes on beside the test.
type running struct {
	b              *bench
	cmd            *exec.Cmd
	cancel         context.CancelFunc
	stdout, stderr output
}

// output is what a program has written so far; it may be read while more comes.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

// background starts a program. It is ended with the test, or when patience runs out.
func (b *bench) background(path string, args ...string) *running {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	r := &running{b: b, cmd: exec.CommandContext(ctx, path, args...), cancel: cancel}
	r.cmd.Env = append(b.server.Environment(), b.env...)
	r.cmd.Dir = b.dir
	r.cmd.SysProcAttr = stack.DieWithParent()
	r.cmd.Cancel = func() error { return r.cmd.Process.Signal(syscall.SIGTERM) }
	r.cmd.WaitDelay = 5 * time.Second
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	require.NoError(b, r.cmd.Start())
	return r
}

// interrupt is a Ctrl-C.
func (r *running) interrupt() {
	r.b.Helper()
	require.NoError(r.b, r.cmd.Process.Signal(os.Interrupt))
}

func (r *running) wait() result {
	r.b.Helper()
	defer r.cancel()
	var exit *exec.ExitError
	if err := r.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		require.NoError(r.b, err, "%s\n%s", r.stdout.String(), r.stderr.String())
	}
	ended := result{stdout: r.stdout.String(), stderr: r.stderr.String(), code: r.cmd.ProcessState.ExitCode()}
	if r.b.printed != nil {
		r.b.printed(r.cmd.Args, ended)
	}
	return ended
}

func (b *bench) starter(args ...string) result {
	b.Helper()
	return b.command(shared.binaries.Starter, args...)
}

// temporal runs the Temporal CLI, which must succeed, and returns its stdout.
func (b *bench) temporal(args ...string) string {
	b.Helper()
	r := b.command(shared.binaries.Temporal, args...)
	require.Zero(b, r.code, "temporal %v\n%s\n%s", args, r.stdout, r.stderr)
	return r.stdout
}

// run runs a request through starter to its end and returns the report that it prints.
func (b *bench) run(q request) (lifecycle.Report, result) {
	b.Helper()
	r := b.starter("run", "-f", b.write(q), "--task-queue", b.queue, "--output", "json")
	return b.report(r), r
}

// report reads stdout, which must be exactly one report and nothing else.
func (b *bench) report(r result) lifecycle.Report {
	b.Helper()
	return decodeReport(b, r.stdout, r.stderr)
}

func decodeReport(b *bench, text, context string) lifecycle.Report {
	b.Helper()
	decoder := json.NewDecoder(bytes.NewBufferString(text))
	decoder.DisallowUnknownFields()
	var report lifecycle.Report
	require.NoError(b, decoder.Decode(&report), "stdout:\n%s\nstderr:\n%s", text, context)
	_, err := decoder.Token()
	require.ErrorIs(b, err, io.EOF, "more than one report on stdout:\n%s", text)
	return report
}
