package screen_test

import (
	"bytes"
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
