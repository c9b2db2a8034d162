package e2e

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/stack"
)

// demo starts `make demo` without make.
func (b *bench) demo() *running {
	b.Helper()
	takeDefaultPort()
	path := filepath.Join(b.dir, "demo")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", path, "./demo")
	build.Dir = shared.root
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	return b.in(shared.root).background(path, "--bin", filepath.Dir(shared.binaries.Worker))
}

// in is the same bench with another working directory for commands.
func (b *bench) in(dir string) *bench {
	c := *b
	c.dir = dir
	return &c
}

// What README shows works, is readable at 80 columns, and cleans up after itself.
func TestDemo(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	r := b.demo().wait()
	require.Zero(t, r.code, "%s\n%s", r.stdout, r.stderr)
	require.Contains(t, r.stdout, "succeeded after")
	require.Contains(t, r.stdout, "What to try next")
	require.Equal(t, 2, strings.Count(r.stdout, "Outcome       succeeded: the endpoint serves this version"), r.stdout)
	require.Equal(t, 4, strings.Count(r.stdout+r.stderr, "unchanged, already dataset"), "the second run uploads nothing")
	for _, line := range strings.Split(r.stdout, "\n") {
		// An address is never broken: it is there to be copied.
		if !strings.Contains(line, "wss://") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
	}
	b.stopped(r.stdout)
}

// Ctrl-C in the middle stops all parts too.
func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	demo := b.demo()
	b.await("a training", func(context.Context) error {
		return unless(regexp.MustCompile(`train +started`).MatchString(demo.stdout.String()), "%s", demo.stdout.String())
	})
	demo.interrupt()
	r := demo.wait()
	require.Equal(t, 130, r.code, "%s\n%s", r.stdout, r.stderr)
	b.stopped(r.stdout)
}

// takeDefaultPort keeps the port that every demo prefers for as long as the tests run: what still listens on a demo's
// address after its end must be the demo's, not another's that was glad to find the port free.
var takeDefaultPort = sync.OnceFunc(func() {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(stack.DefaultPort)))
	if err == nil {
		heldPort = listener
	}
})

// heldPort keeps the listener from being collected.
var heldPort net.Listener

var partAddress = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// stopped checks that nothing listens any more where a demo said that its parts are.
func (b *bench) stopped(output string) {
	b.Helper()
	addresses := partAddress.FindAllString(output, -1)
	require.GreaterOrEqual(b, len(addresses), 3, output)
	for _, address := range addresses {
		_, err := net.DialTimeout("tcp", address, time.Second)
		require.Error(b, err, "%s still listens", address)
	}
}
