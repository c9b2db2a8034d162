package screen_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/hostile"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/table"
)

// A report of another release may lack lists; JSON on stdout has them all.
func TestJSONHasEveryList(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &screen.Screen{Out: &out, JSON: true}
	s.Report(lifecycle.Report{Error: &lifecycle.Failure{}})
	for _, list := range []string{"stages", "baseModelsRefused", "datasets", "tests", "inspections", "kept", "deleted", "notes", "trouble", "problems"} {
		require.Contains(t, out.String(), `"`+list+`": []`)
	}
}

// A long line is broken on a terminal, and only there: tools find it on one line.
func TestTellFitting(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("words ", 20))
	for terminal, want := range map[bool]string{
		false: long + "\n",
		true:  strings.TrimSpace(strings.Repeat("words ", 13)) + "\n  " + strings.TrimSpace(strings.Repeat("words ", 7)) + "\n",
	} {
		var err bytes.Buffer
		s := &screen.Screen{Err: &err, ErrTerminal: terminal}
		s.TellFitting(long)
		require.Equal(t, want, err.String())
	}
}

// Whatever a line holds, it stays one line that drives nothing.
func TestLinesAreHarmless(t *testing.T) {
	t.Parallel()
	var out, err bytes.Buffer
	s := &screen.Screen{Out: &out, Err: &err}
	s.Tell("a %s", hostile.Text)
	s.Print("b %s", hostile.Text)
	w := table.New("NAME")
	w.AppendRow(table.Row{"c"})
	s.Table(w, [][]string{{hostile.Text}})
	require.Equal(t, 1, strings.Count(err.String(), "\n"))
	require.Equal(t, 4, strings.Count(out.String(), "\n"))
	require.NotContains(t, out.String()+err.String(), "\x1b")
}

// limited takes some writes and then none.
type limited struct {
	bytes.Buffer
	writes int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.writes--; l.writes < 0 {
		return 0, errors.New("no room")
	}
	return l.Buffer.Write(p)
}

// After a write that failed nothing more is written, also when there is room again.
func TestBroken(t *testing.T) {
	t.Parallel()
	out := &limited{writes: 1}
	s := &screen.Screen{Out: out}
	require.NoError(t, s.Broken(), "nobody asked for it")
	s.Guard()
	s.Print("one")
	require.NoError(t, s.Broken())
	s.Print("two")
	require.EqualError(t, s.Broken(), "no room")
	out.writes = 9
	s.Print("three")
	require.EqualError(t, s.Broken(), "no room")
	require.Equal(t, "one\n", out.String())
}
