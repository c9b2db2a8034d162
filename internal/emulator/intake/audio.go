package intake

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// sound reads a WAV file of an archive to its end, so that damage shows. It returns its length, and by the rules whether
// it is kept: it may be wrong, or in a form that the documentation does not speak of.
func (r *reader) sound(f *zip.File, name string, n int) (length time.Duration, keep bool, err error) {
	in, err := f.Open()
	if err != nil {
		keep, err = r.defect(r.rules.BadAudio, name, n, "cannot be unpacked: "+err.Error())
		return 0, keep, err
	}
	defer in.Close()
	w, problem := wave(in)
	switch {
	case problem != nil:
	case w.length > maxAudio:
		problem = fmt.Errorf("longer than %s", maxAudio)
	case w.length == 0:
		problem = errors.New("holds no audio")
	}
	for _, defect := range []struct {
		is           bool
		action, rule string
	}{
		{problem != nil, r.rules.BadAudio, fmt.Sprint(problem)},
		{w.unclosed, r.rules.UnclosedAudio, "a stream, whose header has no sizes"},
		{w.extensible, r.rules.ExtensibleAudio, "WAVE_FORMAT_EXTENSIBLE"},
	} {
		if !defect.is {
			continue
		}
		if keep, err := r.defect(defect.action, name, n, defect.rule); err != nil || !keep {
			return 0, false, err
		}
	}
	return w.length, true, nil
}

var errWave = errors.New("not a RIFF WAV file")

// streamed is the least size that a header can only have when nobody filled it in.
const streamed = 0x7fff0000

// waveInfo is what a WAV file says of itself.
type waveInfo struct {
	length               time.Duration
	unclosed, extensible bool
}

// wave reads RIFF WAV, PCM 16 bit, mono, 8 or 16 kHz.
func wave(in io.Reader) (waveInfo, error) {
	var w waveInfo
	var head [12]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return w, errWave
	}
	whole := binary.LittleEndian.Uint32(head[4:])
	w.unclosed = whole == 0 || whole >= streamed
	rate, samples := 0, int64(0)
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(in, chunk[:]); err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		} else if err != nil {
			return w, fmt.Errorf("damaged: %w", err)
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		data := string(chunk[:4]) == "data"
		if data && (size >= streamed || size == 0 && w.unclosed) {
			// A stream goes on to the end of the file.
			w.unclosed, size = true, 1<<40
		}
		body := io.LimitReader(in, size)
		switch {
		case string(chunk[:4]) == "fmt ":
			var err error
			if rate, w.extensible, err = format(body); err != nil {
				return w, err
			}
		case data:
			n, err := io.Copy(io.Discard, body)
			if err != nil {
				return w, fmt.Errorf("damaged: %w", err)
			}
			samples += n / 2
			size = n
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return w, fmt.Errorf("damaged: %w", err)
		}
		if size%2 == 1 {
			_, _ = io.CopyN(io.Discard, in, 1)
		}
	}
	if rate == 0 {
		return w, errWave
	}
	w.length = time.Duration(samples) * time.Second / time.Duration(rate)
	return w, nil
}

// pcmGUID is KSDATAFORMAT_SUBTYPE_PCM.
const pcmGUID = "\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

func format(in io.Reader) (rate int, extensible bool, err error) {
	var f struct {
		Format, Channels  uint16
		Rate, BytesPerSec uint32
		Align, Bits       uint16
	}
	if err := binary.Read(in, binary.LittleEndian, &f); err != nil {
		return 0, false, errWave
	}
	if f.Format == 0xfffe {
		var more struct {
			Size, Bits uint16
			Speakers   uint32
			SubFormat  [16]byte
		}
		if err := binary.Read(in, binary.LittleEndian, &more); err != nil {
			return 0, false, errWave
		}
		if extensible = string(more.SubFormat[:]) == pcmGUID; extensible {
			f.Format = 1
		}
	}
	if f.Format != 1 || f.Bits != 16 || f.Channels != 1 || (f.Rate != 8000 && f.Rate != 16000) {
		return 0, false, fmt.Errorf("format %d, %d bit, %d channels, %d Hz: not PCM 16 bit, mono, 8 or 16 kHz", f.Format, f.Bits, f.Channels, f.Rate)
	}
	return int(f.Rate), extensible, nil
}
