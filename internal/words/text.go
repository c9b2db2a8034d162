package words

import (
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"

	"speech-retrainer/internal/visible"
)

// Width is the most columns that any line for people has.
const Width = 80

// Model writes a name with its locale, where that is known: "support-calls (en-US)".
func Model(name, locale string) string {
	if locale == "" {
		return name
	}
	return name + " (" + locale + ")"
}

// OrDash is a value that may be absent, safe for a terminal.
func OrDash(s *string) string {
	if s == nil {
		return "-"
	}
	return visible.Line(*s)
}

// Notes of a schedule that no person wrote: Made is part of the one that it is made with; that of who paused or resumed it without a
// note ends with unnoted.
const (
	Made     = "Made by starter apply"
	pausedBy = "paused by "
	unnoted  = " without a note"
)

// Unnoted is the note of a schedule that somebody paused or resumed, as verb says, without writing one: "paused by ann without a note".
func Unnoted(verb, by string) string { return verb + " by " + by + unnoted }

// Written tells that a person wrote the note of a schedule; an empty one nobody did.
func Written(note string) bool {
	return note != "" && !strings.HasSuffix(note, unnoted) && !strings.Contains(note, Made)
}

// PauseNote is the note of a pause as it reads behind "paused": what a person wrote, else "by ann without a note"; empty when it says
// nothing of the pause.
func PauseNote(note string) string {
	switch {
	case Written(note):
		return note
	case strings.HasPrefix(note, pausedBy):
		return strings.TrimPrefix(note, "paused ")
	}
	return ""
}

// Paused says that something is paused, and why: "paused: new data", "paused by ann without a note".
func Paused(note string) string {
	switch why := PauseNote(note); {
	case why == "":
		return "paused"
	case why == note:
		return "paused: " + why
	default:
		return "paused " + why
	}
}

// Some names at most three.
func Some(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// Fit cuts text to width columns, with a sign that something is missing.
func Fit(text string, width int) string { return runewidth.Truncate(text, max(width, 1), "…") }

// Wrap breaks text between words into lines of at most width columns. A longer word (an ID, a URL) gets
// a line of its own and stays whole, so that it can be copied.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case runewidth.StringWidth(line)+1+runewidth.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// Hang is Wrap with the first line indented by first blanks, the others by rest; width is that of the text alone.
func Hang(text string, width, first, rest int) []string {
	lines := Wrap(text, width)
	for i := range lines {
		indent := first
		if i > 0 {
			indent = rest
		}
		lines[i] = strings.Repeat(" ", indent) + lines[i]
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

// CommandLines breaks a command line so that it can still be copied into a shell, all lines together.
func CommandLines(command string, width int) []string {
	const more = " \\"
	if runewidth.StringWidth(command)+2 <= width {
		return []string{"  " + command}
	}
	var lines []string
	for i, line := range Wrap(command, width-4-len(more)) {
		lead := "  "
		if i > 0 {
			lead = "    "
			lines[i-1] += more
		}
		lines = append(lines, lead+line)
	}
	return lines
}
