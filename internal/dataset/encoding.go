package dataset

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// form is how a text must be written.
type form int

const (
	// withBOM is UTF-8 with byte order mark.
	withBOM form = iota
	// utf8Text is UTF-8, with or without the mark.
	utf8Text
	// ansi is UTF-8 with the mark, or a single-byte encoding without it.
	ansi
)

var utf8BOM = []byte("\xef\xbb\xbf")

const (
	asUTF8 = "save it as UTF-8 with byte order mark"
	asIs   = "text data is uploaded as it is, not compressed"
)

// foreign are openings of files that are no UTF-8 text. The longer of two that begin alike comes first.
var foreign = []struct {
	magic, rule, message string
}{
	{"PK\x03\x04", ruleCompressed, "this is a zip archive (or a document of an office program); " + asIs},
	{"\x1f\x8b", ruleCompressed, "this is compressed with gzip; " + asIs},
	{"7z\xbc\xaf\x27\x1c", ruleCompressed, "this is an archive of 7-Zip; " + asIs},
	{"Rar!", ruleCompressed, "this is a RAR archive; " + asIs},
	{"\xd0\xcf\x11\xe0", ruleEncoding, "this is a document of an office program, not text; " + asUTF8},
	{"%PDF", ruleEncoding, "this is a PDF document, not text; " + asUTF8},
	{"{\\rtf", ruleEncoding, "this is rich text (RTF), not plain text; " + asUTF8},
	{"\xff\xfe\x00\x00", ruleEncoding, "this is UTF-32; " + asUTF8},
	{"\x00\x00\xfe\xff", ruleEncoding, "this is UTF-32; " + asUTF8},
	{"\xff\xfe", ruleEncoding, "this is UTF-16; " + asUTF8},
	{"\xfe\xff", ruleEncoding, "this is UTF-16; " + asUTF8},
	{"RIFF", ruleEncoding, "this is a RIFF file, not text"},
}

// recognise reports a text that is something else altogether, from its first bytes.
func (c *checker) recognise(file string, start []byte) bool {
	for _, other := range foreign {
		if strings.HasPrefix(string(start), other.magic) {
			c.fail(file, 0, other.rule, "%s", other.message)
			return true
		}
	}
	if name := wideText(start); name != "" {
		c.fail(file, 0, ruleEncoding, "this is %s without a mark; %s", name, asUTF8)
		return true
	}
	return false
}

// wideSample is how much of a text is looked at to tell its encoding, in bytes.
const wideSample = 4 * kilobyte

// wide are the encodings of more than one byte a character, each in both orders. Four bytes go first: read as two,
// they would be text with many zeros.
var wide = []struct {
	name  string
	width int
	form  encoding.Encoding
}{
	{"UTF-32", 4, utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	{"UTF-32", 4, utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	{"UTF-16", 2, utf16.UTF16(utf16.LittleEndian, utf16.IgnoreBOM)},
	{"UTF-16", 2, utf16.UTF16(utf16.BigEndian, utf16.IgnoreBOM)},
}

// wideText names the encoding of a text of two or four bytes a character that has no mark, as PowerShell and
// databases write it, or is "". Such a text has a zero byte beside every ASCII character, at least its line ends; a
// zero that strayed into other text does not make it one.
func wideText(start []byte) string {
	zeros := bytes.Count(start, []byte{0})
	if zeros == 0 || 4*zeros < len(start) && validStart(start) {
		return ""
	}
	for _, w := range wide {
		decoded, err := w.form.NewDecoder().Bytes(start[:len(start)/w.width*w.width])
		if err == nil && plausible(decoded) {
			return w.name
		}
	}
	return ""
}

// validStart tells UTF-8 that may end within a character.
func validStart(b []byte) bool {
	for range utf8.UTFMax - 1 {
		if utf8.Valid(b) {
			return true
		}
		b = b[:len(b)-1]
	}
	return utf8.Valid(b)
}

// plausible tells text from bytes that were decoded in a wrong way: all of it can be shown, and it has ASCII, at
// least as spaces or line ends. Its last character may be cut.
func plausible(text []byte) bool {
	plain := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= '~':
			plain++
		case r == utf8.RuneError && len(text) > 0, r != utf8.RuneError && !unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r):
			return false
		}
	}
	return plain > 0
}
