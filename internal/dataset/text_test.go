package dataset_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	language := func(name, locale, content string, want ...string) dataCase {
		return dataCase{name: name, kind: lifecycle.DatasetLanguage, locale: locale, data: []byte(content), want: want}
	}
	clean := strings.Repeat("a clean line\n", 40)
	runCases(t, []dataCase{
		language("clean", "en-US", bom+"one\ntwo\r\n\n   \nthree"),
		language("no mark", "en-US", "one\n", "warning :1 bom"),
		language("empty", "en-US", "", "error empty"),
		language("mark alone", "en-US", bom, "error empty"),
		language("blank", "en-US", bom+"\n \n", "error empty"),
		language("not UTF-8", "en-US", bom+"one\ncaf\xe9\n", "error :2 encoding"),
		language("UTF-16", "en-US", "\xff\xfeo\x00n\x00", "error encoding"),
		language("zipped", "en-US", string(pack(text("a.txt", bom+"one"))), "error compressed"),
		language("gzipped", "en-US", "\x1f\x8b\x08\x00\x00", "error compressed"),
		language("a recording", "en-US", string(recording{}.wav()), "error encoding"),
		language("control character", "en-US", bom+"one\x00two\n", "error :1 control-characters"),
		language("tabs are fine", "en-US", bom+"one\ttwo\n"),
		language("line too long", "en-US", bom+strings.Repeat("word ", 14_000)+"\nnext\n", "error :1 line-length"),
		language("last line too long", "en-US", bom+"first\n"+strings.Repeat("word ", 30_000), "error :2 line-length"),
		language("web address among many", "en-US", bom+clean+"see https://example.com now\n", "warning :41 uri"),
		language("too many web addresses", "en-US", bom+"one\nmailto:me@example.com\nwww.example.com\n",
			"warning :2 uri", "warning :3 uri", "warning rejected-share"),
		language("no web address", "en-US", bom+"he said: no. Really. 10:30 and a//b at www. or c://\n"),
		language("four words", "en-US", bom+"yeah yeah, Yeah yeah!\n", "warning :1 repetition"),
		language("three words", "en-US", bom+"yeah yeah yeah\n"),
		language("group", "en-US", bom+"that's it that's it that's it that's it\n", "warning :1 repetition"),
		language("letters", "en-US", bom+"aaaargh\n", "warning :1 repetition"),
		language("digits", "en-US", bom+"it costs 10000 dollars....\n"),
		language("special", "en-US", bom+"one\ncafé\nnaïve ☕\n", "warning :2 special-characters"),
		language("typographic", "en-US", bom+"“he’s here” — he said…\n"),
		language("letters of the locale", "de-DE", bom+"Äpfel für Übermütige, „ja“\n"),
		language("symbols elsewhere", "de-DE", bom+"Äpfel\n☕ für alle\n", "warning :2 special-characters"),
		language("lines for Japanese", "ja-JP", bom+strings.Repeat("はい\n", 20_001), "warning line-count"),
		language("lines for German", "de-DE", bom+strings.Repeat("ja\n", 20_001)),
		{name: "too large", kind: lifecycle.DatasetLanguage, data: []byte(bom + "12345"), limits: dataset.Limits{Bytes: 7}, want: []string{"error size"}},
	})
}

func TestPronunciations(t *testing.T) {
	t.Parallel()
	pronunciation := func(name, locale, content string, want ...string) dataCase {
		return dataCase{name: name, kind: lifecycle.DatasetPronunciation, locale: locale, data: []byte(content), want: want}
	}
	runCases(t, []dataCase{
		pronunciation("clean", "en-US", bom+"3CPO\tthree c p o\nIEEE\ti triple e"),
		pronunciation("plain ASCII in English", "en-GB", "IEEE\ti triple e\n"),
		pronunciation("ANSI in English", "en-US", "caf\xe9\tcah fay\n"),
		pronunciation("UTF-8 read as ANSI", "en-US", "café\tcah fay\n", "warning :1 bom"),
		pronunciation("no mark elsewhere", "de-DE", "IEEE\ti e e e\n", "warning :1 bom"),
		pronunciation("pairs", "en-US", bom+"IEEE i triple e\n\tx\nIEEE\t \na\tb\tc\n",
			"error :1 pair", "error :2 pair", "error :3 pair", "error :4 pair"),
		{name: "more than a megabyte", kind: lifecycle.DatasetPronunciation, data: make([]byte, 1<<20+1), want: []string{"error size"}},
	})
}

func TestDisplayFormatting(t *testing.T) {
	t.Parallel()
	formatting := func(name, content string, want ...string) dataCase {
		return dataCase{name: name, kind: lifecycle.DatasetOutputFormatting, data: []byte(content), want: want}
	}
	runCases(t, []dataCase{
		formatting("clean", bom+"// a comment\n#itn\n\\d-\\d\n#Rewrite\nold phrase\tnew phrase\n# profanity\nfake\n#test\nfake\t****\n"),
		formatting("no mark", "#itn\n\\d\n", "warning :1 bom"),
		formatting("before any section", bom+"\\d\n#itn\n\\d\n", "error :1 section"),
		formatting("unknown section", bom+"#items\n\\d\n", "error :1 section"),
		formatting("pairs", bom+"#rewrite\nno tab\na\t\n#test\na\tb\tc\n", "error :2 pair", "error :3 pair", "error :5 pair"),
		formatting("punctuation", bom+"#profanity\nbad, word\n", "error :2 punctuation"),
		formatting("200 patterns", bom+"#itn\n"+strings.Repeat("\\d\n", 200)),
		formatting("201 patterns", bom+"#itn\n"+strings.Repeat("\\d\n", 201), "error :202 section-lines"),
		formatting("1,001 rewrites", bom+"#rewrite\n"+strings.Repeat("a\tb\n", 1001), "error :1002 section-lines"),
		formatting("many tests", bom+"#test\n"+strings.Repeat("a\tb\n", 5000)),
		formatting("sections alone", bom+"#itn\n", "error empty"),
		{name: "locale", kind: lifecycle.DatasetOutputFormatting, locale: "cy-GB", data: []byte(bom + "#itn\n\\d\n"), want: []string{"warning locale"}},
	})
}

// However bad the data, the report stays short and says how much it leaves out.
func TestReportStaysShort(t *testing.T) {
	t.Parallel()
	report := check(t, []byte(bom+strings.Repeat("no tab\n", 1000)), lifecycle.DatasetPronunciation, "en-US", dataset.Limits{PerRule: 3})
	require.Equal(t, []string{"error :1 pair", "error :2 pair", "error :3 pair", "error pair"}, found(report))
	require.Equal(t, "997 more of this rule", report.Problems[3].Message)
}

// Clean lines stay clean together, in any order; a rule broken once is found at its line.
func TestTextRules(t *testing.T) {
	t.Parallel()
	words := rapid.SampledFrom(strings.Fields("nacelle yaw pitch blade hub rotor gearbox converter anemometer"))
	line := rapid.Custom(func(t *rapid.T) string {
		// Neighbours differ, so nothing repeats.
		list := []string{}
		for i, word := range rapid.SliceOfN(words, 1, 12).Draw(t, "words") {
			list = append(list, fmt.Sprintf("%s%c", word, 'a'+i))
		}
		return strings.Join(list, " ")
	})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(line, 30, 60).Draw(t, "lines")
		ending := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
		report := check(t, []byte(bom+strings.Join(lines, ending)), lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
		require.Empty(t, found(report))
		require.Equal(t, len(lines), report.Lines)

		at := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		word := words.Draw(t, "word")
		bad := rapid.SampledFrom([]struct{ line, want string }{
			{strings.Repeat(word+" ", 4), "warning :%d repetition"},
			{"go to https://" + word, "warning :%d uri"},
			{word + "\xff", "error :%d encoding"},
			{word + "\x07", "error :%d control-characters"},
			{word + " ☕", "warning :%d special-characters"},
		}).Draw(t, "bad line")
		lines[at] = bad.line
		report = check(t, []byte(bom+strings.Join(lines, ending)), lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
		require.Equal(t, []string{fmt.Sprintf(bad.want, at+1)}, found(report))
	})
}

// A group of words in a row is reported from the fourth time on, wherever it stands.
func TestRepetitionRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 6).Draw(t, "words in the group")
		times := rapid.IntRange(1, 8).Draw(t, "times")
		group := strings.Join(strings.Fields("red orange yellow green blue violet")[:size], " ")
		said := "before " + strings.Repeat(group+", ", times) + "after\n"
		report := check(t, append([]byte(bom), said...), lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
		require.Equal(t, times > 3, len(report.Problems) == 1, said)
	})
}

func TestTextThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, err := dataset.Check(t.Context(), bytes.NewReader(nil), 10, lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
	require.NoError(t, err, "a file that shrank is empty, not unreadable")
	_, err = dataset.Check(t.Context(), brokenFile{}, 10, lifecycle.DatasetLanguage, "en-US", dataset.Limits{})
	require.ErrorIs(t, err, errDisk)
	require.ErrorContains(t, err, "check the Language data")
	_, err = dataset.Check(t.Context(), bytes.NewReader(nil), 0, "Video", "en-US", dataset.Limits{})
	require.ErrorContains(t, err, `"Video"`)
}
