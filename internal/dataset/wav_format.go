package dataset

import (
	"encoding/binary"
	"io"
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

// wavExtension is what follows in the form WAVE_FORMAT_EXTENSIBLE, which many recorders write for any format. The
// first two bytes of SubFormat are the tag that counts, the rest is the same for all.
type wavExtension struct {
	Size        uint16
	ValidBits   uint16
	ChannelMask uint32
	SubFormat   struct {
		Tag  uint16
		Rest [14]byte
	}
}

const (
	tagPCM        = 1
	tagExtensible = 0xfffe
)

// subFormatRest is KSDATAFORMAT_SUBTYPE_... without its tag.
var subFormatRest = [14]byte{0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71}

// readFormat reads a chunk "fmt " of size bytes. A *wavError says why the service does not take its format.
func readFormat(chunk io.Reader, size int64) (*wavFormat, error) {
	f := &wavFormat{}
	if err := binary.Read(chunk, binary.LittleEndian, f); err != nil {
		return nil, notWAV("its format chunk has %d bytes, not %d", size, binary.Size(f))
	}
	if f.Tag == tagExtensible {
		var more wavExtension
		if err := binary.Read(chunk, binary.LittleEndian, &more); err != nil {
			return nil, notWAV("its format chunk ends before it says which format 0xfffe (WAVE_FORMAT_EXTENSIBLE) stands for%s", convert)
		}
		if more.SubFormat.Rest != subFormatRest {
			return nil, notWAV("its samples have a format of their own (WAVE_FORMAT_EXTENSIBLE), not PCM%s", convert)
		}
		f.Tag = more.SubFormat.Tag
	}
	return f, f.check()
}

// check holds the format to what the service takes: RIFF WAV, PCM 16 bit, mono, 8 or 16 kHz (document
// "Training and testing datasets").
func (f *wavFormat) check() error {
	switch {
	case f.Tag != tagPCM:
		return notWAV("its samples have format 0x%04x%s, not PCM%s", f.Tag, tagName(f.Tag), convert)
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

// tagName is what people call a format.
func tagName(tag uint16) string {
	switch tag {
	case 2, 0x11:
		return " (ADPCM)"
	case 3:
		return " (floating point)"
	case 6:
		return " (A-law)"
	case 7:
		return " (mu-law)"
	case 0x31:
		return " (GSM)"
	case 0x50, 0x55:
		return " (MPEG)"
	}
	return ""
}
