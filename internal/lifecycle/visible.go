package lifecycle

import "math"

// AssumedRate is the word error rate that is reckoned with where none was measured yet.
const AssumedRate = 0.1

// Visible is the smallest difference between two models that their words can show: half of the 95 % interval of the
// difference, at the rates that they have now, as a fraction. Words of one utterance are not independent, so the true one
// is larger.
func Visible(a, b Number) float64 {
	low, high := Difference95(a, b)
	return (high - low) / 2
}

// NumberAt is what words give at a rate, a fraction of at most 1.
func NumberAt(rate float64, words int64) Number {
	return Number{Rate: rate, Words: words, Errors: int64(math.Round(rate * float64(words)))}
}

// WordsToShow is about how many words can show a difference, when so many words show no smaller one than visible: the
// interval narrows with the root of their number. It is rounded up to two digits.
func WordsToShow(difference float64, words int64, visible float64) int64 {
	exact := float64(words) * (visible / difference) * (visible / difference)
	if exact < 1 {
		return 1
	}
	step := math.Pow(10, max(math.Floor(math.Log10(exact))-1, 0))
	return int64(math.Ceil(exact/step) * step)
}

// Comparison is one test in which a version may do worse than what it is compared with, by chance alone.
type Comparison struct {
	// Limit is the regression that the test allows, and Visible the smallest difference that its words can show.
	Limit, Visible float64
	// Strict tells that the test fails only when its whole interval is above the limit.
	Strict bool
}

// ComparisonOf is the comparison that a test makes; false for one that limits no regression. visible is nil when it is not
// known.
func ComparisonOf(t Test, visible *float64) (Comparison, bool) {
	limit, asked := t.RegressionLimit()
	if !asked || visible == nil || t.Inspect {
		return Comparison{}, false
	}
	return Comparison{Limit: limit, Visible: *visible, Strict: t.Strict}, true
}

// EqualFails is the chance that a version which is truly equal to what it is compared with fails at least one of the
// tests: each difference is normal around 0 with the standard error of its interval, and the tests hear different audio.
func EqualFails(tests []Comparison) float64 {
	passes := 1.0
	for _, t := range tests {
		least := t.Limit
		if t.Strict {
			least += t.Visible
		}
		if t.Visible > 0 {
			passes *= 1 - math.Erfc(least/(t.Visible/z95)/math.Sqrt2)/2
		}
	}
	return 1 - passes
}
