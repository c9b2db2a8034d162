package dataset_test

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

func readAll(r io.Reader) []byte {
	b, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return b
}

func TestRecordings(t *testing.T) {
	t.Parallel()
	audio := func(name string, wav []byte, want ...string) dataCase {
		return dataCase{name: name, kind: lifecycle.DatasetAudioFiles, data: pack(member{"a.wav", wav}), want: want}
	}
	good := recording{}.wav()
	// with returns the recording with bytes put in at an offset.
	with := func(at int, bytes string) []byte {
		return append(append(append([]byte{}, good[:at]...), bytes...), good[at:]...)
	}
	changed := func(at int, bytes string) []byte {
		wav := append([]byte{}, good...)
		copy(wav[at:], bytes)
		return wav
	}
	const list = "LIST\x04\x00\x00\x00INFO"
	runCases(t, []dataCase{
		audio("16 kHz", good),
		audio("8 kHz", recording{rate: 8000}.wav()),
		audio("44.1 kHz", recording{rate: 44100}.wav(), "error a.wav wav-format"),
		audio("stereo", recording{channels: 2}.wav(), "error a.wav wav-format"),
		audio("8 bit", recording{bits: 8}.wav(), "error a.wav wav-format"),
		audio("24 bit", recording{bits: 24}.wav(), "error a.wav wav-format"),
		audio("mu-law", recording{tag: 7}.wav(), "error a.wav wav-format"),
		audio("empty file", nil, "error a.wav wav-format"),
		audio("MP3 by another name", []byte("ID3\x04\x00\x00\x00"), "error a.wav wav-format"),
		audio("big-endian", changed(0, "RIFX"), "error a.wav wav-format"),
		audio("AVI", changed(8, "AVI "), "error a.wav wav-format"),
		audio("header contradicts itself", changed(28, "\x01"), "error a.wav wav-format"),
		audio("short format", changed(16, "\x08"), "error a.wav wav-format"),
		audio("no sound", good[:44], "error a.wav wav-length"),
		audio("empty sound", recording{length: time.Nanosecond}.wav(), "error a.wav wav-length"),
		audio("cut", good[:len(good)-10], "error a.wav wav-length"),
		audio("cut in the header", good[:30], "error a.wav wav-format"),
		audio("not closed by the recorder", changed(4, "\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00"+
			"\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\xff\xff\xff\xff"), "error a.wav wav-length"),
		audio("other chunks before", func() []byte {
			wav := with(12, list)
			wav[4] += byte(len(list))
			return wav
		}()),
		audio("other chunks behind, uncounted", append(append([]byte{}, good...), list...)),
		audio("data before format", append(append(append([]byte{}, good[:12]...), good[36:]...), good[12:36]...), "error a.wav wav-format"),
	})
}

func TestRecordingLengths(t *testing.T) {
	t.Parallel()
	long := member{"long.wav", recording{length: 41 * time.Second}.wav()}
	short := member{"short.wav", recording{length: 40 * time.Second}.wav()}
	both := pack(long, short, text("trans.txt", "long.wav\ta\nshort.wav\tb\n"))
	longAlone := pack(long, text("trans.txt", "long.wav\ta\n"))
	runCases(t, []dataCase{
		{name: "training", kind: lifecycle.DatasetAcoustic, data: both, want: []string{"warning long.wav recording-length"}},
		{
			name: "training on long ones only", kind: lifecycle.DatasetAcoustic, data: longAlone,
			want: []string{"warning long.wav recording-length", "warning recording-length"},
		},
		{name: "test", kind: lifecycle.DatasetAcoustic, data: longAlone, limits: dataset.Limits{Test: true}},
		{name: "audio only", kind: lifecycle.DatasetAudioFiles, data: pack(long)},
		{
			name: "too long for anything", kind: lifecycle.DatasetAudioFiles, data: pack(long, short),
			limits: dataset.Limits{Recording: 40 * time.Second}, want: []string{"error long.wav recording-length"},
		},
	})
}

// The length found is the length recorded, to the sample.
func TestRecordingLengthRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]uint32{8000, 16000}).Draw(t, "rate")
		length := time.Duration(rapid.IntRange(1, 3000).Draw(t, "milliseconds")) * time.Millisecond
		wav := recording{rate: rate, length: length}.wav()
		report := check(t, pack(member{"a.wav", wav}), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
		require.Empty(t, found(report))
		require.Equal(t, length, report.AudioDuration.Round(time.Millisecond))

		cut := rapid.IntRange(0, len(wav)-1).Draw(t, "cut")
		report = check(t, pack(member{"a.wav", wav[:cut]}), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
		require.True(t, report.Failed(), "a recording cut at byte %d of %d", cut, len(wav))
	})
}

func TestReportAsJSONAndText(t *testing.T) {
	t.Parallel()
	data := pack(member{"a.wav", recording{}.wav()}, text("trans.txt", "a.wav\thello\nb.wav\tworld\n"))
	report := check(t, data, lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
	require.Equal(t, `trans.txt:2: error: transcript: there is no recording "b.wav" in the archive; names must match in case too`, report.Problems[0].String())
	out, err := json.Marshal(report)
	require.NoError(t, err)
	require.JSONEq(t, `{"kind":"Acoustic","locale":"en-US","lines":2,"rejected":0,"words":2,"files":1,"audioDuration":"1s","problems":[
		{"severity":"error","file":"trans.txt","line":2,"rule":"transcript",
		"message":"there is no recording \"b.wav\" in the archive; names must match in case too"}]}`, string(out))
	out, err = json.Marshal(dataset.Report{})
	require.NoError(t, err)
	require.Contains(t, string(out), `"problems":[]`)
}
