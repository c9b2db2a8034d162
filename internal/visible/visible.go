// Package visible makes text from outside harmless where people look at it: on a screen, in a log, on a page.
// Display names, error messages and marks are written by whoever may write to the Speech resource; none of them
// may move a cursor, colour a line, hide a word or forge another line.
package visible

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line makes one line of a text: whatever is not a visible character (control characters, line breaks, marks
// that turn the direction of writing, broken UTF-8) becomes a blank.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// Escaped writes what JSON lets stand inside its strings but a terminal may obey (DEL, C1 controls, direction
// marks, line separators) as \u escapes. What is below a blank stays: JSON has escaped it already wherever it
// could do harm, and what is left are the document's own line ends.
func Escaped(document string) string {
	if !strings.ContainsFunc(document, obeyed) {
		return document
	}
	var out strings.Builder
	for _, r := range document {
		switch {
		case !obeyed(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

func obeyed(r rune) bool { return r > '~' && !unicode.IsPrint(r) }

// mostSummary is how many bytes a summary may have in JSON: a Temporal server may refuse a longer one, and then all that
// came with it (its limit.userMetadataSummarySize).
const mostSummary = 400

// Summary is one line for the lists of Temporal's web UI, cut to what a server takes.
func Summary(text string) string {
	text = Line(text)
	if inJSON(text) <= mostSummary {
		return text
	}
	runes := []rune(text)
	for n := len(runes) - 1; ; n-- {
		if cut := string(runes[:n]) + "…"; inJSON(cut) <= mostSummary {
			return cut
		}
	}
}

// inJSON is how many bytes a text has as JSON.
func inJSON(text string) int {
	encoded, _ := json.Marshal(text) // a text can be encoded
	return len(encoded)
}

// escapes are the characters that Markdown could read as its own inside a line.
var escapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`,
	`#`, `\#`, `~`, `\~`, `$`, `\$`, `&`, `\&`, `@`, `\@`, `://`, `\://`, `www.`, `www\.`,
)

// Markdown writes what Line gives so that Markdown shows it as it is inside a line: no link, no emphasis, no HTML.
// Bars, which mean something in tables alone, are left.
func Markdown(line string) string { return escapes.Replace(line) }

// Escape is Line and Markdown, bars included: for what may stand in a table that is written by hand.
func Escape(text string) string { return strings.ReplaceAll(Markdown(Line(text)), "|", `\|`) }

// Code is an ID as it is typed, for Markdown. Nothing that is no ID can end it early or hide in it.
func Code(id string) string { return "`" + strings.ReplaceAll(Line(id), "`", "'") + "`" }
