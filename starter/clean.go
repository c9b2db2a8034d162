package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text safe for a terminal and for one line: whatever is not a visible character (control
// characters, line breaks, marks that turn the direction of writing, broken UTF-8) becomes a space.
// The service, and who can write display names there, must not be able to drive the screen.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
