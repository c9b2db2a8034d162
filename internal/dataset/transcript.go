package dataset

import (
	"archive/zip"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"speech-retrainer/internal/lifecycle"
)

// Rules for transcripts.
const (
	ruleTranscript = "transcript"
	ruleASCII      = "ascii"
)

// transcripts holds the one text of an archive to its rules, and to the recordings beside it. refused has the names of
// files that were found and cannot be used.
func (c *checker) transcripts(file *source, texts, recordings []*zip.File, refused map[string]bool) error {
	if c.report.Kind == lifecycle.DatasetAudioFiles {
		for _, f := range texts {
			c.warn(f.Name, 0, ruleTranscripts, "a dataset of kind %s has no transcript; with one it is of kind %s",
				lifecycle.DatasetAudioFiles, lifecycle.DatasetAcoustic)
		}
		return nil
	}
	switch {
	case len(texts) == 0 && slices.ContainsFunc(slices.Collect(maps.Keys(refused)), isTranscript):
		return nil
	case len(texts) == 0:
		c.fail("", 0, ruleTranscripts, "the transcript is missing: a .txt or .tsv file with a line NAME.wav, TAB, text for each recording")
		return nil
	case len(texts) > 1:
		c.fail(texts[1].Name, 0, ruleTranscripts, "there is already a transcript, %s; put all lines into one file", texts[0].Name)
		return nil
	}
	t := &transcript{
		checker: c, name: texts[0].Name, refused: refused, said: make(map[string]int, len(recordings)),
		meant: sync.OnceValue(func() lookAlikes { return newLookAlikes(recordings) }),
	}
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
	if c.report.Lines == 0 && c.unread == 0 {
		c.fail(t.name, 0, ruleEmpty, "the transcript is empty; write a line NAME.wav, TAB, text for each recording")
		return nil
	}
	silent := slices.DeleteFunc(slices.Clone(recordings), func(f *zip.File) bool { return t.said[f.Name] > 0 })
	if len(silent) <= c.unread {
		// They may stand in the lines that could not be read, which were told.
		return nil
	}
	for _, f := range silent {
		c.fail(f.Name, 0, ruleTranscript, "%s has no line for this recording", t.name)
	}
	return nil
}

// transcript is a transcript being read.
type transcript struct {
	*checker
	name string
	// refused are recordings that are there and were told to be unusable.
	refused map[string]bool
	// said is the line of each recording, 0 while there is none.
	said map[string]int
	// meant finds recordings whose names are written otherwise; few transcripts need it.
	meant func() lookAlikes
}

// line checks "NAME.wav<TAB>text".
func (t *transcript) line(number int, line string) {
	t.report.Lines++
	recording, said, found := strings.Cut(line, "\t")
	if !found {
		t.fail(t.name, number, ruleTranscript, "there is no TAB%s; write the recording's name, a TAB, and what is said", insteadOfTab(line))
		if name, _, found := strings.Cut(line, ".wav"); found {
			if name = strings.Trim(name, quotes) + ".wav"; t.said[name] == 0 && t.meant().names[name] {
				t.said[name] = number
			}
		}
		return
	}
	if _, known := t.said[recording]; !known {
		stored, difference := t.meant().find(recording)
		switch {
		case stored != "":
			t.fail(t.name, number, ruleTranscript, "the recording %.100q is in the archive as %+.100q: %s", recording, stored, difference)
			recording = stored
		case strings.ContainsAny(recording, `/\`) || !isRecording(recording):
			t.fail(t.name, number, ruleTranscript, "the line does not begin with the bare name of a WAV file")
			return
		case t.refused[recording]:
			t.text(number, said)
			return
		case !ascii(recording) && t.meant().foreign:
			t.fail(t.name, number, ruleTranscript, "there is no recording %.100q in the archive, which stores names in a code page and not in UTF-8: "+
				"use ASCII names, or another program to pack", recording)
			t.text(number, said)
			return
		default:
			t.fail(t.name, number, ruleTranscript, "there is no recording %.100q in the archive; names must match in case too", recording)
			t.text(number, said)
			return
		}
	}
	if earlier := t.said[recording]; earlier > 0 {
		t.fail(t.name, number, ruleTranscript, "the recording %.100q was already transcribed in line %d", recording, earlier)
	} else {
		t.said[recording] = number
	}
	t.text(number, said)
}

// insteadOfTab says what stands where the TAB should, if that can be seen.
func insteadOfTab(line string) string {
	_, behind, found := strings.Cut(strings.ToLower(line), ".wav")
	switch behind = strings.TrimLeft(behind, `"'`); {
	case !found:
		return ""
	case strings.HasPrefix(behind, `\t`):
		return ` (but the two characters \t)`
	case strings.HasPrefix(behind, ","), strings.HasPrefix(behind, ";"), strings.HasPrefix(behind, "|"):
		return fmt.Sprintf(" (but %q, as in a file of a spreadsheet)", behind[:1])
	case strings.HasPrefix(behind, " "):
		return " (but spaces)"
	}
	return ""
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
	default:
		if rule, why := discarded(said, t.report.Locale); rule != "" {
			t.report.Rejected++
			t.warn(t.name, number, rule, "%s", why)
		} else {
			t.report.Words += wordsIn(said, t.report.Locale)
			t.altered(number, said)
		}
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

// wordsIn counts the words of a text: what stands between blanks and holds a letter or digit. Where nobody writes blanks,
// each character counts.
func wordsIn(said, locale string) int {
	if !inLanguage(locale, "zh", "yue", "wuu", "ja", "th") {
		return len(slices.DeleteFunc(strings.Fields(said), func(word string) bool { return !hasWords(word) }))
	}
	count := 0
	for _, r := range said {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			count++
		}
	}
	return count
}
