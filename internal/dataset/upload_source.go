package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// uploadSource is the data to upload. It stays the file that was opened, whatever takes its name later.
type uploadSource struct {
	io.ReaderAt
	size  int64
	label string
	file  *os.File // nil for a reader
	stat  os.FileInfo
	// marked tells that a byte order mark is sent before the data. The identity is that of the data alone.
	marked bool
}

func openSource(req UploadRequest) (*uploadSource, error) {
	if req.ReaderAt != nil {
		s := &uploadSource{ReaderAt: req.ReaderAt, size: req.Size, label: fmt.Sprintf("data %q", req.Name)}
		return s, s.notEmpty()
	}
	// Looked at first: to open a pipe would wait for its writer.
	stat, err := os.Stat(req.Path)
	if err != nil {
		return nil, err
	}
	if !stat.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", req.Path)
	}
	f, err := os.Open(req.Path)
	if err != nil {
		return nil, err
	}
	if stat, err = f.Stat(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s := &uploadSource{ReaderAt: f, size: stat.Size(), label: req.Path, file: f, stat: stat}
	if err := s.notEmpty(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *uploadSource) notEmpty() error {
	if s.size < 1 {
		return fmt.Errorf("%s is empty", s.label)
	}
	return nil
}

func (s *uploadSource) close() {
	if s.file != nil {
		_ = s.file.Close() // only read from
	}
}

// unchanged is ErrChanged when the file has another size or time than when it was opened, or another
// file has its name. The content of what is sent is held against the survey besides (see uploadPart).
func (s *uploadSource) unchanged() error {
	if s.file == nil {
		return nil
	}
	now, err := os.Stat(s.file.Name())
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrChanged, err)
	}
	if !os.SameFile(now, s.stat) || now.Size() != s.size || !now.ModTime().Equal(s.stat.ModTime()) {
		return ErrChanged
	}
	return nil
}

// uploadPlan is the data's identity and the blocks that it is sent in.
type uploadPlan struct {
	content string
	parts   []blockPlan
}

// blockPlan is one block.
type blockPlan struct {
	name         string
	offset, size int64
	sum          [sha256.Size]byte
}

// names lists the blocks in their order.
func (p uploadPlan) names() []string {
	names := make([]string, len(p.parts))
	for i, part := range p.parts {
		names[i] = part.name
	}
	return names
}

// survey reads the data once, for its identity and its blocks, and text without byte order mark once more before.
func survey(ctx context.Context, s *uploadSource, kind lifecycle.DatasetKind, locale string) (plan uploadPlan, err error) {
	if s.marked, err = s.needsMark(ctx, kind); err != nil {
		return uploadPlan{}, err
	}
	parts := &partsWriter{sum: sha256.New()}
	if s.marked {
		_, _ = parts.Write(utf8BOM) // it never fails
	}
	content, err := Identity(ctx, io.TeeReader(io.NewSectionReader(s, 0, s.size), parts), kind, locale)
	if err != nil {
		return uploadPlan{}, err
	}
	parts.end()
	if _, size := s.sent(); parts.offset != size {
		return uploadPlan{}, ErrChanged
	}
	return uploadPlan{content: content, parts: parts.parts}, s.unchanged()
}

// partsWriter cuts a stream into blocks of 8 MiB and hashes each.
type partsWriter struct {
	sum    hash.Hash
	filled int64 // of the block under way
	offset int64 // of all blocks
	parts  []blockPlan
}

func (w *partsWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(int64(len(p)), speech.MaxBlockBytes-w.filled)
		w.sum.Write(p[:n])
		p, w.filled = p[n:], w.filled+n
		if w.filled == speech.MaxBlockBytes {
			w.end()
		}
	}
	return written, nil
}

// end closes the block under way. A block is named by its number and half of its hash: the number keeps
// two equal blocks of a file apart, the hash lets a later upload trust what it finds.
func (w *partsWriter) end() {
	if w.filled == 0 {
		return
	}
	part := blockPlan{offset: w.offset, size: w.filled, sum: [sha256.Size]byte(w.sum.Sum(nil))}
	part.name = speech.BlockName(fmt.Sprintf("%06d-%s", len(w.parts), hex.EncodeToString(part.sum[:sha256.Size/2])))
	w.parts = append(w.parts, part)
	w.offset += w.filled
	w.filled = 0
	w.sum.Reset()
}
