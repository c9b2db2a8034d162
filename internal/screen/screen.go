// Package screen is what a program shows: results on stdout, everything else on stderr, as lines for people or as one
// JSON document for machines. Nothing that it writes drives a terminal, whatever the service and Temporal hold.
package screen

import (
	"fmt"
	"io"

	"github.com/mattn/go-runewidth"

	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Screen is where one execution of a program writes, and asks.
type Screen struct {
	// In is where a person answers a question.
	In         io.Reader
	InTerminal bool
	// Out receives results, Err everything else; a terminal gets colours, and texts broken to its width.
	Out, Err                 io.Writer
	OutTerminal, ErrTerminal bool
	// Columns returns the width of the terminal, 0 when it is not known.
	Columns func() int
	// Plain is a terminal without colours.
	Plain bool
	// Brief shows of a run that is followed how it ended, and neither its stages nor its card.
	Brief bool
	// JSON tells that Out must hold exactly one document, whatever happens.
	JSON bool
}

// Tell writes one line for people to Err.
func (s *Screen) Tell(format string, args ...any) {
	fmt.Fprintln(s.Err, visible.Line(fmt.Sprintf(format, args...)))
}

// TellFitting is Tell for a line of any length: a terminal gets it broken between words, all else as it is, so that
// tools find it on one line.
func (s *Screen) TellFitting(line string) {
	if s.ErrTerminal && runewidth.StringWidth(visible.Line(line)) > words.Width {
		s.TellWrapped(line)
		return
	}
	s.Tell("%s", line)
}

// TellWrapped writes a text for people to Err, in lines that fit.
func (s *Screen) TellWrapped(text string) {
	s.TellLines(words.Hang(visible.Line(text), words.Width-2, 0, 2))
}

// Warn tells what the person should know, a text each.
func (s *Screen) Warn(warnings []string) {
	for _, w := range warnings {
		s.TellWrapped("warning: " + w)
	}
}

// TellLines writes lines for people to Err.
func (s *Screen) TellLines(lines []string) {
	for _, line := range lines {
		s.Tell("%s", line)
	}
}

// Print writes one line of a result to Out.
func (s *Screen) Print(format string, args ...any) {
	fmt.Fprintln(s.Out, visible.Line(fmt.Sprintf(format, args...)))
}

// PrintLines writes lines of a result to Out.
func (s *Screen) PrintLines(lines []string) {
	for _, line := range lines {
		s.Print("%s", line)
	}
}

// PrintPainted writes one line of a result to Out, coloured where Out is a terminal that may be.
func (s *Screen) PrintPainted(paint func(Paint, string) string, line string) {
	fmt.Fprintln(s.Out, paint(Paint(s.OutTerminal && !s.Plain), visible.Line(line)))
}

// Restart begins a result anew: on a terminal in the place of the one before, else below an empty line.
func (s *Screen) Restart() {
	if s.OutTerminal && !s.Plain {
		fmt.Fprint(s.Out, "\x1b[H\x1b[2J\x1b[3J")
		return
	}
	fmt.Fprintln(s.Out)
}

// Progress is the stream on which a run is drawn while it goes on, and whether that is a terminal: with a document on
// Out it is Err.
func (s *Screen) Progress() (stream io.Writer, terminal bool) {
	if s.JSON {
		return s.Err, s.ErrTerminal
	}
	return s.Out, s.OutTerminal
}

// Paint is how words of the progress, and of how it ended, are coloured.
func (s *Screen) Paint() Paint {
	_, terminal := s.Progress()
	return Paint(terminal && !s.Plain)
}

// Paint colours words on a terminal. The zero value does not.
type Paint bool

func (p Paint) code(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Good is what ended well.
func (p Paint) Good(text string) string { return p.code("32", text) }

// Bad is what did not.
func (p Paint) Bad(text string) string { return p.code("31", text) }

// Warn is what will not end well if nobody acts.
func (p Paint) Warn(text string) string { return p.code("33", text) }

// Busy is what goes on.
func (p Paint) Busy(text string) string { return p.code("36", text) }
