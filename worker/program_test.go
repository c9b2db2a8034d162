package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/hostile"
	"speech-retrainer/internal/resource"
)

const soon = 20 * time.Second

func get(t require.TestingT, url string) (code int, body string) {
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, strings.TrimSpace(string(data))
}

// The whole life of a worker: ready once it polls, not ready while Temporal does not answer, and a
// clean stop that leaves no poll behind.
func TestWorkerLife(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	p := start(t, goodEnv(server.address))
	require.Eventually(t, func() bool {
		code, _ := get(t, "http://"+p.http+"/readyz")
		return code == http.StatusOK && server.polls.Load() > 0
	}, soon, 10*time.Millisecond)
	require.Equal(t, allAttributes(), server.registered())
	require.Eventually(t, func() bool {
		server.mu.Lock()
		defer server.mu.Unlock()
		// The campaign tells workers apart by the process ID in front, starter their resources by the end.
		return resource.HostOf(server.identity) == "127.0.0.1:1" && strings.HasPrefix(server.identity, fmt.Sprintf("%d@", os.Getpid()))
	}, soon, 10*time.Millisecond)

	server.down.Store(true)
	code, body := get(t, "http://"+p.http+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, body, "not ready: temporal does not answer: ")
	code, body = get(t, "http://"+p.http+"/healthz")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "ok", body)

	p.stop()
	select {
	case code := <-p.code:
		require.Equal(t, exitStopped, code, p.stderr.String())
	case <-time.After(soon):
		require.Fail(t, "the worker does not stop", p.stderr.String())
	}
	require.Eventually(t, func() bool { return server.polls.Load() == 0 }, soon, 10*time.Millisecond)
	log := p.stderr.String()
	for _, line := range []string{"registered search attributes", "ready: polling for work", "stopping: running activities are handed over", `"msg":"stopped"`} {
		require.Contains(t, log, line)
	}
	require.NotContains(t, log, "a-key-that-is-secret")
}

// A worker that was started before its server is alive, says what it waits for, and gets ready later.
func TestServerComesLater(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	server.down.Store(true)
	p := start(t, goodEnv(server.address))
	require.Eventually(t, func() bool {
		return strings.Contains(p.stderr.String(), "cannot reach Temporal at "+server.address+": check that the server runs there")
	}, soon, 10*time.Millisecond)
	code, body := get(t, "http://"+p.http+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, "not ready: connecting to Temporal at "+server.address, body)
	code, _ = get(t, "http://"+p.http+"/healthz")
	require.Equal(t, http.StatusOK, code)

	server.down.Store(false)
	require.Eventually(t, func() bool {
		code, _ := get(t, "http://"+p.http+"/readyz")
		return code == http.StatusOK
	}, soon, 10*time.Millisecond)
}

func TestStopWhileConnecting(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	server.down.Store(true)
	p := start(t, goodEnv(server.address))
	p.stop()
	select {
	case code := <-p.code:
		require.Equal(t, exitStopped, code, p.stderr.String())
	case <-time.After(soon):
		require.Fail(t, "the worker does not stop", p.stderr.String())
	}
}

// What ends a worker at once, with one message.
func TestWorkerRefusesToStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	for _, tc := range []struct {
		name string
		env  env
		args []string
		code int
		want string
	}{
		{name: "no settings", env: env{}, args: []string{"--http", ""}, code: exitFailed, want: "SPEECH_ENDPOINT"},
		{
			name: "wrong TLS settings", env: env{"TEMPORAL_TLS_CLIENT_CERT_PATH": "testdata/none.pem"}, code: exitFailed,
			want: "settings for Temporal (TEMPORAL_*, temporal.toml)",
		},
		{
			name: "a Temporal that is not verified", code: exitFailed,
			env:  env{"TEMPORAL_ADDRESS": "temporal.example:7233", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION": "true"},
			want: "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION (disable_host_verification in temporal.toml) is refused for temporal.example:7233",
		},
		{
			name: "taken port", env: goodEnv("127.0.0.1:1"), args: []string{"--http", taken.Addr().String()}, code: exitFailed,
			want: "listen tcp " + taken.Addr().String() + ": bind: address already in use; choose another address with --http",
		},
		{name: "unknown flag", args: []string{"--fast"}, code: exitUsage, want: "worker: unknown flag: --fast\nsee: worker --help\n"},
		{
			name: "mistyped flag", args: []string{"--task-queu", "x"}, code: exitUsage,
			want: "worker: unknown flag: --task-queu: did you mean --task-queue?\nsee: worker --help\n",
		},
		{name: "unknown command", args: []string{"work"}, code: exitUsage, want: `unknown command "work"`},
		{name: "empty task queue", args: []string{"--task-queue", ""}, code: exitUsage, want: "--task-queue must not be empty"},
		{
			name: "throttle beyond the heartbeat time-out", args: []string{"--heartbeat-throttle", "50s"}, code: exitUsage,
			want: "--heartbeat-throttle must be above 0 and at most 45s, not 50s",
		},
		{name: "no throttle", args: []string{"--heartbeat-throttle", "0s"}, code: exitUsage, want: "--heartbeat-throttle"},
		{name: "no activities", args: []string{"--max-activities", "0"}, code: exitUsage, want: "--max-activities must be at least 1, not 0"},
		{name: "negative stop time-out", args: []string{"--stop-timeout", "-1s"}, code: exitUsage, want: "--stop-timeout must not be negative"},
		{name: "log format", args: []string{"--log-format", "xml"}, code: exitUsage, want: `log format "xml" is none of auto, console, json`},
		{name: "log level", args: []string{"--log-level", "loud"}, code: exitUsage, want: `log level "loud" is none of`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr buffer
			m := NewMain()
			m.Env, m.Stdout, m.Stderr = tc.env, &stdout, &stderr
			if tc.env == nil {
				m.Env = env{}
			}
			require.Equal(t, tc.code, m.Execute(t.Context(), append([]string{"--log-format", "console"}, tc.args...)))
			require.Contains(t, stderr.String(), tc.want)
			require.Empty(t, stdout.String())
			if tc.code == exitFailed {
				require.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"help": {"--help"}, "help-healthcheck": {"healthcheck", "--help"}} {
		var stdout, stderr buffer
		m := NewMain()
		m.Env, m.Stdout, m.Stderr = env{}, &stdout, &stderr
		require.Equal(t, exitStopped, m.Execute(t.Context(), args))
		require.Empty(t, stderr.String())
		for line := range strings.Lines(stdout.String()) {
			require.LessOrEqual(t, len(line), 81, line)
		}
		bundle.Golden(t, name+".golden", stdout.String())
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var stdout, stderr buffer
	m := NewMain()
	m.Env, m.Stdout, m.Stderr = env{}, &stdout, &stderr
	require.Equal(t, exitStopped, m.Execute(t.Context(), []string{"--version"}), "no settings are needed")
	require.Regexp(t, `^worker \S+(, commit [0-9a-f]+)?, go1\.\S+\n$`, stdout.String())
	require.Empty(t, stderr.String())
}

func TestWorkerOptions(t *testing.T) {
	t.Parallel()
	m := NewMain()
	m.Env = env{}
	require.NoError(t, m.ParseFlags(nil))
	options := m.workerOptions()
	require.Equal(t, 12*time.Second, options.MaxHeartbeatThrottleInterval)
	require.Equal(t, 12*time.Second, options.DefaultHeartbeatThrottleInterval)
	require.Equal(t, 10*time.Second, options.WorkerStopTimeout)
	require.Equal(t, 4000, options.MaxConcurrentActivityExecutionSize)
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	status := &readiness{}
	status.set(stateConnecting, "connecting to Temporal at temporal:7233")
	m := NewMain()
	m.Env = env{}
	require.NoError(t, m.ParseFlags([]string{"--http", "127.0.0.1:0"}))
	var address string
	m.Listening = func(a net.Addr) { address = a.String() }
	stop, err := m.serve(status, http.NotFoundHandler())
	require.NoError(t, err)
	t.Cleanup(stop)

	check := func(args ...string) (code int, stdout, stderr string) {
		var out, err buffer
		m := NewMain()
		m.Env, m.Stdout, m.Stderr = env{}, &out, &err
		code = m.Execute(t.Context(), append([]string{"healthcheck"}, args...))
		return code, out.String(), err.String()
	}
	code, _, stderr := check("--url", "http://"+address+"/readyz")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "answered 503 Service Unavailable: not ready: connecting to Temporal at temporal:7233")

	status.ask(func(context.Context) error { return nil })
	refused := ""
	status.listen(func() string { return refused })
	status.set(stateReady, "")
	code, stdout, _ := check("--url", "http://"+address+"/readyz")
	require.Equal(t, exitStopped, code)
	require.Equal(t, "ready\n", stdout)

	refused = "the Speech resource speech.example refuses the key (401 Unauthorized): check SPEECH_KEY"
	code, _, stderr = check("--url", "http://"+address+"/readyz")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "answered 503 Service Unavailable: not ready: "+refused)
	code, _, _ = check("--url", "http://"+address+"/healthz")
	require.Equal(t, exitStopped, code, "a restart gives no other key")
	refused = ""
	code, _, _ = check("--url", "http://"+address+"/readyz")
	require.Equal(t, exitStopped, code)

	status.ask(func(context.Context) error { return errors.New(hostile.Text) })
	code, stdout, stderr = check("--url", "http://"+address+"/readyz")
	require.Equal(t, exitFailed, code)
	require.Equal(t, -1, strings.IndexFunc(stdout+stderr, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }), "%q", stdout+stderr)

	code, _, _ = check("--url", "http://"+address+"/nothing")
	require.Equal(t, exitFailed, code)
	code, _, stderr = check("--url", "http://127.0.0.1:1/readyz")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "connection refused")
	code, _, stderr = check("now")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, `takes no argument, not "now"`)
	code, _, _ = check("--fast")
	require.Equal(t, exitUsage, code)
}
