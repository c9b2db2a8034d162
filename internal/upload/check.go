package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// ruleReadable stands beside the rules of package dataset: data that cannot be read breaks it.
const ruleReadable = "readable"

// Checked is a file that was held against the service's rules.
type Checked struct {
	File string `json:"file"`
	// Usable tells that no problem is an error.
	Usable bool           `json:"usable"`
	Report dataset.Report `json:"report"`
	// Visible is the smallest difference of two models that the words of test data can show, as a fraction; nil when that was
	// not asked, or there are no words.
	Visible *float64 `json:"visible"`
	// rate is the word error rate that Visible reckons with, limit the regression that the test will allow; fractions.
	rate, limit float64
}

// Show reckons what data of a test can show, at an assumed word error rate and with its maxRegression; both are fractions.
func (c *Checked) Show(rate, limit float64) {
	if c.Report.Words > 0 {
		n := lifecycle.NumberAt(rate, int64(c.Report.Words))
		c.Visible, c.rate, c.limit = lifecycle.Ptr(lifecycle.Visible(n, n)), rate, limit
	}
}

// Shows says what data of a test can show, and how often it fails a version that is truly equal; empty when nothing was
// reckoned.
func (c Checked) Shows() []string {
	if c.Visible == nil {
		return nil
	}
	equal := lifecycle.EqualFails([]lifecycle.Comparison{{Limit: c.limit, Visible: *c.Visible}})
	lines := []string{c.File + ": what it can show"}
	for _, text := range []string{
		"about " + words.AssumedShows(int64(c.Report.Words), c.rate),
		words.Dependent,
		fmt.Sprintf("with maxRegression %g %s", c.limit, words.EqualFails(1, equal, "what serves")),
	} {
		lines = append(lines, words.Hang(text, words.Width-4, 2, 4)...)
	}
	return lines
}

// Check holds a file against the service's rules. What is wrong with it, also that it cannot be read, is in the report;
// the error is a *exit.Failure and means that ctx ended.
func Check(ctx context.Context, path string, kind lifecycle.DatasetKind, locale string, limits dataset.Limits) (Checked, error) {
	report, err := check(ctx, path, kind, locale, limits)
	if ctx.Err() != nil {
		return Checked{}, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while checking %s: nothing was uploaded or started", path)
	}
	if err != nil {
		if pathError, is := errors.AsType[*fs.PathError](err); is {
			err = pathError.Err
		}
		report = dataset.Report{Kind: kind, Locale: locale, Problems: []dataset.Problem{
			{Severity: dataset.Error, Rule: ruleReadable, Message: "cannot be read: " + err.Error()},
		}}
	}
	return Checked{File: path, Usable: !report.Failed(), Report: report}, nil
}

func check(ctx context.Context, path string, kind lifecycle.DatasetKind, locale string, limits dataset.Limits) (dataset.Report, error) {
	// Not opened before it is known to be a file: a pipe would be waited for.
	info, err := os.Stat(path)
	if err != nil {
		return dataset.Report{}, err
	}
	if !info.Mode().IsRegular() {
		return dataset.Report{}, errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return dataset.Report{}, err
	}
	defer func() { _ = file.Close() }() // opened for reading only
	return dataset.Check(ctx, file, info.Size(), kind, locale, limits)
}

// Problems are what is wrong with the file, a line each with the file that it is in and the line there:
// calls.zip: trans.txt:7: error: ...
func (c Checked) Problems() []string {
	var lines []string
	for _, p := range c.Report.Problems {
		lines = append(lines, c.located(p))
	}
	return lines
}

func (c Checked) located(p dataset.Problem) string {
	if p.File == "" && p.Line > 0 {
		return c.File + p.String()
	}
	return c.File + ": " + p.String()
}

// Summary says in a few words what the file holds, and whether it can be uploaded.
func (c Checked) Summary() string {
	facts := []string{"usable"}
	if !c.Usable {
		facts[0] = "not usable"
	}
	r := c.Report
	if r.Lines > 0 {
		facts = append(facts, words.Count(r.Lines, "line"))
		if r.Rejected > 0 {
			facts = append(facts, fmt.Sprintf("%d of them dropped by the service", r.Rejected))
		}
	}
	if r.Files > 0 {
		facts = append(facts, words.Count(r.Files, "recording"), "audio of "+words.Elapsed(r.AudioDuration))
	}
	for _, s := range []dataset.Severity{dataset.Error, dataset.Warning} {
		count := 0
		for _, p := range r.Problems {
			if p.Severity == s {
				count++
			}
		}
		if count > 0 {
			facts = append(facts, words.Count(count, string(s)))
		}
	}
	return c.File + ": " + strings.Join(facts, ", ")
}

// Refuse tells every problem of a file that cannot be uploaded by itself; nil when it can.
func (c Checked) Refuse() error {
	if c.Usable {
		return nil
	}
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s breaks the service's rules for %s data: nothing was uploaded", c.File, c.Report.Kind)
	refused.Cause.Object, refused.Locale, refused.Lines = lifecycle.Ptr(c.File), c.Report.Locale, c.Problems()
	for _, p := range c.Report.Problems {
		if p.Severity == dataset.Error {
			refused.Cause.Problems = append(refused.Cause.Problems, lifecycle.Problem{Message: c.located(p)})
		}
	}
	return refused.Next("correct what is called an error, then upload it again")
}

// LimitsOf says how the file of data is checked.
func LimitsOf(data lifecycle.Data, test bool) dataset.Limits {
	// For the check zero is its own default; the least share there is refuses one line of any number.
	return dataset.Limits{Test: test, RejectedShare: max(data.RejectedLimit(), math.SmallestNonzeroFloat64)}
}

// limitsOfFile says how a file of a request is checked.
func limitsOfFile(file fleet.File) dataset.Limits {
	limits := LimitsOf(file.Data, file.Test)
	if file.Whisper {
		limits.TrainingRecording = dataset.WhisperRecording
	}
	return limits
}
