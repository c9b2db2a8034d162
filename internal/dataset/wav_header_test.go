package dataset_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// sized is a recording with the sizes of its header changed.
func sized(riff, data uint32) []byte {
	wav := recording{}.wav()
	for i := range wav[44:] {
		wav[44+i] = byte(i * i >> 3)
	}
	binary.LittleEndian.PutUint32(wav[4:], riff)
	binary.LittleEndian.PutUint32(wav[40:], data)
	return wav
}

// extensible is a recording in the form WAVE_FORMAT_EXTENSIBLE.
func extensible(subFormat uint16, rest string, change recording) []byte {
	change.tag = 0xfffe
	plain := change.wav()
	extra := []byte{22, 0, 16, 0, 4, 0, 0, 0, byte(subFormat), byte(subFormat >> 8)}
	extra = append(extra, rest...)
	wav := append(append(append([]byte{}, plain[:36]...), extra...), plain[36:]...)
	binary.LittleEndian.PutUint32(wav[4:], uint32(len(wav)-8))
	binary.LittleEndian.PutUint32(wav[16:], uint32(16+len(extra)))
	return wav
}

const guid = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

// A header that was never filled in is told as that, whichever of its sizes is missing.
func TestHeadersThatWereNeverFilledIn(t *testing.T) {
	t.Parallel()
	const sound = 32000
	for _, riff := range []uint32{0, 0x7fffffff, 0xffffffff, 0x7ffff024, 0x80000024, 36, 36 + sound} {
		for _, data := range []uint32{0, 0x7fffffff, 0xffffffff, 0x7ffff000, 0x80000000, sound} {
			if riff < 1<<20 && riff > 0 && data == sound {
				continue // below
			}
			t.Run(fmt.Sprintf("%#x %#x", riff, data), func(t *testing.T) {
				t.Parallel()
				report := check(t, pack(member{"a.wav", sized(riff, data)}), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
				require.Equal(t, []string{"error a.wav wav-length"}, found(report))
				require.Contains(t, report.Problems[0].Message, "header was never filled in")
				require.Contains(t, report.Problems[0].Message, "pipe")
			})
		}
	}
}

func TestOtherHeaders(t *testing.T) {
	t.Parallel()
	good := recording{}.wav()
	for name, tc := range map[string]struct {
		wav        []byte
		rule, says string
	}{
		"right":                     {wav: sized(36+32000, 32000)},
		"cut off":                   {sized(36+32000, 32000)[:20000], "wav-length", "it was cut off"},
		"cut off in another chunk":  {append(append([]byte{}, good[:36]...), "LIST\x64\x00\x00\x00INFO"...), "wav-length", "cut off"},
		"cut off in a chunk's head": {good[:40], "wav-length", "cut off"},
		"odd chunk before":          {wav: oddChunk(good)},
		"smaller at its beginning":  {sized(100, 32000), "wav-length", "contradicts itself"},
		"no sound, another chunk":   {append(sized(36, 0)[:44], "LIST\x04\x00\x00\x00INFO"...), "wav-length", "no sound"},
		"odd chunk, not filled up": {
			append(append(append([]byte{}, good[:12]...), "LIST\x05\x00\x00\x00INFOx"...), good[12:]...),
			"wav-format", `its part "LIST" has an odd length`,
		},
		"letters in place of chunks": {append(sized(36, 0)[:44], strings.Repeat("ABCD", 100)...), "wav-length", "never filled in"},
		"nothing at all":             {[]byte{}, "wav-format", "it is empty"},
		"MP3 of another kind":        {[]byte("\xff\xf2\x90\x00 and so on"), "wav-format", "not a RIFF file but MP3"},
		"AAC":                        {[]byte("\xff\xf9\x90\x00 and so on"), "wav-format", "not a RIFF file but AAC"},
		"M4A":                        {[]byte("\x00\x00\x00\x20ftypM4A and so on"), "wav-format", "not a RIFF file but MP4"},
		"WMA":                        {[]byte("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9 and so on"), "wav-format", "not a RIFF file but WMA"},
		"Wave64":                     {[]byte("riff\x2e\x91\xcf\x11\xa5\xd6 and so on"), "wav-format", "not a RIFF file but Wave64"},
		"a pointer":                  {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:ab\n"), "wav-format", "git lfs pull"},
		"a page":                     {[]byte("\n<!DOCTYPE html><html>"), "wav-format", "a page of the web"},
		"UTF-16":                     {[]byte("\xff\xfea\x00"), "wav-format", "it is not a RIFF file; convert"},
		"extensible":                 {wav: extensible(1, guid, recording{})},
		"extensible, 8 kHz":          {wav: extensible(1, guid, recording{rate: 8000})},
		"extensible floats":          {extensible(3, guid, recording{bits: 32}), "wav-format", "format 0x0003 (floating point), not PCM"},
		"extensible, 24 bits":        {extensible(1, guid, recording{bits: 24}), "wav-format", "24 bits"},
		"extensible, stereo":         {extensible(1, guid, recording{channels: 2}), "wav-format", "2 channels"},
		"extensible of a vendor":     {extensible(1, "\x01"+guid[1:], recording{}), "wav-format", "a format of their own"},
		"extensible without end":     {recording{tag: 0xfffe}.wav(), "wav-format", "WAVE_FORMAT_EXTENSIBLE"},
		"RF64":                       {append([]byte("RF64"), good[4:]...), "wav-format", "not a RIFF file but RF64"},
		"Ogg":                        {[]byte("OggS\x00\x02 and so on"), "wav-format", "not a RIFF file but Ogg"},
		"MP3":                        {[]byte("\xff\xfb\x90\x00 and so on"), "wav-format", "not a RIFF file but MP3"},
		"stereo and never filled in": {
			append(append([]byte("RIFF\xff\xff\xff\xff"), recording{channels: 2}.wav()[8:40]...), "\xff\xff\xff\xff\x01\x02"...),
			"wav-format", "2 channels",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := check(t, pack(member{"a.wav", tc.wav}), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
			if tc.rule == "" {
				require.Empty(t, found(report))
				require.Equal(t, time.Second, report.AudioDuration)
				return
			}
			require.Equal(t, []string{"error a.wav " + tc.rule}, found(report))
			require.Contains(t, report.Problems[0].Message, tc.says)
		})
	}
}

// A length over a limit is shown as over it, however little.
func TestLengthsOverTheLimit(t *testing.T) {
	t.Parallel()
	for length, says := range map[time.Duration]string{
		40*time.Second + 200*time.Millisecond: "it lasts 40.2 s: training uses the sound of recordings up to 40 s,",
		40*time.Second + 20*time.Millisecond:  "it lasts 40.02 s:",
		40*time.Second + time.Millisecond:     "it lasts 40.001 s:",
		59*time.Second + 960*time.Millisecond: "it lasts 60.0 s:",
	} {
		archive := pack(member{"a.wav", recording{length: length}.wav()}, text("trans.txt", "a.wav\thello\n"))
		report := check(t, archive, lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
		require.Contains(t, messages(report, "recording-length"), says)
		require.Contains(t, messages(report, "recording-length"), "no recording is 40 s or shorter")
	}
	archive := pack(member{"a.wav", recording{length: time.Second}.wav()})
	report := check(t, archive, lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{Recording: 999 * time.Millisecond})
	require.Equal(t, "it lasts 1.0 s, longer than the 0.999 s that a recording may have", report.Problems[0].Message)
}

// oddChunk puts a chunk of three bytes, and the fourth that fills it up, before the sound.
func oddChunk(wav []byte) []byte {
	with := append(append(append([]byte{}, wav[:36]...), "bext\x03\x00\x00\x00abc\x00"...), wav[36:]...)
	binary.LittleEndian.PutUint32(with[4:], uint32(len(with)-8))
	return with
}
