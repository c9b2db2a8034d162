package stack

import (
	"bufio"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echo answers each line with itself.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				for lines := bufio.NewScanner(c); lines.Scan(); {
					if _, err := c.Write(append(lines.Bytes(), '\n')); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

type line struct {
	net.Conn
	answers *bufio.Scanner
}

func connect(t *testing.T, r *Relay) line {
	t.Helper()
	c, err := net.Dial("tcp", r.Address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return line{c, bufio.NewScanner(c)}
}

// says sends a text and tells what comes back; empty when the connection is closed.
func (l line) says(text string) string {
	_, _ = l.Write([]byte(text + "\n")) // what came of it is read
	l.answers.Scan()
	return l.answers.Text()
}

func relay(t *testing.T) *Relay {
	t.Helper()
	r, err := NewRelay(echo(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func TestRelayRefusesWhileItIsCut(t *testing.T) {
	t.Parallel()
	r := relay(t)
	before := connect(t, r)
	require.Equal(t, "hello", before.says("hello"))
	r.Cut(false)
	require.Empty(t, before.says("lost"), "what was open is closed")
	require.Empty(t, connect(t, r).says("lost"), "and nothing opens")
	r.Heal()
	require.Equal(t, "again", connect(t, r).says("again"))
}

func TestRelayIsSilentWhileItIsCut(t *testing.T) {
	t.Parallel()
	r := relay(t)
	before := connect(t, r)
	require.Equal(t, "hello", before.says("hello"))
	r.Cut(true)
	during := connect(t, r)
	heard := make(chan string, 2)
	for _, l := range []line{before, during} {
		go func() { heard <- l.says("late") }()
	}
	select {
	case text := <-heard:
		require.Fail(t, "an answer came through", text)
	case <-time.After(200 * time.Millisecond):
	}
	r.Heal()
	require.Equal(t, "late", <-heard)
	require.Equal(t, "late", <-heard)
}

// A relay ends while it is cut, with its connections.
func TestRelayEndsWhatIsCut(t *testing.T) {
	t.Parallel()
	r, err := NewRelay(echo(t))
	require.NoError(t, err)
	l := connect(t, r)
	require.Equal(t, "hello", l.says("hello"))
	r.Cut(true)
	require.NoError(t, r.Close())
	require.Empty(t, l.says("lost"))
}
