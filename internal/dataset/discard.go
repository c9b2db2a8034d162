package dataset

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Rules for what the service makes of transcripts (document "How to create human-labeled transcriptions").
const (
	ruleSentence   = "sentence-length"
	ruleNoWords    = "no-words"
	ruleHalfWidth  = "half-width"
	ruleUmlaut     = "umlaut"
	ruleDecomposed = "decomposed"
)

// longestJapanese is the length in characters above which Japanese sentences are discarded.
const longestJapanese = 90

// germanDiscarded are the characters for which a row of a German transcript is discarded.
const germanDiscarded = "¢¤¥¦§©ª¬®°±²µ×ÿØ"

// discarded tells by which rule the service discards a row of a transcript, and why; rule is "" when it is kept.
func discarded(said, locale string) (rule, why string) {
	switch {
	case !hasWords(said):
		return ruleNoWords, "there is no letter or digit in the text: nothing is left when the service removes punctuation, and it discards the row; " +
			"write what is said, or remove the row and its recording"
	case inLanguage(locale, "ja") && longSentence(said):
		return ruleSentence, fmt.Sprintf("the service discards rows with a sentence of more than %d characters; divide it with a full stop", longestJapanese)
	case inLanguage(locale, "de"):
		text := norm.NFC.String(said)
		if at := strings.IndexAny(text, germanDiscarded); at >= 0 {
			sign, _ := utf8.DecodeRuneInString(text[at:])
			return ruleSpecial, fmt.Sprintf("the service discards rows with the special character %q (%U); write it as it is spoken", sign, sign)
		}
	}
	return "", ""
}

// hasWords tells whether anything is left of a text when its signs are removed.
func hasWords(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// longSentence tells whether one sentence is too long. A point between digits ends none.
func longSentence(said string) bool {
	length := 0
	text := []rune(norm.NFC.String(said))
	digit := func(i int) bool { return i >= 0 && i < len(text) && unicode.IsDigit(text[i]) }
	for i, r := range text {
		point := strings.ContainsRune(".．", r) && digit(i-1) && digit(i+1)
		if strings.ContainsRune("。．.！!？?｡", r) && !point {
			length = 0
			continue
		}
		if length++; length > longestJapanese {
			return true
		}
	}
	return false
}

// altered warns of what the service keeps and reads in another way than its author.
func (t *transcript) altered(number int, said string) {
	if inLanguage(t.report.Locale, "zh", "yue", "wuu") {
		if sign, width := halfWidth(said); width != "" {
			t.warn(t.name, number, ruleHalfWidth, "the text has %s, %q; the service asks for %s", width, sign,
				map[string]string{halfWidthSign: "the full-width form", halfWidthDigit: "numbers in their spoken form"}[width])
		}
	}
	if inLanguage(t.report.Locale, "de") {
		if letter := foreignUmlaut(said); letter != "" {
			t.warn(t.name, number, ruleUmlaut, "the service knows no umlaut but those of a, o and u: it replaces or drops %q", letter)
		}
	}
	if decomposed(said) {
		t.warn(t.name, number, ruleDecomposed, "letters and their accents stand apart (Unicode NFD, as macOS writes them); save the text in composed form (NFC)")
	}
}

const (
	halfWidthSign  = "half-width punctuation"
	halfWidthDigit = "digits"
)

// halfWidth finds a sign or digit that Chinese writes in another way: punctuation outside of Latin words and numbers
// ("don't", "3.14" stay), and digits. Punctuation goes first.
func halfWidth(said string) (sign rune, width string) {
	text := []rune(said)
	latin := func(i int) bool {
		return i >= 0 && i < len(text) && text[i] < utf8.RuneSelf && (unicode.IsLetter(text[i]) || unicode.IsDigit(text[i]))
	}
	for i, r := range text {
		ascii := r < utf8.RuneSelf && unicode.IsPunct(r)
		if ascii && !(latin(i-1) && latin(i+1)) || r >= '｡' && r <= '･' {
			return r, halfWidthSign
		}
		if width == "" && (r >= '0' && r <= '9' || r >= '０' && r <= '９') {
			sign, width = r, halfWidthDigit
		}
	}
	return sign, width
}

const diaeresis = '\u0308'

// foreignUmlaut is the first letter with a diaeresis that is no German umlaut, or "".
func foreignUmlaut(said string) string {
	if ascii(said) {
		return ""
	}
	base := ' '
	for _, r := range norm.NFD.String(said) {
		if r == diaeresis && unicode.IsLetter(base) && !strings.ContainsRune("aouAOU", base) {
			return norm.NFC.String(string([]rune{base, r}))
		}
		if !unicode.Is(unicode.Mn, r) {
			base = r
		}
	}
	return ""
}

// decomposed tells text that has composed letters in more than one character each. Scripts whose normal form is the
// longer one are no matter.
func decomposed(text string) bool {
	if norm.NFC.IsNormalString(text) {
		return false
	}
	return utf8.RuneCountInString(norm.NFC.String(text)) < utf8.RuneCountInString(text)
}
