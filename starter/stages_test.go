package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
)

func TestPlainStages(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := &plainView{out: &out, tell: func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }}
	v.show(atTraining(), at(time.Minute))
	v.show(atTraining(), at(2*time.Minute))
	v.say("no worker polls")
	v.show(succeeded(), at(time.Hour))
	v.show(succeeded(), at(time.Hour))
	v.close()
	golden(t, "stages-plain", out.String())
}

func TestPlainStagesOfFailedRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := &plainView{out: &out}
	v.show(failed(), at(time.Hour))
	require.Contains(t, out.String(), "data      done in 2s: 1 created, 1 reused\n")
	require.True(t, strings.HasSuffix(out.String(), "2026-07-29T12:42:00Z  train     failed in 41m55s\n"), out.String())
}

func TestLiveStages(t *testing.T) {
	t.Parallel()
	for name, coloured := range map[string]screen.Paint{"stages-live": false, "stages-live-coloured": true} {
		var out bytes.Buffer
		tell := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
		v := &liveView{out: &out, tell: tell, paint: coloured, columns: func() int { return 80 }}
		v.show(atTraining(), at(time.Minute))
		v.show(atTraining(), at(12*time.Minute))
		v.say("a line of news")
		v.show(canceled(), at(13*time.Minute))
		v.close()
		visible := strings.NewReplacer("\r", "<CR>", "\x1b", "<ESC>").Replace(out.String())
		golden(t, name, visible)
	}
}

// The cursor must stay on the line that is drawn again: no line may reach the width of the terminal,
// whatever the service's names are.
func TestLiveStagesNeverWrap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(40, 80).Draw(t, "width")
		report := atTraining()
		report.WaitingFor.ID = lifecycle.Ptr(rapid.StringN(0, 200, -1).Draw(t, "id"))
		report.Stages[3].Note = lifecycle.Ptr(rapid.StringN(0, 200, -1).Draw(t, "note"))
		var out bytes.Buffer
		a := newApp(Options{Stdout: &out, Env: env{}, StdoutTerminal: true, Columns: func() int { return width }})
		v := newView(a.out)
		v.show(report, at(time.Duration(rapid.Int64Range(0, int64(9*lifecycle.Day)).Draw(t, "after"))))
		v.close()
		text := strings.NewReplacer("\x1b[36m", "", "\x1b[32m", "", "\x1b[0m", "", "\x1b[K", "").Replace(out.String())
		for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
			require.Less(t, runewidth.StringWidth(line), width, "%q", line)
		}
	})
}

func TestViewChoice(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		stdout, stderr bool
		asJSON, live   bool
	}{
		{name: "terminal", stdout: true, stderr: true, live: true},
		{name: "stdout to a file", stderr: true},
		{name: "json on a terminal", stdout: true, stderr: true, asJSON: true, live: true},
		{name: "json to a file, stderr on a terminal", stderr: true, asJSON: true, live: true},
		{name: "json, no terminal", asJSON: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := newApp(Options{Env: env{}, StdoutTerminal: tc.stdout, StderrTerminal: tc.stderr})
			a.out.JSON = tc.asJSON
			_, live := newView(a.out).(*liveView)
			require.Equal(t, tc.live, live)
		})
	}
}

func TestNoColor(t *testing.T) {
	t.Parallel()
	a := func(e env) screen.Paint { return newApp(Options{Env: e, StdoutTerminal: true}).out.Paint() }
	require.True(t, bool(a(env{})))
	require.True(t, bool(a(env{"NO_COLOR": ""})))
	require.False(t, bool(a(env{"NO_COLOR": "1"})))
	require.False(t, bool(a(env{"TERM": "dumb"})))
	require.False(t, bool(newApp(Options{Env: env{}}).out.Paint()))
}
