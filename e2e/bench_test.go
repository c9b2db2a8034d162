package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// patience bounds what a test waits for. It is long: a test that hits it has failed anyway.
const patience = 3 * time.Minute

// bench is the product of one test: a Speech resource and the workers on its task queue.
type bench struct {
	*testing.T
	stack    *stack.Stack
	emulator *stack.Emulator
	// server and client are the shared ones, unless the test has a Temporal server of its own.
	server *stack.Server
	client client.Client
	queue  string
	// name is the model's: the test's own name, so that tests run side by side.
	name string
	dir  string
	// seen is how many requests the emulator had logged before this test.
	seen int
	// env is added to the environment of commands.
	env []string
	// printed hears of every command that has ended; may be nil.
	printed func(args []string, r result)
}

// setting changes what a bench starts with.
type setting func(*stack.EmulatorOptions)

func profile(name string) setting { return func(o *stack.EmulatorOptions) { o.Profile = name } }
func files(dir string) setting    { return func(o *stack.EmulatorOptions) { o.Files = dir } }
func key(key string) setting      { return func(o *stack.EmulatorOptions) { o.Key = key } }

// listLag covers the awkward profile's lists, which lag 5 s behind.
const listLag = 6 * time.Second

// setUp starts an emulator for one test. At the end everything is stopped, no request and no answer of
// the whole test may have been against the service's contract, and after a failure the logs are shown.
func setUp(t *testing.T, settings ...setting) *bench {
	t.Helper()
	b := &bench{T: t, dir: t.TempDir(), name: modelName(t.Name()), server: shared.server, client: shared.client}
	b.queue = "e2e-" + b.name
	var err error
	b.stack, err = stack.New(filepath.Join(b.dir, "logs"))
	require.NoError(t, err)
	remember(b.stack)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("\n" + b.stack.Tails(25))
		}
		if err := b.stack.Close(); err != nil {
			t.Errorf("stop the stack: %v", err)
		}
	})
	options := stack.EmulatorOptions{
		Binary: shared.binaries.Emulator, Profile: stack.Plain, Speed: 5,
		Files: filepath.Join(shared.root, "examples", "data"),
	}
	for _, set := range settings {
		set(&options)
	}
	b.emulator, err = b.stack.StartEmulator(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(b.checkContract)
	return b
}

// checkContract fails the test when the emulator saw anything that the service's contract does not allow.
func (b *bench) checkContract() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), 10*time.Second)
	defer cancel()
	violations, _, err := b.emulator.Violations(ctx)
	if err != nil {
		b.Errorf("read the contract's violations: %v", err)
	}
	for _, v := range violations {
		b.Errorf("against the contract: %s", v)
	}
}

// modelName makes a model's name of a test's: lower case, digits and dashes, at most 40 characters.
func modelName(test string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '-'
		}
	}, strings.TrimPrefix(test, "Test")), "-")
	return strings.TrimLeft(name[max(0, len(name)-40):], "-")
}

// shipped lets a worker look as it is shipped: at what it has listed up to a minute ago. Others read everything at each
// look, since in their tests people act, and the service's clock jumps, without a minute passing.
const shipped = "SPEECH_SNAPSHOT_AGE="

// worker starts a worker on the bench's task queue.
func (b *bench) worker(env ...string) *stack.Worker { return b.workerWith(nil, env...) }

// workerWith is worker with further arguments.
func (b *bench) workerWith(args []string, env ...string) *stack.Worker {
	b.Helper()
	w, err := b.stack.StartWorker(b.Context(), stack.WorkerOptions{
		Binary: shared.binaries.Worker, Server: b.server, Emulator: b.emulator,
		TaskQueue: b.queue, ListLag: listLag, Args: args, Env: env,
	})
	require.NoError(b, err)
	b.Cleanup(func() {
		if w.Killed() {
			return
		}
		if err := w.Stop(30 * time.Second); err != nil {
			b.Error(err)
		}
		if code := w.ExitCode(); code != 0 {
			b.Errorf("the worker ended with exit code %d:\n%s", code, w.Tail(10))
		}
	})
	return w
}

// await waits until ready returns nil, and fails the test when it never does.
func (b *bench) await(what string, ready func(context.Context) error) {
	b.Helper()
	ctx, cancel := context.WithTimeoutCause(b.Context(), patience, fmt.Errorf("not within %s", patience))
	defer cancel()
	require.NoError(b, stack.Await(ctx, what, func(ctx context.Context) error {
		if err := b.stack.Crashed(); err != nil {
			return stack.Permanent(err)
		}
		return ready(ctx)
	}))
}

// unless is an error with the message unless ok.
func unless(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}
