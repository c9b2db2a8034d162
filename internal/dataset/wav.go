package dataset

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Rules for recordings.
const (
	ruleWAV       = "wav-format"
	ruleWAVLength = "wav-length"
)

// sampleBytes is the size of the one kind of sample that the service takes: 16 bit, mono.
const sampleBytes = 2

// wavError is why a recording is not usable.
type wavError struct{ rule, message string }

func (e *wavError) Error() string { return e.message }

func notWAV(format string, args ...any) error {
	return &wavError{ruleWAV, fmt.Sprintf(format, args...)}
}

const convert = "; convert it with: sox IN -b 16 -e signed-integer -c 1 -r 16k -t wav OUT.wav"

// readWAV reads the recording that r holds up to the end of its sound and returns its length. A *wavError
// says what is wrong with it; any other error is r's.
func readWAV(r io.Reader) (time.Duration, error) {
	source := &watchedReader{r: r}
	length, err := parseWAV(source)
	if source.err != nil {
		// The container's reader reports a cut file and a failing disk alike.
		return 0, source.err
	}
	return length, err
}

// unfilled is the size from which on those of a header are placeholders: ffmpeg, sox and arecord write 0xFFFFFFFF,
// 0x7FFFFFFF and their like where they cannot go back, and no archive has room for a recording of 2 GB.
const unfilled = 0x7fff0000

// errUnfilled is a recording whose sizes were never written.
var errUnfilled = &wavError{ruleWAVLength, "its header was never filled in: the size of its sound is missing, " +
	"as when a program writes into a pipe and not into a file; " +
	"write it again to a file, or mend it with: sox --ignore-length IN.wav OUT.wav"}

// parseWAV walks the chunks itself: a reader of well-formed RIFF cannot tell a size that was never filled in from a
// file that was cut off.
func parseWAV(r io.Reader) (time.Duration, error) {
	in := bufio.NewReader(r)
	start, _ := in.Peek(12) // what is wrong with r shows again below
	if len(start) < 12 || string(start[:4]) != "RIFF" {
		longer, _ := in.Peek(kilobyte)
		return 0, notRIFF(longer)
	}
	if form := string(start[8:]); form != "WAVE" {
		return 0, notWAV("it is a RIFF file of form %q, not WAVE%s", form, convert)
	}
	whole := int64(binary.LittleEndian.Uint32(start[4:]))
	_, _ = in.Discard(len(start))
	var format *wavFormat
	for at := int64(len("WAVE")); ; {
		var head [8]byte
		switch _, err := io.ReadFull(in, head[:]); {
		case errors.Is(err, io.EOF):
			return 0, notWAV("it has no data chunk")
		case err != nil:
			return 0, errCut
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		part := &io.LimitedReader{R: in, N: size}
		at += int64(len(head)) + size
		switch string(head[:4]) {
		case "fmt ":
			var err error
			if format, err = readFormat(part, size); err != nil {
				return 0, err
			}
		case "data":
			// What follows the sound is of no interest, and tools often get its length wrong.
			return format.duration(in, size, whole, at)
		}
		if _, err := io.Copy(io.Discard, part); err != nil || part.N > 0 {
			return 0, errCut
		}
		// A part of odd length is followed by one byte.
		if next, _ := in.Peek(4); size%2 == 1 && isPart(next) {
			return 0, notWAV("its part %q has an odd length, and the byte is missing that fills it up, so that what follows cannot be found%s", head[:4], convert)
		}
		skipped, _ := in.Discard(int(size % 2))
		at += int64(skipped)
	}
}

var errCut = &wavError{ruleWAVLength, "it ends within its header; it was cut off"}

// duration reads the sound of declared bytes and returns its length. whole is the size that the header gives the
// file, end where the sound ends in it.
func (f *wavFormat) duration(in *bufio.Reader, declared, whole, end int64) (time.Duration, error) {
	if f == nil {
		return 0, notWAV("its data comes before its format")
	}
	if whole == 0 || whole >= unfilled || declared >= unfilled {
		return 0, errUnfilled
	}
	if declared == 0 {
		if follows, err := soundFollows(in); err != nil || follows {
			return 0, cmp.Or(err, error(errUnfilled))
		}
	}
	read, err := io.Copy(io.Discard, io.LimitReader(in, declared))
	switch {
	case err != nil:
		return 0, err
	case read < declared:
		return 0, &wavError{ruleWAVLength, fmt.Sprintf("it ends after %d of %d bytes of sound; it was cut off", read, declared)}
	case read == 0:
		return 0, &wavError{ruleWAVLength, "it holds no sound"}
	case end > whole:
		return 0, &wavError{ruleWAVLength, fmt.Sprintf("its header contradicts itself: it has %d bytes by its beginning, and %d by its parts", whole, end)}
	case read%sampleBytes != 0:
		return 0, &wavError{ruleWAVLength, "its sound ends within a sample"}
	}
	return time.Duration(read/sampleBytes) * time.Second / time.Duration(f.SampleRate), nil
}

// soundFollows tells whether behind a data chunk of no length comes anything but another chunk, which has a name that can
// be read and fits into the rest. It reads in to its end; the error is in's.
func soundFollows(in *bufio.Reader) (bool, error) {
	next, _ := in.Peek(8)
	if len(next) < 4 {
		return false, nil
	}
	if len(next) < 8 || bytes.ContainsFunc(next[:4], func(r rune) bool { return r < ' ' || r > '~' }) {
		return true, nil
	}
	size := int64(binary.LittleEndian.Uint32(next[4:]))
	rest, err := io.Copy(io.Discard, in)
	return int64(len(next))+size > rest, err
}

// watchedReader remembers the first error of r that is not its end.
type watchedReader struct {
	r   io.Reader
	err error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && w.err == nil {
		w.err = err
	}
	return n, err
}
