package dataset

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules for text.
const (
	ruleURI       = "uri"
	ruleRepeat    = "repetition"
	ruleSpecial   = "special-characters"
	ruleLineCount = "line-count"
	rulePair      = "pair"
	ruleDuplicate = "duplicate"
)

// manyLines is what documents "Training and testing datasets" advises as the most for Japanese and Korean.
const manyLines = 20_000

// language holds plain text to its rules: one utterance a line.
func (c *checker) language() error {
	special, first := 0, 0
	err := c.text(c.section(), "", withBOM, func(number int, line string) {
		c.report.Lines++
		if hasURI(line) {
			c.report.Rejected++
			c.warn("", number, ruleURI, "the service rejects lines with a web address")
		}
		if !hasWords(line) {
			c.warn("", number, ruleNoWords, "there is no letter or digit in the line: nothing is left when the service removes punctuation")
		}
		c.repetitions("", number, line)
		if hasSpecial(line, c.report.Locale) {
			special++
			if first == 0 {
				first = number
			}
		}
	})
	if err != nil {
		return err
	}
	if special > 0 {
		c.warn("", first, ruleSpecial, "%d lines, from this one on, hold special characters, which the service advises against", special)
	}
	if c.report.Lines > manyLines && inLanguage(c.report.Locale, "ja", "ko") {
		c.warn("", 0, ruleLineCount, "%d lines may take long to import or time out for %s; divide the file into parts of at most %d lines",
			c.report.Lines, c.report.Locale, manyLines)
	}
	c.notEmpty("utterance")
	return nil
}

// pronunciation holds "display<TAB>spoken form" to its rules.
func (c *checker) pronunciation() error {
	form := withBOM
	if english(c.report.Locale) {
		form = ansi
	}
	err := c.text(c.section(), "", form, func(number int, line string) {
		c.report.Lines++
		display, spoken, found := strings.Cut(line, "\t")
		switch {
		case !found:
			c.fail("", number, rulePair, "there is no TAB; write the displayed form, a TAB, and the spoken form")
		case strings.TrimSpace(display) == "":
			c.fail("", number, rulePair, "the displayed form before the TAB is empty")
		case strings.TrimSpace(spoken) == "":
			c.fail("", number, rulePair, "the spoken form after the TAB is empty")
		case strings.Contains(spoken, "\t"):
			c.fail("", number, rulePair, "there is more than one TAB")
		default:
			c.spelled(number, spoken)
		}
	})
	c.notEmpty("pronunciation")
	return err
}

// notEmpty reports data without a single line, unless another error already says why there is none.
func (c *checker) notEmpty(what string) {
	if c.report.Lines == 0 && !(Report{Problems: c.problems}).Failed() {
		c.fail("", 0, ruleEmpty, "there is no %s in it", what)
	}
}

// uri finds what a person would call a web or mail address: with a scheme, or beginning with www.
var uri = regexp.MustCompile(`(?i)(?:\b[a-z][a-z0-9+.-]*://[^\s]|\bwww\.[^\s.]+\.[^\s]|\bmailto:[^\s])`)

func hasURI(line string) bool {
	// Most lines have neither, and looking for that is much cheaper.
	return (strings.Contains(line, ":") || strings.Contains(line, ".")) && uri.MatchString(line)
}

// mostRepeats is how often something may stand in a row (document "Training and testing datasets").
const mostRepeats = 3

// longestGroup is the length in words of a repeated group that is looked for.
const longestGroup = 6

// repetitions warns of a line that the service may drop for its repetitions.
func (c *checker) repetitions(file string, number int, line string) {
	if repeats(line) {
		c.warn(file, number, ruleRepeat, "a letter, a word or a group of words stands there more than three times in a row; the service may drop the line")
	}
}

// repeats tells whether a letter, a word or a group of words stands more than three times in a row.
// Case and punctuation at the edges of words do not matter; digits and signs may repeat.
func repeats(line string) bool {
	if repeatsLetter(line) {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(line), func(r rune) bool {
		return unicode.IsSpace(r) || (unicode.IsPunct(r) && r != '\'' && r != '’' && r != '-')
	})
	for size := 1; size <= longestGroup && size*(mostRepeats+1) <= len(words); size++ {
		// equal counts words that are the same as the one a group before.
		equal := 0
		for i := size; i < len(words); i++ {
			if words[i] != words[i-size] {
				equal = 0
				continue
			}
			if equal++; equal >= size*mostRepeats {
				return true
			}
		}
	}
	return false
}

func repeatsLetter(line string) bool {
	var last rune
	run := 0
	for _, r := range line {
		r = unicode.ToLower(r)
		if r != last {
			last, run = r, 0
		}
		if run++; run > mostRepeats && unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// hasSpecial tells whether a line holds what the service advises against: characters above U+00A1. The
// letters, digits and punctuation of a language other than English are no matter: Microsoft's own German
// sample has them; nor is a typographic sign of punctuation.
func hasSpecial(line, locale string) bool {
	if ascii(line) {
		return false
	}
	for _, r := range line {
		switch {
		case r <= '¡', unicode.IsPunct(r), unicode.IsSpace(r):
		case r == utf8.RuneError:
			return true
		case english(locale), !unicode.In(r, unicode.L, unicode.M, unicode.N):
			return true
		}
	}
	return false
}
