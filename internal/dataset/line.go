package dataset

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"unicode/utf8"
)

// longestLine is the length in bytes that an utterance, a pair or a rule may have. The service documents
// none; what is longer is no line of speech, and a bound keeps memory bounded.
const longestLine = 64 * kilobyte

// text reads r line by line and calls each for every line that holds something, without its line end. It
// reports what is wrong with the encoding; a line that is no text is not handed on. file is the name in an
// archive, "" otherwise. The error is r's or the context's.
func (c *checker) text(r io.Reader, file string, form form, each func(number int, line string)) error {
	in := bufio.NewReaderSize(contextReader{c.ctx, r}, longestLine)
	start, err := in.Peek(wideSample)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if c.recognise(file, start) {
		c.unread = math.MaxInt
		return nil
	}
	marked := bytes.HasPrefix(start, utf8BOM)
	if marked {
		if _, err := in.Discard(len(utf8BOM)); err != nil {
			return err
		}
	} else if form == withBOM {
		c.noMark(file)
	}
	singleByte := form == ansi && !marked
	return eachLine(in, func(number int, line []byte, whole bool) {
		line = bytes.TrimRight(line, "\r")
		if bytes.IndexByte(line, '\r') >= 0 {
			c.fail(file, number, ruleControl, "the lines end with a carriage return alone (0x0d), as old programs of the Mac write them; save the file with line feeds")
			c.unread = math.MaxInt
			return
		}
		if !whole {
			c.fail(file, number, ruleLineLength, "the line is longer than %s; write one utterance a line", bytesText(longestLine))
			c.skipped()
			return
		}
		if len(bytes.TrimSpace(line)) == 0 {
			return
		}
		if !c.encoded(file, number, line, singleByte) {
			c.skipped()
			return
		}
		each(number, string(line))
	})
}

// skipped counts a line that could not be read.
func (c *checker) skipped() {
	if c.unread < math.MaxInt {
		c.unread++
	}
}

// noMark warns of a missing byte order mark. It is asked for (documents "Training and testing datasets" and "How to
// create human-labeled transcriptions"), and Microsoft's own samples lack it: the service may take the text or not.
func (c *checker) noMark(file string) {
	if file != "" {
		c.warn(file, 1, ruleBOM, "the byte order mark is missing, which the service asks for; save the file as UTF-8 with BOM")
		return
	}
	c.warn("", 1, ruleBOM, "the byte order mark is missing, which the service asks for; starter adds it when it uploads the file")
}

// encoded reports a line that is not in the text's encoding or holds control characters.
func (c *checker) encoded(file string, number int, line []byte, singleByte bool) bool {
	valid := utf8.Valid(line)
	switch {
	case !valid && !singleByte:
		c.fail(file, number, ruleEncoding, "the line is not UTF-8; save the file as UTF-8 with BOM")
		return false
	case valid && singleByte && !ascii(string(line)):
		c.warn(file, number, ruleBOM, "without byte order mark the line is read as ANSI, and its special letters change; "+
			"starter adds the mark when the whole file is UTF-8")
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
