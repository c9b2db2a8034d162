package dataset

import (
	"bytes"
	"context"
	"errors"
	"io"
	"unicode/utf8"

	"speech-retrainer/internal/lifecycle"
)

// markedNote tells the operator what was added.
const markedNote = "the file has no byte order mark, which the service asks for: it was added to what was sent"

// markedData is data with a byte order mark put before it.
type markedData struct{ io.ReaderAt }

// ReadAt reads as if the data began with the mark.
func (m markedData) ReadAt(p []byte, at int64) (int, error) {
	size := int64(len(utf8BOM))
	if at < 0 || at >= size {
		return m.ReaderAt.ReadAt(p, at-size)
	}
	n := copy(p, utf8BOM[at:])
	if n == len(p) {
		return n, nil
	}
	more, err := m.ReaderAt.ReadAt(p[n:], 0)
	return n + more, err
}

// needsMark tells whether a byte order mark belongs before the data: it is plain text of UTF-8 and has none. Text in
// another encoding stays as it is, for the mark would be a lie (pronunciations in ANSI are taken without it).
func (s *uploadSource) needsMark(ctx context.Context, kind lifecycle.DatasetKind) (bool, error) {
	switch kind {
	case lifecycle.DatasetLanguage, lifecycle.DatasetLanguageMarkdown, lifecycle.DatasetPronunciation, lifecycle.DatasetOutputFormatting:
	default:
		return false, nil
	}
	start := make([]byte, len(utf8BOM))
	n, err := s.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if bytes.Equal(start[:n], utf8BOM) {
		return false, nil
	}
	return isUTF8(contextReader{ctx, io.NewSectionReader(s, 0, s.size)})
}

// sent is what goes to the service: the data, with the mark that it needs.
func (s *uploadSource) sent() (io.ReaderAt, int64) {
	if s.marked {
		return markedData{s}, s.size + int64(len(utf8BOM))
	}
	return s, s.size
}

// isUTF8 reads r to its end, or to the first byte that is no UTF-8 or no text.
func isUTF8(r io.Reader) (bool, error) {
	buffer := make([]byte, copyBuffer)
	kept := 0
	for {
		n, err := r.Read(buffer[kept:])
		part := buffer[:kept+n]
		end := len(part)
		if err == nil {
			// A character may go on in the next part.
			for back := 1; back < utf8.UTFMax && back <= len(part); back++ {
				if utf8.RuneStart(part[len(part)-back]) {
					if !utf8.FullRune(part[len(part)-back:]) {
						end = len(part) - back
					}
					break
				}
			}
		}
		if !utf8.Valid(part[:end]) || bytes.IndexByte(part[:end], 0) >= 0 {
			return false, nil
		}
		kept = copy(buffer, part[end:])
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}
