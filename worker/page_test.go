package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The fleet page is there only when it is asked for, on an address of its own, tells what it waits for, and ends with the worker.
func TestPage(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	server.down.Store(true)
	m := NewMain()
	out := &buffer{}
	m.Env, m.Stdout, m.Stderr = goodEnv(server.address), out, out
	bound := make(chan string, 2)
	m.Listening = func(net.Addr) { t.Error("there is no health server") }
	m.PageListening = func(address net.Addr) { bound <- address.String() }
	ctx, stop := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		code <- m.Execute(ctx, []string{"--http", "", "--page", "127.0.0.1:0", "--page-host", "fleet.example,other.example"})
	}()
	address := <-bound
	answer, body := get(t, "http://"+address+"/")
	require.Equal(t, http.StatusServiceUnavailable, answer)
	require.Equal(t, "the worker has not reached Temporal yet: see its log and /readyz", body)

	server.down.Store(false)
	require.Eventually(t, func() bool {
		// The fake server knows neither schedules nor runs: the page says so, and is there.
		_, body := get(t, "http://"+address+"/")
		return strings.Contains(body, "The fleet could not be read")
	}, soon, 50*time.Millisecond)
	asking := func(host string) int {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
		require.NoError(t, err)
		r.Host = host
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	require.Equal(t, http.StatusMisdirectedRequest, asking("evil.example"))
	require.Equal(t, http.StatusServiceUnavailable, asking("other.example"))
	stop()
	require.Equal(t, exitStopped, <-code, out.String())
	_, err := net.Dial("tcp", address)
	require.Error(t, err)
}

func TestPageFlags(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--temporal-ui", "127.0.0.1:8233"}, "--temporal-ui must be an address like http://127.0.0.1:8233"},
		{[]string{"--temporal-ui", "javascript:alert(1)"}, "--temporal-ui must be an address"},
		{[]string{"--temporal-ui", "http://user:secret@ui.example"}, "--temporal-ui must be an address"},
		{[]string{"--temporal-ui", "https://ui.example/temporal/"}, ""},
		{nil, ""},
	} {
		m := NewMain()
		m.Env, m.Stdout, m.Stderr = env{}, &buffer{}, &buffer{}
		err := m.ParseFlags(tc.args)
		if tc.want == "" {
			require.NoError(t, err)
			require.Empty(t, m.Flags.Page, "off by default")
			continue
		}
		require.ErrorContains(t, err, tc.want)
		require.NotContains(t, err.Error(), "secret")
	}
}
