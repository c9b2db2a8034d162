package lifecycle

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Decision is the decision in words, the same wherever a person reads it: the verdict, the word error rates of the first test, and
// what a person said, like "pass: 11.2 % against 13.1 % (yes by ann: checked)". Empty when nothing of it is known.
func (r Record) Decision() string {
	text := r.Verdict
	if text == Untested {
		text = "not tested"
	}
	if rates := r.percents(); rates != "" {
		text = strings.TrimPrefix(text+": "+rates, ": ")
	}
	switch answer := r.answer(); {
	case answer == "":
		return text
	case text == "":
		return answer
	default:
		return text + " (" + answer + ")"
	}
}

// Sentence is Decision with all else that the mark remembers: since when it serves, how long it trained, what failed, and what is of
// another form. Empty for an empty mark.
func (r Record) Sentence() string {
	var parts []string
	if decision := r.Decision(); decision != "" {
		parts = append(parts, decision)
	}
	if !r.Serves.IsZero() {
		parts = append(parts, "came into service on "+date(r.Serves))
	}
	switch {
	case r.Hours == 0:
	case r.Hours*float64(time.Hour) < float64(time.Minute):
		parts = append(parts, "trained for less than a minute")
	case r.Hours < 1:
		parts = append(parts, fmt.Sprintf("trained for %.0f min", r.Hours*60))
	default:
		parts = append(parts, "trained for "+figure(r.Hours)+" h")
	}
	if r.Failures > 0 {
		parts = append(parts, fmt.Sprintf("its evaluation or deployment failed %s, the last time on %s", times(r.Failures), moment(r.FailedAt)))
	}
	return strings.Join(append(parts, r.others...), "; ")
}

// rates are the word error rates of the first test, as fractions: the version's own, and that of what it was compared with. ok is
// false when the mark holds none, or of another form.
func (r Record) rates() (rate, compared float64, ok bool) {
	own, other, _ := strings.Cut(r.Rates, " vs ")
	rate, err := strconv.ParseFloat(own, 64)
	compared, otherErr := strconv.ParseFloat(other, 64)
	return rate, compared, err == nil && otherErr == nil
}

func (r Record) percents() string {
	if rate, compared, ok := r.rates(); ok {
		return Percent(rate) + " against " + Percent(compared)
	}
	return r.Rates
}

// answer is what a person said, or that nobody did.
func (r Record) answer() string {
	switch {
	case r.Said == SaidBack:
		return "rolled back by " + r.By
	case r.Said != "":
		return r.Said + " by " + r.By
	case !r.Unanswered.IsZero():
		return "nobody had answered by " + date(r.Unanswered)
	}
	return ""
}

// RecordReport is a Record for machines; what is not known is null.
type RecordReport struct {
	// Verdict is pass, fail, inconclusive or untested.
	Verdict *string `json:"verdict"`
	// WordErrorRate is that of the first test, Compared that of what it was compared with; fractions.
	WordErrorRate *float64 `json:"wordErrorRate"`
	Compared      *float64 `json:"compared"`
	// Answer is yes, no or back, By who gave it, and Reason why.
	Answer *string `json:"answer"`
	By     *string `json:"by"`
	Reason *string `json:"reason"`
	// UnansweredAt is the day on which it was known that nobody answers, ServesSince that on which it came to serve.
	UnansweredAt *time.Time `json:"unansweredAt"`
	ServesSince  *time.Time `json:"servesSince"`
	// TrainingHours are those of its own training.
	TrainingHours *float64 `json:"trainingHours"`
	// Failures counts evaluations and deployments that failed one after the other, the last of them at FailedAt.
	Failures int        `json:"failures"`
	FailedAt *time.Time `json:"failedAt"`
	// Text is all of it in words (Record.Sentence).
	Text string `json:"text"`
}

// Report is the decision for machines; nil for an empty mark.
func (r Record) Report() *RecordReport {
	text := r.Sentence()
	if text == "" && r.Question == "" {
		return nil
	}
	by, reason, _ := strings.Cut(r.By, ": ")
	out := &RecordReport{Verdict: Text(r.Verdict), Answer: Text(r.Said), By: Text(by), Reason: Text(reason), Failures: r.Failures, Text: text}
	if rate, compared, ok := r.rates(); ok {
		out.WordErrorRate, out.Compared = &rate, &compared
	}
	if r.Hours > 0 {
		out.TrainingHours = &r.Hours
	}
	known := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	out.UnansweredAt, out.ServesSince, out.FailedAt = known(r.Unanswered), known(r.Serves), known(r.FailedAt)
	return out
}
