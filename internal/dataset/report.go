package dataset

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Severity says what a problem does: an error stops an upload, a warning is shown.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is one thing wrong with the data, as a person can find and mend it.
type Problem struct {
	Severity Severity `json:"severity"`
	// File is the member of an archive, "" for the file itself.
	File string `json:"file,omitempty"`
	// Line is the line in the text, from 1; 0 when the problem is of the whole.
	Line int `json:"line,omitempty"`
	// Rule is the rule broken, a short name that stays: bom, wav-format, ...
	Rule string `json:"rule"`
	// Message says what is wrong and what to do. It quotes names, not what people said.
	Message string `json:"message"`
}

// String is the problem on one line: "trans.txt:7: error: transcript-missing: ...".
func (p Problem) String() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, p.Line)
	}
	if where != "" {
		where += ": "
	}
	return fmt.Sprintf("%s%s: %s: %s", where, p.Severity, p.Rule, p.Message)
}

// Report is what Check found.
type Report struct {
	Kind   lifecycle.DatasetKind `json:"kind"`
	Locale string                `json:"locale"`
	// Lines are the lines that hold something: utterances, pairs, sentences, rules or transcripts.
	Lines int `json:"lines"`
	// Rejected are those of Lines that the service's documentation says it drops.
	Rejected int `json:"rejected"`
	// Words are those of the transcripts that the service uses, about as it counts them for a word error rate.
	Words int `json:"words"`
	// Files are the recordings of an archive.
	Files int `json:"files"`
	// AudioDuration is the length of all recordings; in JSON a string such as "1h2m3s".
	AudioDuration time.Duration `json:"audioDuration"`
	// Problems are in the order of the data; of one rule only the first are kept, then their number.
	Problems []Problem `json:"problems"`
}

// Failed tells whether the data must not be uploaded: at least one problem is an error.
func (r Report) Failed() bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Severity == Error })
}

// MarshalJSON writes the duration as a string and an empty list as [].
func (r Report) MarshalJSON() ([]byte, error) {
	type plain Report
	if r.Problems == nil {
		r.Problems = []Problem{}
	}
	return json.Marshal(struct {
		plain
		AudioDuration string `json:"audioDuration"`
	}{plain(r), r.AudioDuration.String()})
}

// collector gathers problems and keeps their number within bounds, however bad the data.
type collector struct {
	limit    int
	problems []Problem
	omitted  map[ruleOf]int
	kept     map[ruleOf]int
}

type ruleOf struct {
	severity   Severity
	file, rule string
}

func newCollector(limit int) *collector {
	return &collector{limit: limit, omitted: map[ruleOf]int{}, kept: map[ruleOf]int{}}
}

func (c *collector) add(severity Severity, file string, line int, rule, format string, args ...any) {
	key := ruleOf{severity, file, rule}
	if rule != ruleTranscript && line == 0 {
		// One problem for each of 10,000 recordings is one rule broken 10,000 times.
		key.file = ""
	}
	if c.kept[key] >= c.limit {
		c.omitted[key]++
		return
	}
	c.kept[key]++
	c.problems = append(c.problems, Problem{severity, strings.ToValidUTF8(file, "\ufffd"), line, rule, fmt.Sprintf(format, args...)})
}

func (c *collector) fail(file string, line int, rule, format string, args ...any) {
	c.add(Error, file, line, rule, format, args...)
}

func (c *collector) warn(file string, line int, rule, format string, args ...any) {
	c.add(Warning, file, line, rule, format, args...)
}

// list is all problems, and after them how many more there are of each rule.
func (c *collector) list() []Problem {
	var more []Problem
	for key, n := range c.omitted {
		more = append(more, Problem{key.severity, key.file, 0, key.rule, fmt.Sprintf("%d more of this rule", n)})
	}
	slices.SortFunc(more, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.File, b.File))
	})
	return append(c.problems, more...)
}
