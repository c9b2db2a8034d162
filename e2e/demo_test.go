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
func (b *bench) demo(args ...string) *running {
	b.Helper()
	takeDefaultPort()
	path := filepath.Join(b.dir, "demo")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", path, "./demo")
	build.Dir = shared.root
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	return b.in(shared.root).background(path, append(args, "--bin", filepath.Dir(shared.binaries.Worker))...)
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
	shows(t, "README.md", r.stdout)
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

// What make dev prints for another terminal is typed as it stands, into a shell that knows nothing else: the exports,
// then each command.
func TestDevPrintsAllThatTheExamplesNeed(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	dev := b.demo("--dev")
	var typed string
	b.await("the commands to type", func(context.Context) error {
		_, after, found := strings.Cut(dev.stdout.String(), "In another terminal, in this folder:\n\n")
		var whole bool
		typed, _, whole = strings.Cut(after, "\n\n")
		return unless(found && whole, "%s", dev.stdout.String())
	})
	require.Regexp(t, `(?s)^  export .*/starter run -f examples/request-full\.yaml\n  .*/starter apply -f examples/fleet\.yaml$`, typed)
	var exports, commands []string
	for line := range strings.Lines(typed) {
		if strings.HasPrefix(line, "  export ") {
			exports = append(exports, line)
		} else {
			commands = append(commands, line)
		}
	}
	require.Len(t, commands, 2)
	for i, done := range []string{"succeeded after", "wind-service: 3 created, 0 changed, 0 unchanged, 0 deleted"} {
		shell := exec.CommandContext(t.Context(), "bash", "-c", strings.Join(exports, "")+commands[i])
		shell.Dir, shell.Env = shared.root, []string{"PATH=/usr/bin:/bin", "HOME=" + b.dir}
		out, err := shell.CombinedOutput()
		require.NoError(t, err, "%s\n%s", commands[i], out)
		require.Contains(t, string(out), done)
		require.NotContains(t, string(out), "retryAfter")
	}
	dev.interrupt()
	r := dev.wait()
	require.Zero(t, r.code, "%s\n%s", r.stdout, r.stderr)
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
