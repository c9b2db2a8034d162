package follow

import (
	"fmt"
	"io"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// view shows how a run goes on while it is followed.
type view interface {
	// show draws what is new in report; now is this machine's clock.
	show(report lifecycle.Report, now time.Time)
	// say writes one line of warning or news without spoiling what is drawn.
	say(line string)
	// close ends the drawing; nothing is shown after it.
	close()
}

// newView returns the live view on a terminal and plain lines elsewhere, and one that shows no stages when it is to be brief. With JSON on stdout the stages
// go to stderr.
func newView(s *screen.Screen) view {
	out, terminal := s.Progress()
	if s.Brief {
		return &briefView{tell: s.Tell}
	}
	if !terminal {
		return &plainView{out: out, tell: s.Tell}
	}
	return &liveView{out: out, tell: s.Tell, paint: s.Paint(), columns: s.Columns}
}

// endOf is what a stage came to: done, or the outcome of the run that it ended.
func endOf(report lifecycle.Report, i int) string {
	bad := report.Outcome == lifecycle.Failed || report.Outcome == lifecycle.Canceled
	if bad && i == len(report.Stages)-1 {
		return string(report.Outcome)
	}
	return "done"
}

func took(record lifecycle.StageRecord, now time.Time) string {
	if record.FinishedAt != nil {
		now = *record.FinishedAt
	}
	return words.Elapsed(now.Sub(record.StartedAt))
}

func note(record lifecycle.StageRecord) string {
	if record.Note == nil {
		return ""
	}
	return *record.Note
}

// plainView writes one line when a stage begins and one when it ends, with Temporal's time.
type plainView struct {
	out  io.Writer
	tell func(string, ...any)
	// begun and ended count the stages already written.
	begun, ended int
	trouble      teller
}

func (v *plainView) show(report lifecycle.Report, now time.Time) {
	for i, record := range report.Stages {
		if i >= v.begun {
			v.line(record.StartedAt, record.Name, "started")
			v.begun++
		}
		if i >= v.ended && record.FinishedAt != nil {
			text := fmt.Sprintf("%s in %s", endOf(report, i), took(record, time.Time{}))
			if n := note(record); n != "" {
				text += ": " + n
			}
			v.line(*record.FinishedAt, record.Name, text)
			v.ended++
		}
	}
	for _, line := range v.trouble.lines(report, now) {
		v.say(line)
	}
}

func (v *plainView) line(at time.Time, stage lifecycle.Stage, text string) {
	fmt.Fprintln(v.out, visible.Line(fmt.Sprintf("%s  %-8s  %s", at.UTC().Format(time.RFC3339), stage, text)))
}

func (v *plainView) say(line string) { v.tell("%s", line) }
func (v *plainView) close()          {}

// briefView shows nothing but what keeps the run.
type briefView struct {
	tell    func(string, ...any)
	trouble teller
}

func (v *briefView) show(report lifecycle.Report, now time.Time) {
	for _, line := range v.trouble.lines(report, now) {
		v.say(line)
	}
}

func (v *briefView) say(line string) { v.tell("%s", line) }
func (v *briefView) close()          {}

// liveView keeps one line for each stage; the current one is drawn again in place.
type liveView struct {
	out   io.Writer
	tell  func(string, ...any)
	paint screen.Paint
	// columns is the width of the terminal, which can change at any time; 0 = not known.
	columns func() int
	// ended counts the stages whose line is final; drawn tells that a line without end is on the screen.
	ended   int
	drawn   bool
	trouble teller
}

const eraseLine = "\r\x1b[K"

func (v *liveView) show(report lifecycle.Report, now time.Time) {
	for _, line := range v.trouble.lines(report, now) {
		v.say(line)
	}
	for i, record := range report.Stages {
		switch {
		case i < v.ended:
		case record.FinishedAt == nil:
			v.draw(v.paint.Busy("▸"), record, now, doing(report, record, now))
		default:
			sign, text := v.paint.Good("✓"), note(record)
			if end := endOf(report, i); end != "done" {
				sign, text = v.paint.Bad("✗"), strings.TrimSpace(end+" "+text)
			}
			v.draw(sign, record, now, text)
			fmt.Fprintln(v.out)
			v.drawn = false
			v.ended++
		}
	}
}

// doing says what keeps the current stage, or what it waits for, else its note so far.
func doing(report lifecycle.Report, record lifecycle.StageRecord, now time.Time) string {
	if len(report.Trouble) > 0 {
		return report.Trouble[0].Sentence(words.Soon(now))
	}
	w := report.WaitingFor
	if w == nil {
		return note(record)
	}
	text := "waiting for " + string(w.Kind)
	if w.ID != nil {
		text += " " + *w.ID
	}
	return text
}

// draw writes the line of one stage: a sign, its name, how long it has taken, and text. All but the
// sign is cut to the width, so that the line can be drawn again in place.
func (v *liveView) draw(sign string, record lifecycle.StageRecord, now time.Time, text string) {
	line := visible.Line(fmt.Sprintf(" %-8s  %6s  %s", record.Name, took(record, now), text))
	width := words.Width
	if columns := v.columns(); columns > 0 {
		// The last column stays free: a line that fills a terminal makes some of them wrap.
		width = min(width, columns-1)
	}
	fmt.Fprint(v.out, eraseLine, sign, words.Fit(strings.TrimRight(line, " "), width-1))
	v.drawn = true
}

func (v *liveView) say(line string) {
	v.clear()
	v.tell("%s", line)
}

// close leaves what is drawn on the screen and goes to the next line.
func (v *liveView) close() {
	if v.drawn {
		fmt.Fprintln(v.out)
		v.drawn = false
	}
}

func (v *liveView) clear() {
	if v.drawn {
		fmt.Fprint(v.out, eraseLine)
		v.drawn = false
	}
}
