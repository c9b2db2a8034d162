package dataset

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"sync"
)

// uploadPart reads one block to be sent. It gives the last bytes only when all are those that were surveyed,
// so that the service never stores a block whose name is not true.
type uploadPart struct {
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

func (s *uploadSource) part(p blockPlan, progress *uploadProgress) *uploadPart {
	data, _ := s.sent()
	return &uploadPart{r: io.NewSectionReader(data, p.offset, p.size), left: p.size, sum: sha256.New(), want: p.sum, progress: progress}
}

// Read gives the next bytes of the block.
func (r *uploadPart) Read(p []byte) (int, error) {
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
func (r *uploadPart) finish(size int64, sent bool) error {
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
