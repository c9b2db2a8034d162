package recognizer

import (
	"strings"
	"unicode"
)

// A run is a word, or what stands between two words.
type run struct {
	text string
	word bool
}

// spaceless are the languages that are written without spaces; there, every character counts as a word.
var spaceless = []string{"ja", "zh", "ko", "th"}

func isSpaceless(locale string) bool {
	for _, l := range spaceless {
		if strings.HasPrefix(locale, l+"-") {
			return true
		}
	}
	return false
}

func runs(text, locale string) []run {
	single := isSpaceless(locale)
	var out []run
	for _, c := range text {
		word := unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || c == '\'' || c == '’'
		if last := len(out) - 1; last >= 0 && out[last].word == word && !(single && word) {
			out[last].text += string(c)
		} else {
			out = append(out, run{string(c), word})
		}
	}
	return out
}

func normal(word string) string {
	return strings.ToLower(strings.Trim(strings.ReplaceAll(word, "’", "'"), "'"))
}

// Words returns the words of a text in the form that word error rates are counted in: lower case, no punctuation.
func Words(text, locale string) []string {
	var out []string
	for _, r := range runs(text, locale) {
		if w := normal(r.text); r.word && w != "" {
			out = append(out, w)
		}
	}
	return out
}

// Tokens returns the tokens of a display text, which token error rates are counted in: words as written, and each
// punctuation mark by itself.
func Tokens(text, locale string) []string {
	var out []string
	for _, r := range runs(text, locale) {
		if r.word {
			out = append(out, r.text)
			continue
		}
		for _, c := range r.text {
			if !unicode.IsSpace(c) {
				out = append(out, string(c))
			}
		}
	}
	return out
}
