// Package e2e tests the product as an operator gets it: the built programs, a real Temporal dev server,
// and a local Speech service that is reached over HTTP. One server serves all tests; every test has an
// emulator, a task queue and workers of its own.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// shared is what all tests use and none changes.
var shared struct {
	root     string
	binaries stack.Binaries
	server   *stack.Server
	client   client.Client
}

// parallel is how many tests run at once. They wait for most of their time, so it is more than cores.
const parallel = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", parallel); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := within(ctx, m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

// within builds what is missing, starts the shared server, and stops it after tests, also on a signal.
func within(ctx context.Context, tests func() int) (code int, err error) {
	dir, err := os.MkdirTemp("", "speech-retrainer-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if shared.root, err = stack.Root(); err != nil {
		return 0, err
	}
	if shared.binaries, err = binaries(ctx, dir); err != nil {
		return 0, err
	}
	parts, err := stack.New(filepath.Join(dir, "logs"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	if shared.server, err = parts.StartServer(ctx, stack.ServerOptions{
		Binary: shared.binaries.Temporal, Namespaces: []string{otherNamespace, pagesNamespace},
	}); err != nil {
		return 0, err
	}
	if shared.client, err = shared.server.Client(ctx, client.DefaultNamespace); err != nil {
		return 0, err
	}
	defer shared.client.Close()

	done := make(chan int, 1)
	go func() { done <- tests() }()
	select {
	case code = <-done:
		return code, nil
	case <-ctx.Done():
		// The tests go on until the process ends, but their programs must not outlive it.
		return 0, errors.Join(context.Cause(ctx), closeAll())
	}
}

// started are the stacks of all tests so far.
var started struct {
	sync.Mutex
	stacks []*stack.Stack
}

func remember(s *stack.Stack) {
	started.Lock()
	defer started.Unlock()
	started.stacks = append(started.stacks, s)
}

func closeAll() error {
	started.Lock()
	defer started.Unlock()
	var errs []error
	for _, s := range started.stacks {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// binaries takes the programs that E2E_BIN holds (make sets it after building), else builds them here,
// so that a plain `go test` never tests an old program.
func binaries(ctx context.Context, dir string) (stack.Binaries, error) {
	if bin := os.Getenv("E2E_BIN"); bin != "" {
		return stack.FindBinaries(bin)
	}
	return stack.Build(ctx, shared.root, filepath.Join(dir, "bin"))
}
