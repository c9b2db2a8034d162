package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/image/riff"
)

// Rules for recordings.
const (
	ruleWAV       = "wav-format"
	ruleWAVLength = "wav-length"
)

// wavFormat is the fixed part of the chunk "fmt ".
type wavFormat struct {
	Tag           uint16
	Channels      uint16
	SampleRate    uint32
	BytesPerSec   uint32
	BlockAlign    uint16
	BitsPerSample uint16
}

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

func parseWAV(r io.Reader) (time.Duration, error) {
	form, chunks, err := riff.NewReader(r)
	if err != nil {
		return 0, notWAV("it is not a RIFF file%s", convert)
	}
	if form != (riff.FourCC{'W', 'A', 'V', 'E'}) {
		return 0, notWAV("it is a RIFF file of form %q, not WAVE%s", form[:], convert)
	}
	var format *wavFormat
	for {
		id, length, chunk, err := chunks.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, &wavError{ruleWAVLength, "its parts are longer than the file; it was cut off, or not closed by the recorder"}
		}
		switch string(id[:]) {
		case "fmt ":
			format = &wavFormat{}
			if err := binary.Read(chunk, binary.LittleEndian, format); err != nil {
				return 0, notWAV("its format chunk has %d bytes, not %d", length, binary.Size(format))
			}
			if err := format.check(); err != nil {
				return 0, err
			}
		case "data":
			// What follows the sound is of no interest, and tools often get its length wrong.
			return format.duration(chunk, int64(length))
		}
	}
	return 0, notWAV("it has no data chunk")
}

// duration reads the sound and returns its length.
func (f *wavFormat) duration(sound io.Reader, declared int64) (time.Duration, error) {
	if f == nil {
		return 0, notWAV("its data comes before its format")
	}
	read, err := io.Copy(io.Discard, sound)
	switch {
	case err != nil:
		return 0, err
	case read < declared:
		return 0, &wavError{ruleWAVLength, fmt.Sprintf("it ends after %d of %d bytes of sound; it was cut off", read, declared)}
	case read == 0:
		return 0, &wavError{ruleWAVLength, "it holds no sound"}
	case read%sampleBytes != 0:
		return 0, &wavError{ruleWAVLength, "its sound ends within a sample"}
	}
	return time.Duration(read/sampleBytes) * time.Second / time.Duration(f.SampleRate), nil
}

// check holds the format to what the service takes: RIFF WAV, PCM 16 bit, mono, 8 or 16 kHz (document
// "Training and testing datasets").
func (f *wavFormat) check() error {
	const pcm = 1
	switch {
	case f.Tag != pcm:
		return notWAV("its samples have format 0x%04x, not PCM%s", f.Tag, convert)
	case f.Channels != 1:
		return notWAV("it has %d channels, not one%s", f.Channels, convert)
	case f.BitsPerSample != 8*sampleBytes:
		return notWAV("its samples have %d bits, not 16%s", f.BitsPerSample, convert)
	case f.SampleRate != 8000 && f.SampleRate != 16000:
		return notWAV("its sample rate is %d Hz, not 8000 or 16000%s", f.SampleRate, convert)
	case f.BlockAlign != sampleBytes || f.BytesPerSec != f.SampleRate*sampleBytes:
		return notWAV("its header contradicts itself: %d bytes a second and %d a sample at %d Hz", f.BytesPerSec, f.BlockAlign, f.SampleRate)
	}
	return nil
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
