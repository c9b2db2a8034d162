package follow

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/hostile"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/internal/screen"
)

func TestPlainStages(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := &plainView{out: &out, tell: func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }}
	v.show(sample.AtTraining(), sample.At(time.Minute))
	v.show(sample.AtTraining(), sample.At(2*time.Minute))
	v.say("no worker polls")
	v.show(sample.Succeeded(), sample.At(time.Hour))
	v.show(sample.Succeeded(), sample.At(time.Hour))
	v.close()
	sample.Golden(t, "stages-plain", out.String())
}

func TestPlainStagesOfFailedRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := &plainView{out: &out}
	v.show(sample.Failed(), sample.At(time.Hour))
	require.Contains(t, out.String(), "data      done in 2s: 1 created, 1 reused\n")
	require.True(t, strings.HasSuffix(out.String(), "2026-07-29T12:42:00Z  train     failed in 41m55s\n"), out.String())
}

func TestLiveStages(t *testing.T) {
	t.Parallel()
	for name, coloured := range map[string]screen.Paint{"stages-live": false, "stages-live-coloured": true} {
		var out bytes.Buffer
		tell := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
		v := &liveView{out: &out, tell: tell, paint: coloured, columns: func() int { return 80 }}
		v.show(sample.AtTraining(), sample.At(time.Minute))
		v.show(sample.AtTraining(), sample.At(12*time.Minute))
		v.say("a line of news")
		v.show(sample.Canceled(), sample.At(13*time.Minute))
		v.close()
		visible := strings.NewReplacer("\r", "<CR>", "\x1b", "<ESC>").Replace(out.String())
		sample.Golden(t, name, visible)
	}
}

// The cursor must stay on the line that is drawn again: no line may reach the width of the terminal,
// whatever the service's names are.
func TestLiveStagesNeverWrap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(40, 80).Draw(t, "width")
		report := sample.AtTraining()
		report.WaitingFor.ID = lifecycle.Ptr(rapid.StringN(0, 200, -1).Draw(t, "id"))
		report.Stages[3].Note = lifecycle.Ptr(rapid.StringN(0, 200, -1).Draw(t, "note"))
		var out bytes.Buffer
		v := newView(&screen.Screen{Out: &out, OutTerminal: true, Columns: func() int { return width }})
		v.show(report, sample.At(time.Duration(rapid.Int64Range(0, int64(9*lifecycle.Day)).Draw(t, "after"))))
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
			_, live := newView(&screen.Screen{OutTerminal: tc.stdout, ErrTerminal: tc.stderr, JSON: tc.asJSON}).(*liveView)
			require.Equal(t, tc.live, live)
		})
	}
}

func TestLiveTrouble(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tell := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	v := &liveView{out: &out, tell: tell, columns: func() int { return 80 }}
	v.show(sample.AtTraining(), sample.At(time.Minute))
	report := sample.AtTraining()
	trouble, _ := troubleOf(sample.Tried(sample.At(time.Minute), "await-training", sample.Away(false), 12*time.Second), sample.At(time.Minute))
	report.Trouble = []lifecycle.Trouble{trouble}
	v.show(report, sample.At(time.Minute))
	v.show(report, sample.At(time.Minute+5*time.Second))
	v.show(sample.AtTraining(), sample.At(2*time.Minute))
	v.close()
	sample.Golden(t, "stages-live-trouble", strings.NewReplacer("\r", "<CR>", "\x1b", "<ESC>").Replace(out.String()))
}

// Whatever a report holds, the drawing of its stages obeys none of it.
func TestViewsAreHarmless(t *testing.T) {
	t.Parallel()
	report := hostile.Filled[lifecycle.Report](hostile.Text)
	for name, terminal := range map[string]bool{"plain": false, "live": true} {
		var out bytes.Buffer
		v := newView(&screen.Screen{Out: &out, Err: &out, OutTerminal: terminal, Plain: true, Columns: func() int { return 80 }})
		v.show(report, sample.Noon)
		v.close()
		drawn := strings.ReplaceAll(out.String(), eraseLine, "")
		require.Contains(t, drawn, "[2J", "the texts are shown: %s", name)
		require.Equal(t, -1, strings.IndexFunc(drawn, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }), "%s: %q", name, drawn)
	}
}
