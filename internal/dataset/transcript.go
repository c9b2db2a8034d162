package dataset

import (
	"archive/zip"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules for transcripts.
const (
	ruleTranscript = "transcript"
	ruleASCII      = "ascii"
	ruleSentence   = "sentence-length"
)

// longestJapanese is the length in characters above which Japanese sentences are discarded (document "How
// to create human-labeled transcriptions").
const longestJapanese = 90

// transcripts holds the one text of an archive to its rules, and to the recordings beside it.
func (c *checker) transcripts(file *source, texts, recordings []*zip.File) error {
	if c.report.Kind == AudioFiles {
		for _, f := range texts {
			c.warn(f.Name, 0, ruleTranscripts, "a dataset of kind %s has no transcript; with one it is of kind %s", AudioFiles, Acoustic)
		}
		return nil
	}
	switch {
	case len(texts) == 0:
		c.fail("", 0, ruleTranscripts, "the transcript is missing: a .txt or .tsv file with a line NAME.wav, TAB, text for each recording")
		return nil
	case len(texts) > 1:
		c.fail(texts[1].Name, 0, ruleTranscripts, "there is already a transcript, %s; put all lines into one file", texts[0].Name)
		return nil
	}
	t := &transcript{checker: c, name: texts[0].Name, said: make(map[string]int, len(recordings))}
	for _, f := range recordings {
		t.said[f.Name] = 0
	}
	// English is plain ASCII and Microsoft's own sample has a mark all the same (documents "How to create
	// human-labeled transcriptions", sample data of the Speech SDK).
	form := withBOM
	if english(c.report.Locale) {
		form = utf8Text
	}
	ok, err := c.read(file, texts[0], func(r io.Reader) error { return c.text(r, t.name, form, t.line) })
	if err != nil || !ok {
		return err
	}
	for _, f := range recordings {
		if t.said[f.Name] == 0 {
			c.fail(f.Name, 0, ruleTranscript, "%s has no line for this recording", t.name)
		}
	}
	return nil
}

// transcript is a transcript being read.
type transcript struct {
	*checker
	name string
	// said is the line of each recording, 0 while there is none.
	said map[string]int
}

// line checks "NAME.wav<TAB>text".
func (t *transcript) line(number int, line string) {
	t.report.Lines++
	recording, said, found := strings.Cut(line, "\t")
	earlier, known := t.said[recording]
	switch {
	case !found:
		t.fail(t.name, number, ruleTranscript, "there is no TAB; write the recording's name, a TAB, and what is said")
		return
	case path.Base(recording) != recording || !isRecording(recording):
		t.fail(t.name, number, ruleTranscript, "the line does not begin with the bare name of a WAV file")
		return
	case !known:
		t.fail(t.name, number, ruleTranscript, "there is no recording %.100q in the archive; names must match in case too", recording)
	case earlier > 0:
		t.fail(t.name, number, ruleTranscript, "the recording %.100q was already transcribed in line %d", recording, earlier)
	default:
		t.said[recording] = number
	}
	t.text(number, said)
}

// text checks what is said in one recording.
func (t *transcript) text(number int, said string) {
	switch {
	case strings.TrimSpace(said) == "":
		t.fail(t.name, number, ruleTranscript, "the text after the TAB is empty")
	case strings.Contains(said, "\t"):
		t.fail(t.name, number, ruleTranscript, "there is more than one TAB")
	case english(t.report.Locale) && !ascii(said):
		t.notASCII(number, said)
	case inLanguage(t.report.Locale, "ja") && longSentence(said):
		t.report.Rejected++
		t.warn(t.name, number, ruleSentence, "the service discards sentences of more than %d characters; divide it with a full stop", longestJapanese)
	}
	t.repetitions(t.name, number, said)
}

// notASCII reports a character that English transcripts must not have. A space that does not break is only
// a warning: Microsoft's own sample has one.
func (t *transcript) notASCII(number int, said string) {
	report := t.warn
	var sign rune
	for _, r := range said {
		if r < utf8.RuneSelf {
			continue
		}
		if sign = r; !unicode.IsSpace(r) {
			report = t.fail
			break
		}
	}
	report(t.name, number, ruleASCII, "English transcripts are plain ASCII; replace %q (%U) and its like by ASCII characters", sign, sign)
}

func longSentence(said string) bool {
	for _, sentence := range strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune("。．.！!？?", r) }) {
		if utf8.RuneCountInString(sentence) > longestJapanese {
			return true
		}
	}
	return false
}
