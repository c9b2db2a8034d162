// Package document is the files of requests and fleets on this machine: it reads one as its author wrote it, and writes
// it anew. What a document says is internal/fleet's. Every error is a *exit.Failure.
package document

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// maxBytes bounds what is read as a request or a fleet; decode.Request has a limit of its own.
const maxBytes = 1 << 20

// Read reads a request or a fleet; "-" is standard input.
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
	case len(bytes.TrimSpace(source)) == 0:
		return d, exit.Refuse(lifecycle.InvalidRequest, "%s is empty", d.Name)
	}
	d.Source = source
	return d, nil
}
