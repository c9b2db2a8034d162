package words

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/lifecycle"
)

// onePoint is the difference for which the words are reckoned that a test would need.
const onePoint = 0.01

// Dependent says what every interval of a word error rate leaves out.
const Dependent = "words of one utterance are not independent, so the true intervals are wider"

// Shows says what a test of so many words can show: "504 words: ±2.1 points; for 1 point about 2,300 words".
func Shows(count int64, visible float64) string {
	text := fmt.Sprintf("%s: ±%.1f points", LongCount(count, "word"), visible*100)
	if need := lifecycle.WordsToShow(onePoint, count, visible); need > count {
		text += "; for 1 point about " + Number(need) + " words"
	}
	return text
}

// AssumedShows is Shows for two models of the same rate, which nobody has measured yet.
func AssumedShows(count int64, rate float64) string {
	n := lifecycle.NumberAt(rate, count)
	return Shows(count, lifecycle.Visible(n, n)) + ", at an assumed WER of " + lifecycle.Percent(rate)
}

// TestShows says what a test of a report can show; empty when it is not known.
func TestShows(t lifecycle.TestReport) string {
	if t.Words == nil || t.Visible == nil {
		return ""
	}
	return Shows(*t.Words, *t.Visible)
}

// assumedWords is a size of test for which a plan says what it can show, when the size of the test is not known yet.
const assumedWords = 1000

// PlannedShows says what a planned test can show, as it was measured last; empty for an inspection.
func PlannedShows(t lifecycle.PlannedTest) string {
	switch {
	case t.Limits == lifecycle.NoLimits:
		return ""
	case t.Words == nil || t.Visible == nil:
		return "not measured yet, and its words are not counted; for example " + AssumedShows(assumedWords, lifecycle.AssumedRate)
	}
	return Shows(*t.Words, *t.Visible)
}

// TestsShow says what the tests of a report can show, for a person who decides by their numbers; empty when it is not known.
func TestsShow(tests []lifecycle.TestReport) string {
	var shown []string
	for _, t := range tests {
		if text := TestShows(t); text != "" {
			shown = append(shown, t.Name+": "+text)
		}
	}
	if len(shown) == 0 {
		return ""
	}
	return "what the tests can show: " + strings.Join(shown, "; ") + " (" + Dependent + ")"
}

// EqualFails says how often a version fails one of so many tests by chance alone, in a sentence.
func EqualFails(tests int, chance float64, opponent string) string {
	which := "at least one of its tests"
	if tests == 1 {
		which = "its test"
	}
	return fmt.Sprintf("a version that is truly equal to %s fails %s in %.0f %% of all cases, by chance", opponent, which, chance*100)
}
