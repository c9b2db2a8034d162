package dataset

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// longestLine is the length in bytes that an utterance, a pair or a rule may have. The service documents
// none; what is longer is no line of speech, and a bound keeps memory bounded.
const longestLine = 64 * kilobyte

// encoding is how a text must be written.
type encoding int

const (
	// withBOM is UTF-8 with byte order mark.
	withBOM encoding = iota
	// utf8Text is UTF-8, with or without the mark.
	utf8Text
	// ansi is UTF-8 with the mark, or a single-byte encoding without it.
	ansi
)

var utf8BOM = []byte("\xef\xbb\xbf")

// foreign are openings of files that are no UTF-8 text.
var foreign = []struct {
	magic, rule, message string
}{
	{"PK\x03\x04", ruleCompressed, "this is a zip archive; text data is uploaded as it is, not compressed"},
	{"\x1f\x8b", ruleCompressed, "this is compressed with gzip; text data is uploaded as it is"},
	{"\xff\xfe", ruleEncoding, "this is UTF-16; save it as UTF-8 with byte order mark"},
	{"\xfe\xff", ruleEncoding, "this is UTF-16; save it as UTF-8 with byte order mark"},
	{"RIFF", ruleEncoding, "this is a RIFF file, not text"},
}

// text reads r line by line and calls each for every line that holds something, without its line end. It
// reports what is wrong with the encoding; a line that is no text is not handed on. file is the name in an
// archive, "" otherwise. The error is r's or the context's.
func (c *checker) text(r io.Reader, file string, form encoding, each func(number int, line string)) error {
	in := bufio.NewReaderSize(contextReader{c.ctx, r}, longestLine)
	start, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, other := range foreign {
		if strings.HasPrefix(string(start), other.magic) {
			c.fail(file, 0, other.rule, "%s", other.message)
			return nil
		}
	}
	marked := bytes.HasPrefix(start, utf8BOM)
	if marked {
		if _, err := in.Discard(len(utf8BOM)); err != nil {
			return err
		}
	} else if form == withBOM {
		c.fail(file, 1, ruleBOM, "the byte order mark is missing; save the file as UTF-8 with BOM")
	}
	singleByte := form == ansi && !marked
	return eachLine(in, func(number int, line []byte, whole bool) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if !whole {
			c.fail(file, number, ruleLineLength, "the line is longer than %s; write one utterance a line", bytesText(longestLine))
			return
		}
		if len(bytes.TrimSpace(line)) == 0 {
			return
		}
		if c.encoded(file, number, line, singleByte) {
			each(number, string(line))
		}
	})
}

// encoded reports a line that is not in the text's encoding or holds control characters.
func (c *checker) encoded(file string, number int, line []byte, singleByte bool) bool {
	valid := utf8.Valid(line)
	switch {
	case !valid && !singleByte:
		c.fail(file, number, ruleEncoding, "the line is not UTF-8; save the file as UTF-8 with BOM")
		return false
	case valid && singleByte && !ascii(string(line)):
		c.warn(file, number, ruleBOM, "without byte order mark the line is read as ANSI, and its special letters change; save the file as UTF-8 with BOM")
	}
	for _, b := range line {
		if b < ' ' && b != '\t' || b == 0x7f {
			c.fail(file, number, ruleControl, "the line holds the control character 0x%02x; remove it", b)
			return false
		}
	}
	return true
}

// eachLine calls each with every line of in, without the line feed. Of a line longer than in's buffer it
// hands over the start, with whole false. The error is in's, save for io.EOF.
func eachLine(in *bufio.Reader, each func(number int, line []byte, whole bool)) error {
	for number := 1; ; number++ {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			each(number, bytes.TrimSuffix(line, []byte("\n")), !errors.Is(err, bufio.ErrBufferFull))
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// section reads the whole data from its start.
func (c *checker) section() io.Reader { return io.NewSectionReader(c.r, 0, c.size) }

// contextReader ends a long read when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}
