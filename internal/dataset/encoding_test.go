package dataset_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// Text of two or four bytes a character is told as what it is, with a mark and without, in any kind and in archives.
func TestWideText(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]struct {
		encoding encoding.Encoding
		called   string
	}{
		"UTF-16LE":      {unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "UTF-16 without a mark"},
		"UTF-16BE":      {unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16 without a mark"},
		"UTF-16LE mark": {unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16;"},
		"UTF-16BE mark": {unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-16;"},
		"UTF-32LE":      {utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), "UTF-32 without a mark"},
		"UTF-32BE":      {utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), "UTF-32 without a mark"},
		"UTF-32LE mark": {utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "UTF-32;"},
		"UTF-32BE mark": {utf32.UTF32(utf32.BigEndian, utf32.UseBOM), "UTF-32;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for what, content := range map[string]string{
				"English":  "a.wav\tthe pitch bearing is worn\r\nb.wav\tyes\r\n",
				"Chinese":  "a.wav\t你好世界\n是的，我在三号塔\n" + strings.Repeat("需要什么帮助？\n", 400),
				"Japanese": strings.Repeat("このツールを使うと録音した音声データを文字に起こすことなく\r\n", 200),
				"German":   "schöne Grüße\n",
				"one line": "hello",
				"emoji":    "hello 🙂 there\n" + strings.Repeat("😀🙂 ok\n", 700),
			} {
				raw, err := form.encoding.NewEncoder().String(content)
				require.NoError(t, err)
				for _, kind := range []lifecycle.DatasetKind{
					lifecycle.DatasetLanguage, lifecycle.DatasetPronunciation, lifecycle.DatasetLanguageMarkdown, lifecycle.DatasetOutputFormatting,
				} {
					report := check(t, []byte(raw), kind, "en-US", dataset.Limits{})
					require.Equal(t, []string{"error encoding"}, found(report), "%s as %s", what, kind)
					require.Contains(t, report.Problems[0].Message, "this is "+form.called, what)
				}
				archive := pack(member{"a.wav", recording{}.wav()}, text("trans.txt", raw))
				require.Contains(t, found(check(t, archive, lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})), "error trans.txt encoding", what)
			}
		})
	}
}

// A zero that strayed into a text is a control character, not another encoding.
func TestStrayZero(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"one\x00two\n", strings.Repeat("the pitch bearing\n", 20) + "hums\x00\n", strings.Repeat("schöne Grüße ", 400) + "\x00\n",
	} {
		report := check(t, []byte(content), lifecycle.DatasetLanguage, "de-DE", dataset.Limits{})
		require.Len(t, report.Problems, 2)
		require.Equal(t, []string{"bom", "control-characters"}, []string{report.Problems[0].Rule, report.Problems[1].Rule})
	}
}

func TestOtherFilesThanText(t *testing.T) {
	t.Parallel()
	for start, says := range map[string]string{
		"\xd0\xcf\x11\xe0\xa1\xb1": "document of an office program", "PK\x03\x04": "a zip archive (or a document", "%PDF-1.7": "PDF", `{\rtf1`: "RTF",
		"7z\xbc\xaf\x27\x1c": "7-Zip", "Rar!\x1a": "RAR", "\x1f\x8b\x08": "gzip",
	} {
		report := check(t, []byte(start+" and so on"), lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
		require.Len(t, report.Problems, 1)
		require.Contains(t, report.Problems[0].Message, says)
	}
}

func TestLineEnds(t *testing.T) {
	t.Parallel()
	language := func(name, content string, want ...string) dataCase {
		return dataCase{name: name, kind: lifecycle.DatasetLanguage, data: []byte(bom + content), want: want}
	}
	runCases(t, []dataCase{
		language("Windows", "one\r\ntwo\r\n"),
		language("Windows twice", "one\r\r\ntwo\r\r\n"),
		language("old Mac", "one\rtwo\rthree", "error :1 control-characters"),
		language("old Mac, long", strings.Repeat("one two three\r", 10_000), "error :1 control-characters"),
	})
	report := check(t, []byte(bom+"one\rtwo"), lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
	require.Contains(t, report.Problems[0].Message, "carriage return alone")
}

// A missing mark is a warning for every kind of text, and none where the document does without.
func TestMissingMark(t *testing.T) {
	t.Parallel()
	one := member{"a.wav", recording{}.wav()}
	runCases(t, []dataCase{
		{name: "plain text", kind: lifecycle.DatasetLanguage, locale: "it-IT", data: []byte("così\n"), want: []string{"warning :1 bom"}},
		{name: "plain text in ASCII", kind: lifecycle.DatasetLanguage, data: []byte("so\n"), want: []string{"warning :1 bom"}},
		{name: "structured text", kind: lifecycle.DatasetLanguageMarkdown, data: []byte("# A\n- one\n"), want: []string{"warning :1 bom"}},
		{name: "display format", kind: lifecycle.DatasetOutputFormatting, data: []byte("#itn\n\\d\n"), want: []string{"warning :1 bom"}},
		{name: "pronunciation", kind: lifecycle.DatasetPronunciation, locale: "es-ES", data: []byte("IEEE\ti triple e\n"), want: []string{"warning :1 bom"}},
		{name: "pronunciation in English", kind: lifecycle.DatasetPronunciation, data: []byte("IEEE\ti triple e\n")},
		{
			name: "transcript", kind: lifecycle.DatasetAcoustic, locale: "pt-BR", data: pack(one, text("trans.txt", "a.wav\tmanhã\n")),
			want: []string{"warning trans.txt:1 bom"},
		},
		{name: "transcript in English", kind: lifecycle.DatasetAcoustic, data: pack(one, text("trans.txt", "a.wav\thello\n"))},
	})
}
