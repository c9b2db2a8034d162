package stack

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shell starts a shell script in a stack of its own.
func shell(t *testing.T, script string) (*Stack, *Process) {
	t.Helper()
	s, err := New(filepath.Join(t.TempDir(), "logs"))
	require.NoError(t, err)
	p, err := s.start(Spec{Name: "shell", Path: "/bin/sh", Args: []string{"-c", script}, Env: Environment()})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	return s, p
}

func gone(pid int) func(context.Context) error {
	return func(context.Context) error {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			return errors.New("still there")
		}
		return nil
	}
}

func TestStackStopsWhatItStarted(t *testing.T) {
	t.Parallel()
	s, p := shell(t, `echo "child $$"; exec sleep 600`)
	_, err := p.awaitLine(t.Context(), "child ")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, Await(t.Context(), "the end", gone(p.PID())))
	require.NoError(t, s.Close(), "closing twice is harmless")
}

func TestStackStopsGrandchildren(t *testing.T) {
	t.Parallel()
	_, p := shell(t, `sleep 600 & echo "grandchild $!"; trap '' TERM; wait; sleep 600`)
	line, err := p.awaitLine(t.Context(), "grandchild ")
	require.NoError(t, err)
	pid, err := strconv.Atoi(line)
	require.NoError(t, err)
	require.ErrorContains(t, p.Stop(50*time.Millisecond), "was killed")
	require.NoError(t, Await(t.Context(), "the end of the grandchild", func(ctx context.Context) error {
		// In a container without an init a killed grandchild stays as a zombie, which is dead enough.
		out, err := exec.CommandContext(ctx, "ps", "-o", "stat=", "-p", line).Output()
		if err != nil || strings.HasPrefix(string(out), "Z") {
			return nil
		}
		return gone(pid)(ctx)
	}))
}

func TestStackReportsACrash(t *testing.T) {
	t.Parallel()
	s, p := shell(t, `echo "no room on device"; exit 3`)
	_, err := p.awaitLine(t.Context(), "never printed")
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "no room on device")
	require.Equal(t, 3, p.ExitCode())
	require.ErrorContains(t, s.Close(), "shell ended by itself")
	require.Contains(t, s.Tails(5), "no room on device")
}

func TestAwaitNamesWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("out of patience"))
	err := Await(ctx, "the tide", func(context.Context) error { return errors.New("still ebbing") })
	require.ErrorContains(t, err, "waited for the tide in vain (out of patience): still ebbing")
}

func TestAwaitStopsAtAPermanentError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	checks := 0
	err := Await(t.Context(), "it", func(context.Context) error {
		checks++
		return Permanent(broken)
	})
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, checks)
}

func TestFreePortsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 50 {
		port, err := FreePort()
		require.NoError(t, err)
		require.False(t, seen[port], "port %d handed out twice", port)
		seen[port] = true
	}
}

func TestEnvironmentKeepsRealServicesOut(t *testing.T) {
	t.Setenv("SPEECH_KEY", "real")
	t.Setenv("TEMPORAL_ADDRESS", "production:7233")
	env := Environment("SPEECH_KEY=local")
	require.Contains(t, env, "SPEECH_KEY=local")
	require.NotContains(t, env, "SPEECH_KEY=real")
	require.NotContains(t, env, "TEMPORAL_ADDRESS=production:7233")
}

func TestFindBinariesNamesWhatIsMissing(t *testing.T) {
	t.Setenv("TEMPORAL_CLI", filepath.Join(t.TempDir(), "nowhere"))
	_, err := FindBinaries(t.TempDir())
	require.ErrorContains(t, err, "[worker starter emulator temporal (TEMPORAL_CLI: ")
	require.ErrorContains(t, err, "make build")
}
