package intake

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// inspect reads a WAV file of an archive to its end, so that damage shows, and returns its length and what is
// wrong with it, "" when it is as the service wants it.
func inspect(f *zip.File) (time.Duration, string) {
	in, err := f.Open()
	if err != nil {
		return 0, "cannot be unpacked: " + err.Error()
	}
	defer in.Close()
	length, err := wave(in)
	switch {
	case err != nil:
		return 0, err.Error()
	case length > maxAudio:
		return length, fmt.Sprintf("longer than %s", maxAudio)
	case length == 0:
		return 0, "holds no audio"
	}
	return length, ""
}

var errWave = errors.New("not a RIFF WAV file")

// wave reads RIFF WAV, PCM 16 bit, mono, 8 or 16 kHz, and returns the length of the audio.
func wave(in io.Reader) (time.Duration, error) {
	var head [12]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return 0, errWave
	}
	rate, samples := 0, int64(0)
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(in, chunk[:]); err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		} else if err != nil {
			return 0, fmt.Errorf("damaged: %w", err)
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		body := io.LimitReader(in, size)
		switch string(chunk[:4]) {
		case "fmt ":
			var err error
			if rate, err = format(body); err != nil {
				return 0, err
			}
		case "data":
			n, err := io.Copy(io.Discard, body)
			if err != nil {
				return 0, fmt.Errorf("damaged: %w", err)
			}
			// A header written by a stream may promise more than there is; what is there counts.
			samples += n / 2
			size = n
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return 0, fmt.Errorf("damaged: %w", err)
		}
		if size%2 == 1 {
			_, _ = io.CopyN(io.Discard, in, 1)
		}
	}
	if rate == 0 {
		return 0, errWave
	}
	return time.Duration(samples) * time.Second / time.Duration(rate), nil
}

func format(in io.Reader) (rate int, err error) {
	var f struct {
		Format, Channels  uint16
		Rate, BytesPerSec uint32
		Align, Bits       uint16
	}
	if err := binary.Read(in, binary.LittleEndian, &f); err != nil {
		return 0, errWave
	}
	if f.Format != 1 || f.Bits != 16 || f.Channels != 1 || (f.Rate != 8000 && f.Rate != 16000) {
		return 0, fmt.Errorf("format %d, %d bit, %d channels, %d Hz: not PCM 16 bit, mono, 8 or 16 kHz", f.Format, f.Bits, f.Channels, f.Rate)
	}
	return int(f.Rate), nil
}
