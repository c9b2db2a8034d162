// Package intake checks the content of datasets as the service does at import (NOTES section 8) and keeps the text
// that training and evaluation need later. It is written from the documentation and shares no code with the
// product's own check of files before an upload.
package intake

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// What a rule that the documentation leaves open does with a defect.
const (
	Accept = "accept" // ignores it
	Reject = "reject" // counts the line or file as rejected
	Fail   = "fail"   // fails the whole dataset
)

// Rules decide what the documentation leaves open; each text field is one of Accept, Reject, Fail.
type Rules struct {
	// MissingBOM is a text that should begin with a UTF-8 byte order mark and does not. Reject acts as Fail.
	MissingBOM string
	// URILine is a line of related text with a URI in it.
	URILine string
	// Repetition is a line of related text in which a word comes more than three times in a row.
	Repetition string
	// BadAudio is a file that is not RIFF WAV, PCM 16 bit, mono, 8 or 16 kHz, or longer than two hours.
	BadAudio string
	// MissingAudio is a transcript line that names a file which the archive lacks. Accept acts as Reject.
	MissingAudio string
	// ExtraAudio is an audio file that no transcript line names.
	ExtraAudio string
	// UnclosedAudio is a WAV file with the sizes of a stream in its header (0, or 2 GB and more): what follows is its
	// sound.
	UnclosedAudio string
	// ExtensibleAudio is PCM 16 bit that is declared as WAVE_FORMAT_EXTENSIBLE.
	ExtensibleAudio string
	// EmptyText is a transcript of signs only, of which nothing is left when punctuation is removed (issue 1460: there
	// the dataset failed).
	EmptyText string
	// Litter is a file that a desktop left in an archive: ._NAME, .DS_Store, Thumbs.db, desktop.ini, __MACOSX and the like.
	Litter string
	// NameForm is a transcript line whose file name is that of an audio file in another Unicode form. Accept matches
	// them.
	NameForm string
	// Phones is a pronunciation in signs beyond ASCII, where letters or labels of the phone set belong.
	Phones string
	// AllRejected is a dataset of which no line was accepted. Reject acts as Fail.
	AllRejected string
	// RejectThreshold is the share (0..1) of rejected lines above which the dataset fails.
	RejectThreshold float64
}

// Utterance is one accepted transcript line with the length of its audio.
type Utterance struct {
	Audio    string        `json:"audio"`
	Text     string        `json:"text"`
	Duration time.Duration `json:"duration"`
}

// Problem is one rejected line or file. Line counts from 1, 0 when a file is meant.
type Problem struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Rule string `json:"rule"`
}

// Failure is why a dataset failed, in the service's terms.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Result is what the import found. Failure is nil when the dataset is usable. Problems holds the first 100.
type Result struct {
	Accepted   int           `json:"accepted"`
	Rejected   int           `json:"rejected"`
	Duration   time.Duration `json:"duration"`
	Lines      []string      `json:"lines,omitempty"`
	Utterances []Utterance   `json:"utterances,omitempty"`
	Problems   []Problem     `json:"problems,omitempty"`
	Failure    *Failure      `json:"failure,omitempty"`
}

// MaxBytes is the size limit of a dataset kind, 0 for a kind that is not known (D-data; the higher S0 limit of D-quota
// for language files is not used).
func MaxBytes(kind string) int64 {
	const mib = 1 << 20
	switch kind {
	case "Language", "LanguageMarkdown":
		return 200 * mib
	case "Pronunciation":
		return 1 * mib
	case "OutputFormatting":
		return 10 * mib
	case "Acoustic", "AudioFiles":
		return 2048 * mib
	}
	return 0
}

// Check reads the file at path as a dataset of the given kind and locale.
func Check(path, kind, locale string, rules Rules) Result {
	r := &reader{kind: kind, locale: locale, rules: rules}
	err := r.check(path)
	var failure *Failure
	switch {
	case errors.As(err, &failure):
		r.Failure = failure
	case err != nil:
		r.Failure = failed("the content cannot be read: %v", err)
	default:
		r.Failure = r.verdict()
	}
	return r.Result
}

type reader struct {
	Result
	kind, locale string
	rules        Rules
	// marked tells that the text began with a byte order mark.
	marked bool
}

func (r *reader) check(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open content: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open content: %w", err)
	}
	if limit := MaxBytes(r.kind); info.Size() > limit {
		return failed("the content has %d bytes, the limit of kind %s is %d", info.Size(), r.kind, limit)
	}
	switch r.kind {
	case "Language":
		return r.language(f)
	case "Pronunciation":
		return r.pronunciation(f)
	case "LanguageMarkdown":
		return r.markdown(f)
	case "OutputFormatting":
		return r.formatting(f)
	}
	return r.archive(f, info.Size())
}

func (r *reader) verdict() *Failure {
	total := r.Accepted + r.Rejected
	switch {
	case total > 0 && r.Accepted == 0 && r.rules.AllRejected == Accept:
		return nil
	case r.Accepted == 0:
		return failed("nothing usable was found: %d lines rejected%s", r.Rejected, r.firstProblem())
	case float64(r.Rejected)/float64(total) > r.rules.RejectThreshold:
		return failed("%d of %d lines were rejected%s", r.Rejected, total, r.firstProblem())
	}
	return nil
}

func (r *reader) firstProblem() string {
	if len(r.Problems) == 0 {
		return ""
	}
	p := r.Problems[0]
	return fmt.Sprintf(", first %s line %d: %s", p.File, p.Line, p.Rule)
}

func (r *reader) accept(line string) {
	r.Accepted++
	r.Lines = append(r.Lines, line)
}

func (r *reader) reject(file string, line int, rule string) {
	r.Rejected++
	if len(r.Problems) < 100 {
		r.Problems = append(r.Problems, Problem{File: file, Line: line, Rule: rule})
	}
}

// defect applies an open rule; it returns true when the line or file can be kept.
func (r *reader) defect(action, file string, line int, rule string) (bool, error) {
	switch action {
	case Fail:
		return false, failed("%s line %d: %s", file, line, rule)
	case Reject:
		r.reject(file, line, rule)
		return false, nil
	}
	return true, nil
}

func failed(format string, args ...any) *Failure {
	return &Failure{Code: "DataImportFailed", Message: fmt.Sprintf(format, args...)}
}
