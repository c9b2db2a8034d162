package card

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"speech-retrainer/internal/visible"
)

// maxText is the most that is shown of one text, in characters; the JSON report has all of it.
const maxText = 1000

// oneLine makes one line of a text: whatever is not a visible character (control characters, line breaks,
// marks that turn the direction of writing, broken UTF-8) becomes a blank, and blanks become one.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(visible.Line(text)), " ")
	if utf8.RuneCountInString(text) > maxText {
		text = string([]rune(text)[:maxText-1]) + "…"
	}
	return text
}

// verbatimForm is what may stand as code: IDs, hashes and addresses.
var verbatimForm = regexp.MustCompile(`^[A-Za-z0-9._~:/?&=%@+-]{1,200}$`)

// commandForm finds a command line in a sentence: after a colon, up to a semicolon or the end.
var commandForm = regexp.MustCompile("(: )((?:temporal|starter|make) [ -:<-_a-~]{1,200})(;|$)")

// listForm is what Markdown reads as a list or a rule where a text begins, inside a list too: "- ", "+ ",
// "1. ", "---".
var listForm = regexp.MustCompile(`^(?:-(?:\D|$)|\+(?:\s|$)|\d{1,9}[.)](?:\s|$))`)

// listSign finds the sign that makes it one.
var listSign = regexp.MustCompile(`[-+.)]`)

// escapeStart is visible.Markdown for the beginning of a line.
func escapeStart(text string) string {
	escaped := visible.Markdown(text)
	if listForm.MatchString(text) {
		at := listSign.FindStringIndex(escaped)[0]
		escaped = escaped[:at] + `\` + escaped[at:]
	}
	return escaped
}
