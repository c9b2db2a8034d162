package main

import (
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"speech-retrainer/internal/lifecycle"
)

// soon writes a time to come as seen from now: in 12s, or the date when it is not near.
func soon(now time.Time) func(time.Time) string {
	return func(t time.Time) string {
		switch left := t.Sub(now); {
		case left >= lifecycle.Day:
			return "on " + moment(t)
		case left >= 0:
			return "in " + elapsed(left)
		default:
			// What is shown is some seconds old.
			return "now"
		}
	}
}

// adviceLines are what to do about trouble, at most width columns wide.
func adviceLines(next string, width int) []string {
	text, command := splitCommand(clean(next))
	lines := wrap("what to do: "+text, width)
	if command != "" {
		lines = append(lines, wrapCommand(command, width)...)
	}
	return lines
}

// mostTrouble is how many steps in trouble are shown: those beside each other mostly have the same.
const mostTrouble = 3

// troubleLines are a run's trouble and what to do about it, at most width columns wide.
func troubleLines(all []lifecycle.Trouble, now time.Time, width int) []string {
	var lines []string
	for i, t := range all {
		if i == mostTrouble {
			return append(lines, "and "+count(int64(len(all)-i), "more step"))
		}
		lines = append(lines, wrap("TROUBLE "+clean(t.Sentence(soon(now))), width)...)
		if t.Next != nil && (i == 0 || all[i-1].Next == nil || *all[i-1].Next != *t.Next) {
			lines = append(lines, adviceLines(*t.Next, width)...)
		}
	}
	return lines
}

// splitCommand cuts advice before the command that it ends with; the command is empty when it ends with none.
func splitCommand(advice string) (text, command string) {
	for _, program := range []string{"temporal ", "worker ", "starter "} {
		if at := strings.LastIndex(advice, ": "+program); at >= 0 {
			return advice[:at+1], advice[at+2:]
		}
	}
	return advice, ""
}

// wrapCommand breaks a command line so that it can still be copied into a shell, all lines together.
func wrapCommand(command string, width int) []string {
	const more = " \\"
	if runewidth.StringWidth(command)+2 <= width {
		return []string{"  " + command}
	}
	var lines []string
	for i, line := range wrap(command, width-4-len(more)) {
		lead := "  "
		if i > 0 {
			lead = "    "
			lines[i-1] += more
		}
		lines = append(lines, lead+line)
	}
	return lines
}

// teller tells each trouble of a followed run once, and when it is over.
type teller struct{ told string }

// lines are what there is to say of the report's trouble by now; none when that was said.
func (v *teller) lines(report lifecycle.Report, now time.Time) []string {
	var kinds []string
	for _, t := range report.Trouble {
		// Not by its message: that may differ with each attempt in no more than a port.
		kinds = append(kinds, string(t.Kind)+text(t.Step)+text(t.Code)+text((*string)(t.Type)))
	}
	told := strings.Join(kinds, " ")
	if told == v.told {
		return nil
	}
	over := told == "" && report.Outcome == lifecycle.Running
	v.told = told
	if over {
		return []string{"the trouble is over: the run goes on"}
	}
	return troubleLines(report.Trouble, now, lineWidth)
}
