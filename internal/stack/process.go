package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Spec is one program to run: what, with which arguments, and where its output goes.
type Spec struct {
	// Name names the process in messages and its log file.
	Name string
	Path string
	Args []string
	// Env is the whole environment: Environment(...) and what the program needs.
	Env []string
	// Dir is the working directory; empty = this process's own.
	Dir string
	// As is whom it runs as; nil = whoever runs this process.
	As *Account
	// LogDir receives Name.log with standard output and standard error, appended to.
	LogDir string
}

// Process is a running program in a process group of its own, so that a Ctrl-C at the terminal
// reaches only its parent, which then stops all in order. On Linux it is killed when its parent dies.
type Process struct {
	name    string
	logPath string
	cmd     *exec.Cmd
	done    chan struct{}

	mu      sync.Mutex
	err     error
	stopped bool
	killed  bool
}

// Start starts the program. Its output goes straight to the log file, so a slow reader cannot stall it.
func Start(spec Spec) (*Process, error) {
	logPath := filepath.Join(spec.LogDir, spec.Name+".log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: open its log: %w", spec.Name, err)
	}
	defer func() { _ = log.Close() }() // the program has a handle of its own

	cmd := exec.Command(spec.Path, spec.Args...)
	spec.apply(cmd)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w (is it built? `make build` makes it)", spec.Name, err)
	}
	p := &Process{name: spec.Name, logPath: logPath, cmd: cmd, done: make(chan struct{})}
	go func() {
		err := cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(p.done)
	}()
	return p, nil
}

// apply says where, with what and as whom the program runs.
func (spec Spec) apply(cmd *exec.Cmd) {
	cmd.Dir, cmd.Env, cmd.SysProcAttr = spec.Dir, spec.Env, ownGroup()
	if spec.As != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: spec.As.UID, Gid: spec.As.GID}
	}
}

// finish runs a program to its end. The error of one that fails holds all that it printed.
func finish(ctx context.Context, spec Spec) error {
	cmd := exec.CommandContext(ctx, spec.Path, spec.Args...)
	spec.apply(cmd)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", spec.Name, err, bytes.TrimSpace(out))
	}
	return nil
}

// Name is the name given in the Spec.
func (p *Process) Name() string { return p.name }

// PID is the process ID, which is also its group's.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode is the exit code of an ended process: -1 when a signal ended it or it still runs.
func (p *Process) ExitCode() int {
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	default:
		return -1
	}
}

// Kill ends the process and its group at once, as a crash would, and waits for the end.
func (p *Process) Kill() {
	p.mu.Lock()
	p.killed = true
	p.mu.Unlock()
	p.signal(syscall.SIGKILL)
	<-p.done
}

// Killed tells whether Kill was called, by a test or because Stop had to.
func (p *Process) Killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// Stop asks the process to end, waits up to grace, then kills what is left of its group. It returns
// an error when the process had to be killed. Stopping twice is harmless.
func (p *Process) Stop(grace time.Duration) error {
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		p.signal(syscall.SIGKILL) // a grandchild that outlived its parent
		return nil
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("%s did not stop within %s and was killed", p.name, grace)
	}
}

// signal notes that the end is wanted and signals the whole group. ESRCH means that none is left.
func (p *Process) signal(sig syscall.Signal) {
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	_ = syscall.Kill(-p.cmd.Process.Pid, sig)
}

// crashed describes an end that nobody asked for, nil while it runs or after Stop and Kill.
func (p *Process) crashed() error {
	select {
	case <-p.done:
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil
	}
	how := errors.New("exit status 0")
	if p.err != nil {
		how = p.err
	}
	return fmt.Errorf("%s ended by itself: %w; %s", p.name, how, p.lastWords())
}

// Log returns all that the process has written.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.logPath)
	if err != nil {
		return fmt.Sprintf("(log unreadable: %v)", err)
	}
	return string(b)
}

// LogPath is where the output goes.
func (p *Process) LogPath() string { return p.logPath }

// Tail returns the last n lines of the log.
func (p *Process) Tail(n int) string {
	lines := bytes.Split(bytes.TrimRight([]byte(p.Log()), "\n"), []byte("\n"))
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return string(bytes.Join(lines, []byte("\n")))
}

// lastWords is the end of the log for a message.
func (p *Process) lastWords() string {
	if tail := p.Tail(20); tail != "" {
		return "its last lines:\n" + tail
	}
	return "it printed nothing"
}

// awaitLine waits for a line of the log that holds mark and returns what follows the mark.
func (p *Process) awaitLine(ctx context.Context, mark string) (string, error) {
	var rest string
	err := p.await(ctx, fmt.Sprintf("a line with %q", mark), func(context.Context) error {
		for line := range strings.Lines(p.Log()) {
			if _, after, ok := strings.Cut(line, mark); ok && strings.HasSuffix(line, "\n") {
				rest = strings.TrimSpace(after)
				return nil
			}
		}
		return errors.New("not printed yet")
	})
	return rest, err
}

// await is Await that also gives up when the process ends.
func (p *Process) await(ctx context.Context, what string, ready func(context.Context) error) error {
	err := Await(ctx, p.name+": "+what, func(ctx context.Context) error {
		if err := p.crashed(); err != nil {
			return Permanent(err)
		}
		return ready(ctx)
	})
	var permanent permanentError
	if err != nil && !errors.As(err, &permanent) {
		return fmt.Errorf("%w; %s", err, p.lastWords())
	}
	return err
}
