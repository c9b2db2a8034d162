// Package document is the files of requests and fleets on this machine: it reads one as its author wrote it, and writes
// it anew. What a document says is internal/fleet's. Every error is a *exit.Failure.
package document

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// maxBytes bounds what is read as a request or a fleet; decode.Request has a limit of its own.
const maxBytes = 1 << 20

// Read reads a request or a fleet; "-" is standard input. Its source has no byte order mark.
func Read(path string, stdin io.Reader) (fleet.Document, error) {
	in, d := stdin, fleet.Document{Name: "standard input"}
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return d, exit.Refuse(lifecycle.InvalidRequest, "cannot read the request: %s", err)
		}
		defer func() { _ = file.Close() }() // opened for reading only
		in, d.Name, d.Dir = file, path, filepath.Dir(path)
	}
	source, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	switch {
	case err != nil:
		return d, exit.Refuse(lifecycle.InvalidRequest, "cannot read the request from %s: %s", d.Name, err)
	case len(source) > maxBytes:
		return d, exit.Refuse(lifecycle.InvalidRequest, "%s is larger than the %d bytes that a request may have", d.Name, maxBytes)
	}
	if d.Source, err = plain(d.Name, source); err == nil && len(bytes.TrimSpace(d.Source)) == 0 {
		err = exit.Refuse(lifecycle.InvalidRequest, "%s is empty", d.Name)
	}
	return d, err
}

// mark is the byte order mark that editors put in front of UTF-8: it says nothing there.
var mark = []byte("\ufeff")

// plain is a text in UTF-8 without its mark. Any other encoding is refused: it could be read for something else.
func plain(name string, source []byte) ([]byte, error) {
	const save = "save it as UTF-8 (in Notepad: Save as, Encoding)"
	if bytes.HasPrefix(source, []byte("\xff\xfe")) || bytes.HasPrefix(source, []byte("\xfe\xff")) {
		return nil, exit.Refuse(lifecycle.InvalidRequest, "%s is in UTF-16, which some editors call Unicode; a request or a fleet is read as UTF-8", name).Next(save)
	}
	line := 0
	for text := range bytes.Lines(source) {
		line++
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return nil, exit.Refuse(lifecycle.InvalidRequest, "%s:%d: is no text in UTF-8", name, line).Next(save)
		}
	}
	return bytes.TrimPrefix(source, mark), nil
}
