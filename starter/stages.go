package main

import (
	"fmt"
	"io"
	"time"

	"github.com/mattn/go-runewidth"

	"speech-retrainer/internal/lifecycle"
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

// newView returns the live view on a terminal and plain lines elsewhere. With JSON on stdout the stages
// go to stderr.
func (a *app) newView() view {
	out, terminal := a.Stdout, a.StdoutTerminal
	if a.asJSON {
		out, terminal = a.Stderr, a.StderrTerminal
	}
	if !terminal {
		return &plainView{out: out, tell: a.tell}
	}
	width := lineWidth
	if columns := a.Columns(); columns > 0 {
		// The last column stays free: a line that fills a terminal makes some of them wrap.
		width = min(width, columns-1)
	}
	return &liveView{out: out, tell: a.tell, paint: a.paint(), width: width}
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
	return elapsed(now.Sub(record.StartedAt))
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
}

func (v *plainView) show(report lifecycle.Report, _ time.Time) {
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
}

func (v *plainView) line(at time.Time, stage lifecycle.Stage, text string) {
	fmt.Fprintln(v.out, clean(fmt.Sprintf("%s  %-8s  %s", at.UTC().Format(time.RFC3339), stage, text)))
}

func (v *plainView) say(line string) { v.tell("%s", line) }
func (v *plainView) close()          {}

// liveView keeps one line for each stage; the current one is drawn again in place.
type liveView struct {
	out   io.Writer
	tell  func(string, ...any)
	paint paint
	width int
	// ended counts the stages whose line is final; drawn tells that a line without end is on the screen.
	ended int
	drawn bool
}

const eraseLine = "\r\x1b[K"

func (v *liveView) show(report lifecycle.Report, now time.Time) {
	for i, record := range report.Stages {
		switch {
		case i < v.ended:
		case record.FinishedAt != nil:
			end := endOf(report, i)
			colour := v.paint.good
			if end != "done" {
				colour = v.paint.bad
			}
			v.draw(colour, record.Name, end, took(record, now), note(record))
			fmt.Fprintln(v.out)
			v.drawn = false
			v.ended++
		default:
			v.draw(v.paint.busy, record.Name, "running", took(record, now), doing(report, record))
		}
	}
}

// doing says what the current stage waits for, else its note so far.
func doing(report lifecycle.Report, record lifecycle.StageRecord) string {
	w := report.WaitingFor
	if w == nil {
		return note(record)
	}
	text := "waiting for " + w.Kind
	if w.ID != nil {
		text += " " + *w.ID
	}
	return text
}

func (v *liveView) draw(colour func(string) string, stage lifecycle.Stage, state, took, text string) {
	head := fmt.Sprintf("%-8s  ", stage)
	middle := fmt.Sprintf("%-8s", state)
	tail := fmt.Sprintf("  %6s  %s", took, clean(text))
	room := v.width - runewidth.StringWidth(head) - runewidth.StringWidth(middle)
	fmt.Fprint(v.out, eraseLine, head, colour(middle), fit(tail, room))
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
