package screen

import "io"

// sink is a stream of results that remembers the first error of writing to it. What comes after is not written: half
// of a result must not look like one.
type sink struct {
	to  io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.to.Write(p)
	s.err = err
	return n, err
}

// Guard makes Out remember the first error of writing to it, for Broken.
func (s *Screen) Guard() { s.Out = &sink{to: s.Out} }

// Broken is the first error of writing a result to a guarded Out; nil when all of it was written.
func (s *Screen) Broken() error {
	if out, guarded := s.Out.(*sink); guarded {
		return out.err
	}
	return nil
}
