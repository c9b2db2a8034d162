package lifecycle

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Untested is what Record.Verdict says of a version that no test has judged.
const Untested = "untested"

// What a person can have said of a version.
const (
	SaidYes  = "yes"
	SaidNo   = "no"
	SaidBack = "back"
)

// minuteForm is how a mark writes a moment: to the minute, in UTC.
const minuteForm = "2006-01-02T15:04Z"

// Record is the mark sr.verdict of a version: the decision on it, which outlives the run that made it. Parts that are
// not known are zero and are not written; what it does not understand it keeps.
type Record struct {
	// Verdict is pass, fail, inconclusive or Untested.
	Verdict string
	// Rates are the word error rates of the first test as people read them: "0.112 vs 0.131".
	Rates string
	// Question is what was asked when it was judged (Question).
	Question string
	// Serves is the day since which it serves, or served last.
	Serves time.Time
	// Hours are those of its own training.
	Hours float64
	// Failures counts the evaluations and deployments of it that failed one after the other, FailedAt is when the last did.
	Failures int
	FailedAt time.Time
	// Unanswered is the day on which it was known that nobody answers. An answer takes its place.
	Unanswered time.Time
	// Said is yes, no or back when a person has decided, and By the person with the reason ("ann: too slow").
	Said, By string
	// others are the parts that are not understood.
	others []string
}

// NewRecord is the decision on a version: the verdict, nil without tests; the numbers of the first test, when there are
// any; and what a person answered, nil when nobody was asked.
func NewRecord(v *Verdict, rate, compared *float64, said *ApprovalReport) Record {
	r := Record{Verdict: Untested}
	if v != nil {
		r.Verdict = string(v.Result)
	}
	if rate != nil && compared != nil {
		r.Rates = fmt.Sprintf("%.3f vs %.3f", *rate, *compared)
	}
	if said == nil {
		return r
	}
	switch said.Answer {
	case AnswerApproved:
		return r.Says(SaidYes, said.By, said.Reason)
	case AnswerRejected:
		return r.Says(SaidNo, said.By, said.Reason)
	}
	r.Unanswered = said.At
	return r
}

// ReadRecord reads a mark sr.verdict, also one of an earlier form.
func ReadRecord(mark string) Record {
	var r Record
	parts := strings.Split(mark, "; ")
	for i, part := range parts {
		if said, _, is := strings.Cut(part, " by "); is && (said == SaidYes || said == SaidNo || said == SaidBack) {
			// A reason may hold anything, and is the last.
			r.Said, r.By = said, strings.TrimPrefix(strings.Join(parts[i:], "; "), said+" by ")
			return r
		}
		r.read(part, i == 0)
	}
	return r
}

func (r *Record) read(part string, first bool) {
	key, value, _ := strings.Cut(part, ":")
	number, moment, _ := strings.Cut(value, "@")
	var err error
	switch {
	case part == "":
	case first && (part == Untested || isVerdict(part)):
		r.Verdict = part
	case r.Rates == "" && strings.Contains(part, " vs ") && part[0] >= '0' && part[0] <= '9':
		r.Rates = part
	case strings.HasPrefix(part, unansweredMark):
		r.Unanswered, err = time.Parse(time.DateOnly, strings.TrimPrefix(part, unansweredMark))
	case key == "q" && r.Question == "":
		r.Question = value
	case key == "at":
		r.Serves, err = time.Parse(time.DateOnly, value)
	case key == "h":
		r.Hours, err = strconv.ParseFloat(value, 64)
	case key == "n":
		if r.Failures, err = strconv.Atoi(number); err == nil {
			r.FailedAt, err = time.Parse(minuteForm, moment)
		}
	default:
		r.others = append(r.others, part)
	}
	if err != nil {
		r.others = append(r.others, part)
	}
}

func isVerdict(s string) bool {
	return VerdictKind(s) == Pass || VerdictKind(s) == Fail || VerdictKind(s) == Inconclusive
}

// String is the value of the mark. What is too long is cut from the reason first.
func (r Record) String() string {
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	add(r.Verdict)
	add(r.Rates)
	for _, other := range r.others {
		add(other)
	}
	if r.Question != "" {
		add("q:" + r.Question)
	}
	if !r.Serves.IsZero() {
		add("at:" + date(r.Serves))
	}
	if r.Hours > 0 {
		add("h:" + strconv.FormatFloat(r.Hours, 'f', -1, 64))
	}
	if r.Failures > 0 {
		add(fmt.Sprintf("n:%d@%s", r.Failures, r.FailedAt.UTC().Format(minuteForm)))
	}
	switch {
	case r.Said != "":
		add(r.Said + " by " + r.By)
	case !r.Unanswered.IsZero():
		add(unansweredMark + date(r.Unanswered))
	}
	return cut(strings.Join(parts, "; "), MaxMarkValue)
}

// Says is r after a person said yes, no or back: it takes the place of what was said, or not answered, before.
func (r Record) Says(said, by, reason string) Record {
	r.Said, r.By, r.Unanswered = said, by+": "+reason, time.Time{}
	return r
}

// Keeps is r with the word of a person from before, unless one has said something since: silence does not unsay it.
func (r Record) Keeps(before Record) Record {
	if r.Said == "" {
		r.Said, r.By, r.Unanswered = before.Said, before.By, time.Time{}
	}
	return r
}

// unansweredMark begins the part of sr.verdict that tells that nobody answered, and when that was known.
const unansweredMark = "unanswered@"

// VerdictYes tells whether a mark sr.verdict lets its version serve: a person said yes, or the gate passed it and nobody
// said no.
func VerdictYes(mark string) bool {
	r := ReadRecord(mark)
	if r.Said != "" {
		return r.Said == SaidYes
	}
	return r.Verdict == string(Pass) && r.Unanswered.IsZero()
}
