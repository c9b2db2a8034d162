package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// scene is the running product: everything started, each part ready.
type scene struct {
	out      io.Writer
	root     string
	binaries stack.Binaries
	stack    *stack.Stack
	server   *stack.Server
	emulator *stack.Emulator
	worker   *stack.Worker
	// page is the address of the fleet page; empty without.
	page string
}

// listLag is longer than the emulator's lists lag behind by default: they do not.
const listLag = 100 * time.Millisecond

// lookAge is how old the worker's look at the service may be: with none at all, looks wait for the quota of the service.
const lookAge = time.Second

// speed is how many seconds of the emulator's clock pass in a real one: its jobs of some seconds are over
// between two looks.
const speed = 10

// within starts the product, calls show, and stops all that was started, also after a failure or Ctrl-C.
// The logs are shown when something failed, kept then, and removed otherwise.
func within(ctx context.Context, out io.Writer, bin string, dev bool, show func(context.Context, *scene) error) (err error) {
	root, err := stack.Root()
	if err != nil {
		return err
	}
	binaries, err := stack.FindBinaries(bin)
	if err != nil {
		return err
	}
	runs := filepath.Join(root, ".run")
	if err := os.MkdirAll(runs, 0o700); err != nil {
		return fmt.Errorf("make a folder for logs: %w", err)
	}
	logs, err := os.MkdirTemp(runs, "demo-")
	if err != nil {
		return fmt.Errorf("make a folder for logs: %w", err)
	}
	s := &scene{out: out, root: root, binaries: binaries}
	if s.stack, err = stack.New(logs); err != nil {
		return err
	}
	defer func() { err = s.leave(ctx, logs, err) }()
	if err := s.start(ctx, dev); err != nil {
		return err
	}
	return show(ctx, s)
}

// start starts the three parts. For dev they take the ports that tools and examples expect, where free.
func (s *scene) start(ctx context.Context, dev bool) error {
	var err error
	s.server, err = s.stack.StartServer(ctx, stack.ServerOptions{
		Binary: s.binaries.Temporal, UI: dev, PreferDefaultPort: true,
		// As long as the longest training, by default: doctor warns of less.
		Retention: lifecycle.DefaultRequest().Limits.Training.Std(),
	})
	if err != nil {
		return err
	}
	emulator := stack.EmulatorOptions{
		Binary: s.binaries.Emulator, Files: filepath.Join(s.root, "examples", "data"), Speed: speed,
	}
	worker := stack.WorkerOptions{
		Binary: s.binaries.Worker, Server: s.server, ListLag: listLag, Env: []string{"SPEECH_SNAPSHOT_AGE=" + lookAge.String()},
	}
	if dev {
		if emulator.Listen, err = prefer(8090); err != nil {
			return err
		}
		if worker.HTTP, err = prefer(8080); err != nil {
			return err
		}
		if s.page, err = prefer(8081); err != nil {
			return err
		}
		worker.Args = []string{"--page", s.page, "--temporal-ui", s.server.UI}
	}
	if s.emulator, err = s.stack.StartEmulator(ctx, emulator); err != nil {
		return err
	}
	worker.Emulator = s.emulator
	s.worker, err = s.stack.StartWorker(ctx, worker)
	return err
}

func prefer(port int) (string, error) {
	free, err := stack.FreePort(port)
	return fmt.Sprintf("127.0.0.1:%d", free), err
}

// leave stops everything and decides what becomes of the logs.
func (s *scene) leave(ctx context.Context, logs string, err error) error {
	if crash := s.stack.Crashed(); crash != nil {
		err = errors.Join(err, crash)
	}
	tails := s.stack.Tails(15)
	if closing := s.stack.Close(); closing != nil && err == nil {
		err = closing
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "\n%s", tails)
		return fmt.Errorf("%w\n(whole logs: %s)", err, logs)
	}
	if ctx.Err() != nil {
		fmt.Fprintln(s.out, "Interrupted: everything that was started is stopped, unfinished runs with it.")
	} else {
		fmt.Fprintln(s.out, "Everything that was started is stopped.")
	}
	if remove := os.RemoveAll(logs); remove != nil {
		return fmt.Errorf("remove the logs: %w", remove)
	}
	return err
}
