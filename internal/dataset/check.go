package dataset

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Rules that several kinds share.
const (
	ruleSize       = "size"
	ruleEmpty      = "empty"
	ruleBOM        = "bom"
	ruleEncoding   = "encoding"
	ruleCompressed = "compressed"
	ruleControl    = "control-characters"
	ruleLineLength = "line-length"
	ruleRejected   = "rejected-share"
)

// Limits are the bounds of a check. A zero field is the documented one (document "Training and testing
// datasets"), with MB and GB read as powers of two, so that nothing is refused that the service may take.
type Limits struct {
	// Test says that the data is for a test and not for training, so the length of recordings that
	// training can use is no matter.
	Test bool
	// Bytes is the size of the file: 200 MB Language and LanguageMarkdown, 1 MB Pronunciation,
	// 10 MB OutputFormatting, 2 GB archives.
	Bytes int64
	// Files is the number of files in an archive: 10,000.
	Files int
	// Recording is the length of one recording: 2 h.
	Recording time.Duration
	// TrainingRecording is the length up to which training uses the audio and not the text alone: 40 s.
	TrainingRecording time.Duration
	// Unpacked is what all files of an archive may hold, in bytes: 16 GB. Ours, against zip bombs.
	Unpacked int64
	// Ratio is how much larger than packed an archive may unpack: 100. Ours, against zip bombs; it
	// counts above 64 MB unpacked, as a little silence packs very well.
	Ratio int64
	// RejectedShare is the share of lines that the service would drop above which the data is refused: 0.05. Data of
	// fewer than 20 lines is warned of instead.
	RejectedShare float64
	// PerRule is how many problems of one rule are kept: 20.
	PerRule int
}

// WhisperRecording is Limits.TrainingRecording for a training from a Whisper model (learn.microsoft.com, "Training and
// testing datasets").
const WhisperRecording = 30 * time.Second

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
	gigabyte = 1 << 30
)

var largest = map[lifecycle.DatasetKind]int64{
	lifecycle.DatasetLanguage: 200 * megabyte, lifecycle.DatasetLanguageMarkdown: 200 * megabyte, lifecycle.DatasetPronunciation: megabyte,
	lifecycle.DatasetOutputFormatting: 10 * megabyte, lifecycle.DatasetAcoustic: 2 * gigabyte, lifecycle.DatasetAudioFiles: 2 * gigabyte,
}

func (l Limits) withDefaults(kind lifecycle.DatasetKind) Limits {
	l.Bytes = orDefault(l.Bytes, largest[kind])
	l.Files = orDefault(l.Files, 10_000)
	l.Recording = orDefault(l.Recording, 2*time.Hour)
	l.TrainingRecording = orDefault(l.TrainingRecording, 40*time.Second)
	l.Unpacked = orDefault(l.Unpacked, 16*gigabyte)
	l.Ratio = orDefault(l.Ratio, 100)
	l.RejectedShare = orDefault(l.RejectedShare, 0.05)
	l.PerRule = orDefault(l.PerRule, 20)
	return l
}

func orDefault[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// checker is one check under way.
type checker struct {
	*collector
	ctx    context.Context
	r      io.ReaderAt
	size   int64
	limits Limits
	report Report
	// unread is how many lines of a text could not be read and were told; more than any text has, when it is the whole.
	unread int
}

// Check reads the data once and holds it against the rules that the service documents for its kind.
// What is wrong with the data is in the report; the error is nil unless kind is unknown, r cannot be read
// or ctx ends. size is the data's length in bytes. The data is streamed: beyond fixed buffers, memory grows
// only with the number of files in an archive, which is bounded.
func Check(ctx context.Context, r io.ReaderAt, size int64, kind lifecycle.DatasetKind, locale string, opts Limits) (Report, error) {
	check, ok := map[lifecycle.DatasetKind]func(*checker) error{
		lifecycle.DatasetLanguage: (*checker).language, lifecycle.DatasetLanguageMarkdown: (*checker).languageMarkdown,
		lifecycle.DatasetPronunciation: (*checker).pronunciation, lifecycle.DatasetOutputFormatting: (*checker).outputFormatting,
		lifecycle.DatasetAcoustic: (*checker).archive, lifecycle.DatasetAudioFiles: (*checker).archive,
	}[kind]
	if !ok {
		return Report{}, fmt.Errorf("no rules for dataset kind %q; the kinds are %s, %s, %s, %s, %s and %s",
			kind, lifecycle.DatasetLanguage, lifecycle.DatasetLanguageMarkdown, lifecycle.DatasetPronunciation,
			lifecycle.DatasetAcoustic, lifecycle.DatasetAudioFiles, lifecycle.DatasetOutputFormatting)
	}
	limits := opts.withDefaults(kind)
	c := &checker{
		collector: newCollector(limits.PerRule), ctx: ctx, r: r, size: size, limits: limits,
		report: Report{Kind: kind, Locale: locale},
	}
	switch {
	case size == 0:
		c.fail("", 0, ruleEmpty, "the file is empty")
	case size > limits.Bytes:
		c.fail("", 0, ruleSize, "%s are more than the %s that a %s dataset may have; divide it into several datasets",
			bytesText(size), bytesText(limits.Bytes), kind)
	default:
		if err := check(c); err != nil {
			return Report{}, fmt.Errorf("check the %s data: %w", kind, err)
		}
		c.judgeRejected()
	}
	c.report.Problems = c.list()
	return c.report, nil
}

// fewLines is the number of lines below which a share says nothing: such data is warned of and never refused.
const fewLines = lifecycle.FewLines

// judgeRejected makes many lines that the service discards an error: a few leave a dataset usable (document "Custom
// speech FAQ"), many mean that it is not what it should be.
func (c *checker) judgeRejected() {
	rejected, lines := c.report.Rejected, c.report.Lines
	if !lifecycle.TooManyRejected(int64(rejected), int64(lines), c.limits.RejectedShare) {
		return
	}
	report, next := c.fail, "mend or remove them, or allow more (maxRejected, --max-rejected)"
	if lines < fewLines {
		report, next = c.warn, fmt.Sprintf("mend or remove them (fewer than %d lines are not refused for it)", fewLines)
	}
	report("", 0, ruleRejected, "the service drops %d of %s, more than the %g %% that may be lost; %s",
		rejected, linesText(lines), math.Round(c.limits.RejectedShare*1e5)/1e3, next)
}

func linesText(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

// english tells whether the rules for English apply to the locale: ASCII transcripts, ANSI pronunciations.
func english(locale string) bool { return inLanguage(locale, "en") }

// inLanguage tells whether the locale is of one of the languages, whatever its case: en, en-US, EN-gb.
func inLanguage(locale string, languages ...string) bool {
	own, _, _ := strings.Cut(strings.ToLower(locale), "-")
	for _, language := range languages {
		if own == language {
			return true
		}
	}
	return false
}

// bytesText is a size for people: "1.5 MB".
func bytesText(n int64) string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"GB", gigabyte}, {"MB", megabyte}, {"KB", kilobyte}} {
		if n >= unit.size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/float64(unit.size)), ".0") + " " + unit.name
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
