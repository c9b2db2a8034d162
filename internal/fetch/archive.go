package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// inside is the program's name in its archive; every other entry, with whatever path, is passed over.
const inside = "temporal"

// unpack writes the program out of a tar.gz of the CLI. Everything the archive unpacks to has at most that many bytes.
// It is read to its end, so that its checksum is seen.
func unpack(to io.Writer, archive io.Reader, most int64) error {
	plain, err := gzip.NewReader(archive)
	if err != nil {
		return fmt.Errorf("is no tar.gz: %w", err)
	}
	unpacked := &counted{from: plain, most: most}
	entries := tar.NewReader(unpacked)
	found := false
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if entry.Name != inside {
			continue
		}
		if found || entry.Typeflag != tar.TypeReg {
			return fmt.Errorf("has a %s that is no file, or two of them", inside)
		}
		found = true
		if _, err := io.Copy(to, entries); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("has no program %s", inside)
	}
	_, err = io.Copy(io.Discard, unpacked)
	return err
}

// counted ends with an error after that many bytes, and tells of all that came.
type counted struct {
	from       io.Reader
	read, most int64
	// each is called whenever something came; nil = nobody wants to know.
	each func()
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += int64(n)
	if c.read > c.most {
		return n, tooLarge(c.most)
	}
	if n > 0 && c.each != nil {
		c.each()
	}
	return n, err
}

func tooLarge(most int64) error {
	return fmt.Errorf("is larger than %d MB", most>>20)
}
