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
	"sync"

	"speech-retrainer/internal/speech"
)

// source is the data to upload. It stays the file that was opened, whatever takes its name later.
type source struct {
	io.ReaderAt
	size  int64
	label string
	file  *os.File // nil for a reader
	stat  os.FileInfo
}

func openSource(req UploadRequest) (*source, error) {
	if req.ReaderAt != nil {
		s := &source{ReaderAt: req.ReaderAt, size: req.Size, label: fmt.Sprintf("data %q", req.Name)}
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
	s := &source{ReaderAt: f, size: stat.Size(), label: req.Path, file: f, stat: stat}
	if err := s.notEmpty(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *source) notEmpty() error {
	if s.size < 1 {
		return fmt.Errorf("%s is empty", s.label)
	}
	return nil
}

func (s *source) close() {
	if s.file != nil {
		_ = s.file.Close() // only read from
	}
}

// unchanged is ErrChanged when the file has another size or time than when it was opened, or another
// file has its name. The content of what is sent is held against the survey besides (see part).
func (s *source) unchanged() error {
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

// plan is the data's identity and the blocks that it is sent in.
type plan struct {
	content string
	parts   []partPlan
}

// partPlan is one block.
type partPlan struct {
	name         string
	offset, size int64
	sum          [sha256.Size]byte
}

// names lists the blocks in their order.
func (p plan) names() []string {
	names := make([]string, len(p.parts))
	for i, part := range p.parts {
		names[i] = part.name
	}
	return names
}

// survey reads the data once, for its identity and its blocks.
func survey(ctx context.Context, s *source, kind, locale string) (plan, error) {
	parts := &partsWriter{sum: sha256.New()}
	content, err := Identity(ctx, io.TeeReader(io.NewSectionReader(s, 0, s.size), parts), kind, locale)
	if err != nil {
		return plan{}, err
	}
	parts.end()
	if parts.offset != s.size {
		return plan{}, ErrChanged
	}
	return plan{content: content, parts: parts.parts}, s.unchanged()
}

// partsWriter cuts a stream into blocks of 8 MiB and hashes each.
type partsWriter struct {
	sum    hash.Hash
	filled int64 // of the block under way
	offset int64 // of all blocks
	parts  []partPlan
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
	part := partPlan{offset: w.offset, size: w.filled, sum: [sha256.Size]byte(w.sum.Sum(nil))}
	part.name = speech.BlockName(fmt.Sprintf("%06d-%s", len(w.parts), hex.EncodeToString(part.sum[:sha256.Size/2])))
	w.parts = append(w.parts, part)
	w.offset += w.filled
	w.filled = 0
	w.sum.Reset()
}

// part reads one block to be sent. It gives the last bytes only when all are those that were surveyed,
// so that the service never stores a block whose name is not true.
type part struct {
	mu       sync.Mutex
	r        io.Reader
	left     int64
	sum      hash.Hash
	want     [sha256.Size]byte
	progress *uploadProgress
	counted  int64
	closed   bool
	fault    error // of the data, not of the way to the service
}

func (s *source) part(p partPlan, progress *uploadProgress) *part {
	return &part{r: io.NewSectionReader(s, p.offset, p.size), left: p.size, sum: sha256.New(), want: p.sum, progress: progress}
}

// Read gives the next bytes of the block.
func (r *part) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return 0, io.ErrClosedPipe
	case r.fault != nil:
		return 0, r.fault
	case r.left == 0:
		return 0, io.EOF
	}
	n, err := r.r.Read(p[:min(int64(len(p)), r.left)])
	r.sum.Write(p[:n])
	r.left -= int64(n)
	switch {
	case r.left == 0 && [sha256.Size]byte(r.sum.Sum(nil)) != r.want,
		r.left > 0 && errors.Is(err, io.EOF):
		r.fault = ErrChanged
	case r.left > 0 && err != nil:
		r.fault = err
	}
	if r.fault != nil {
		return 0, r.fault
	}
	r.counted += int64(n)
	r.progress.add(int64(n))
	return n, nil
}

// finish ends the reading, which a failed request may otherwise go on with, and settles the progress:
// a block counts whole or not at all. It returns what is wrong with the data, if anything.
func (r *part) finish(size int64, sent bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if sent {
		r.progress.add(size - r.counted)
		r.progress.stored(size)
	} else {
		r.progress.add(-r.counted)
	}
	return r.fault
}
