package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator/intake"
)

const bom = "\uFEFF"

var strict = intake.Rules{
	MissingBOM: intake.Fail, URILine: intake.Reject, Repetition: intake.Accept, BadAudio: intake.Reject,
	MissingAudio: intake.Reject, ExtraAudio: intake.Accept, RejectThreshold: 0.5,
	UnclosedAudio: intake.Reject, ExtensibleAudio: intake.Accept, EmptyText: intake.Reject, Litter: intake.Accept,
	NameForm: intake.Reject, Phones: intake.Accept, AllRejected: intake.Fail,
}

// wav is a silent sound of the given length and format.
func wav(rate, channels, bits int, length time.Duration) string {
	data := make([]byte, int(length.Seconds()*float64(rate))*channels*bits/8)
	var b bytes.Buffer
	b.WriteString("RIFF")
	write := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	write(uint32(36 + len(data)))
	b.WriteString("WAVEfmt ")
	write(uint32(16))
	write([]uint16{1, uint16(channels)})
	write([]uint32{uint32(rate), uint32(rate * channels * bits / 8)})
	write([]uint16{uint16(channels * bits / 8), uint16(bits)})
	b.WriteString("data")
	write(uint32(len(data)))
	b.Write(data)
	return b.String()
}

var second = wav(16000, 1, 16, time.Second)

// archive zips name, content pairs in the order given.
func archive(t *testing.T, pairs ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		require.NoError(t, err)
		_, err = w.Write([]byte(pairs[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

func TestCheck(t *testing.T) {
	t.Parallel()
	rules := func(change func(*intake.Rules)) *intake.Rules { r := strict; change(&r); return &r }
	for name, tc := range map[string]struct {
		kind, locale, content string
		rules                 *intake.Rules
		accepted, rejected    int
		duration              time.Duration
		failure               string // "" = usable, else a part of code and message
	}{
		"text":                  {kind: "Language", content: bom + "one\r\n\ntwo words\nthree", accepted: 3},
		"text without mark":     {kind: "Language", content: "one", failure: "NoUtf8WithBom"},
		"text, mark not needed": {kind: "Language", content: "one", rules: rules(func(r *intake.Rules) { r.MissingBOM = intake.Accept }), accepted: 1},
		"utf-16":                {kind: "Language", content: "\xff\xfeo\x00n\x00", failure: "NoUtf8WithBom"},
		"empty text":            {kind: "Language", content: bom, failure: "nothing usable"},
		"invalid utf-8 line":    {kind: "Language", content: bom + "one\ntwo\nth\xc3ree", accepted: 2, rejected: 1},
		"letters of the locale": {kind: "Language", locale: "de-DE", content: bom + "Über „Maß“", accepted: 1},
		"uri":                   {kind: "Language", content: bom + "one\ntwo\nsee https://example.com\n", accepted: 2, rejected: 1},
		"uri fails all": {
			kind: "Language", content: bom + "one\nsee www.example.com", rules: rules(func(r *intake.Rules) { r.URILine = intake.Fail }),
			accepted: 1, failure: "holds a URI",
		},
		"repetition": {
			kind: "Language", content: bom + "no no No no\nfine fine fine\nok",
			rules: rules(func(r *intake.Rules) { r.Repetition = intake.Reject }), accepted: 2, rejected: 1,
		},
		"half rejected":            {kind: "Language", content: bom + "one\nhttp://a", accepted: 1, rejected: 1},
		"too many rejected":        {kind: "Language", content: bom + "one\nhttp://a\nhttp://b", accepted: 1, rejected: 2, failure: "2 of 3 lines were rejected"},
		"pronunciation":            {kind: "Pronunciation", content: bom + "3CPO\tthree c p o\nIEEE\ti triple e", accepted: 2},
		"pronunciation, ansi":      {kind: "Pronunciation", content: "3CPO\tthree c p o", accepted: 1},
		"pronunciation, german":    {kind: "Pronunciation", locale: "de-DE", content: "3CPO\tdrei", failure: "NoUtf8WithBom"},
		"pronunciation with space": {kind: "Pronunciation", content: bom + "IEEE\ti triple e\n3CPO three", accepted: 1, rejected: 1},
		"pronunciation too large":  {kind: "Pronunciation", content: strings.Repeat("a\tb\n", 1<<18+1), failure: "the limit of kind Pronunciation is 1048576"},
		"markdown": {
			kind: "LanguageMarkdown",
			content: "> a comment\n@ list locale =\n- english\n- spanish\n\n@ speech:phoneticlexicon\n- .net/D AO T\n\n" +
				"# Sentences\n- speak {@locale} at {number}\n- plain\n",
			// two items, one phonetic entry, two sentences
			accepted: 5,
		},
		"markdown, unknown list":     {kind: "LanguageMarkdown", content: "# S\n- one\n- two {@color}\n", accepted: 1, rejected: 1},
		"markdown, no heading":       {kind: "LanguageMarkdown", content: "just text\n", rejected: 1, failure: "nothing usable"},
		"markdown, third way to say": {kind: "LanguageMarkdown", content: "@ speech:phoneticlexicon\n- a/A\n- a/B\n- a/C\n", accepted: 2, rejected: 1},
		"markdown, too many lists":   {kind: "LanguageMarkdown", content: lists(21), accepted: 20, failure: "more than 20 lists"},
		"display format": {
			kind: "OutputFormatting", content: bom + "// a comment\n#itn\nd-d\n# Rewrite\na\tb\n#profanity\ndarn\n#test\nx\ty\n",
			accepted: 4,
		},
		"display format without tab":  {kind: "OutputFormatting", content: bom + "#rewrite\na\tb\na b\n", accepted: 1, rejected: 1},
		"display format, bad section": {kind: "OutputFormatting", content: bom + "#color\n", failure: "no section is called #color"},
		"display format, too long": {
			kind: "OutputFormatting", content: bom + "#itn\n" + strings.Repeat("d\n", 201), accepted: 200, failure: "more than 200 lines",
		},
		"audio and transcript": {
			kind: "Acoustic", content: archive(t, "trans.txt", bom+"a.wav\tone\nb.wav\ttwo\n", "a.wav", second, "b.wav", second),
			accepted: 2, duration: 2 * time.Second,
		},
		"in folders": {
			kind: "Acoustic", content: archive(t, "x/", "", "x/trans.tsv", "a.wav\tone\n", "x/a.wav", second, "__MACOSX/a.wav", "junk"),
			accepted: 1, duration: time.Second,
		},
		"8 kHz": {
			kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone", "a.wav", wav(8000, 1, 16, 3*time.Second)),
			accepted: 1, duration: 3 * time.Second,
		},
		"missing sound": {
			kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone\nb.wav\ttwo", "a.wav", second),
			accepted: 1, rejected: 1, duration: time.Second,
		},
		"named twice": {
			kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone\na.wav\ttwo", "a.wav", second),
			accepted: 1, rejected: 1, duration: time.Second,
		},
		"stereo": {
			kind:     "Acoustic",
			content:  archive(t, "t.txt", "a.wav\tone\nb.wav\ttwo", "a.wav", second, "b.wav", wav(16000, 2, 16, time.Second)),
			accepted: 1, rejected: 1, duration: time.Second,
		},
		"44 kHz fails all": {
			kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone", "a.wav", wav(44100, 1, 16, time.Second)),
			rules: rules(func(r *intake.Rules) { r.BadAudio = intake.Fail }), failure: "44100 Hz",
		},
		"not a sound":   {kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone", "a.wav", "MP3"), rejected: 1, failure: "not a RIFF WAV"},
		"no transcript": {kind: "Acoustic", content: archive(t, "a.wav", second), failure: "0 transcripts"},
		"line without tab": {
			kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone\nb.wav two", "a.wav", second),
			accepted: 1, rejected: 1, duration: time.Second,
		},
		"extra sound": {
			kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone", "a.wav", second, "b.wav", second),
			rules: rules(func(r *intake.Rules) { r.ExtraAudio = intake.Reject }), accepted: 1, rejected: 1, duration: time.Second,
		},
		"path outside": {kind: "Acoustic", content: archive(t, "t.txt", "a.wav\tone", "../a.wav", second), failure: "outside itself"},
		"not a zip":    {kind: "Acoustic", content: "RIFF", failure: "not a zip archive"},
		"japanese too long": {
			kind: "Acoustic", locale: "ja-JP",
			content: archive(
				t, "t.txt", bom+"a.wav\t"+strings.Repeat("あ", 91)+"\nb.wav\t"+strings.Repeat("あ", 90), "a.wav", second, "b.wav", second,
			),
			accepted: 1, rejected: 1, duration: time.Second,
		},
		"audio alone": {
			kind: "AudioFiles", content: archive(t, "a.wav", second, "b.wav", "nothing", "c.wav", second),
			accepted: 2, rejected: 1, duration: 2 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "content")
			require.NoError(t, os.WriteFile(file, []byte(tc.content), 0o600))
			locale, rules := tc.locale, strict
			if locale == "" {
				locale = "en-US"
			}
			if tc.rules != nil {
				rules = *tc.rules
			}
			got := intake.Check(file, tc.kind, locale, rules)
			if tc.failure == "" {
				require.Nil(t, got.Failure)
			} else {
				require.NotNil(t, got.Failure)
				require.ErrorContains(t, got.Failure, tc.failure)
			}
			require.Equal(t, tc.accepted, got.Accepted, "accepted, %v", got.Problems)
			require.Equal(t, tc.rejected, got.Rejected, "rejected, %v", got.Problems)
			require.Equal(t, tc.duration, got.Duration)
		})
	}
}

func lists(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "@ list list%d =\n- x\n", i)
	}
	return b.String()
}

func TestTextIsKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "content")
	content := archive(t, "t.txt", "a.wav\tOne, two.\n", "a.wav", second)
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	got := intake.Check(file, "Acoustic", "en-US", strict)
	require.Equal(t, []intake.Utterance{{Audio: "a.wav", Text: "One, two.", Duration: time.Second}}, got.Utterances)

	require.NoError(t, os.WriteFile(file, []byte("\uFEFFdial the codec\n"), 0o600))
	require.Equal(t, []string{"dial the codec"}, intake.Check(file, "Language", "en-US", strict).Lines)
}

func TestDamagedArchive(t *testing.T) {
	t.Parallel()
	content := []byte(archive(t, "t.txt", "a.wav\tone", "a.wav", second+strings.Repeat("noise", 100)))
	at := bytes.Index(content, []byte("a.wav")) + 20
	content[at] ^= 0xFF
	file := filepath.Join(t.TempDir(), "content")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	require.NotNil(t, intake.Check(file, "Acoustic", "en-US", strict).Failure)
}

func TestUnknownKindAndMissingFile(t *testing.T) {
	t.Parallel()
	require.Zero(t, intake.MaxBytes("Nonsense"))
	got := intake.Check(filepath.Join(t.TempDir(), "absent"), "Language", "en-US", strict)
	require.Equal(t, "DataImportFailed", got.Failure.Code)
}
