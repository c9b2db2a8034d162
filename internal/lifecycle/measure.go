package lifecycle

import (
	"fmt"
	"math"
	"strings"
)

// Measurement is what an evaluation says of one model on one test set, as the service gave it: nil is a
// field that was missing. The rate is a fraction of the reference words; it may exceed 1, because
// insertions count.
type Measurement struct {
	Rate *float64
	// Words is the number of reference words, Errors the sum of substitutions, deletions and insertions.
	Words  *int64
	Errors *int64
}

// rateTolerance is how far the service's rate may be from errors over words before the two are called
// contradictory: wide enough for a rate rounded to four digits, far too narrow for percent.
const rateTolerance = 0.005

// Read returns the measurement's rate, words and errors, or why it is no number (never "better"):
// missing, negative (not measured yet), NaN, no words, or rate and counts that contradict each other.
func (m Measurement) Read() (n Number, fault string) {
	switch {
	case m.Rate == nil || math.IsNaN(*m.Rate) || math.IsInf(*m.Rate, 0):
		return Number{}, "the service gives no word error rate"
	case *m.Rate < 0:
		return Number{}, fmt.Sprintf("the service gives %v for the word error rate, which means that it was not measured", *m.Rate)
	case m.Words == nil || *m.Words < 0:
		return Number{}, "the service gives no number of words"
	case *m.Words == 0:
		return Number{}, "the test set has no words"
	case m.Errors == nil || *m.Errors < 0:
		return Number{}, "the service gives no number of errors"
	}
	counted := float64(*m.Errors) / float64(*m.Words)
	if math.Abs(counted-*m.Rate) > rateTolerance {
		return Number{}, fmt.Sprintf("the service's word error rate %v and its own counts (%d errors in %d words, %s) do not agree: percent and fraction mixed up?",
			*m.Rate, *m.Errors, *m.Words, Percent(counted))
	}
	return Number{Rate: *m.Rate, Words: *m.Words, Errors: *m.Errors}, ""
}

// Number is a measurement that counts.
type Number struct {
	Rate   float64
	Words  int64
	Errors int64
}

// z95 is the two-sided 95 % quantile of the normal distribution.
const z95 = 1.959963984540054

// Interval95 is the 95 % interval of the number's rate, by Wilson's score method (E. B. Wilson, 1927).
// More errors than words count as all words wrong.
func (n Number) Interval95() (low, high float64) {
	words := float64(n.Words)
	p := min(float64(n.Errors)/words, 1)
	center := (p + z95*z95/(2*words)) / (1 + z95*z95/words)
	half := z95 / (1 + z95*z95/words) * math.Sqrt(p*(1-p)/words+z95*z95/(4*words*words))
	return max(center-half, 0), min(center+half, 1)
}

// Difference95 is the 95 % interval of a − b, of two independent proportions, by Newcombe's hybrid
// score method (R. G. Newcombe, 1998, method 10): unlike the textbook formula it holds for few words and for
// no errors at all. The two models hear the same audio, so the true interval is narrower.
func Difference95(a, b Number) (low, high float64) {
	pa, pb := min(float64(a.Errors)/float64(a.Words), 1), min(float64(b.Errors)/float64(b.Words), 1)
	la, ua := a.Interval95()
	lb, ub := b.Interval95()
	d := pa - pb
	return d - math.Hypot(pa-la, ub-pb), d + math.Hypot(ua-pa, pb-lb)
}

// Percent writes a fraction as people read it: "11.2 %".
func Percent(fraction float64) string { return fmt.Sprintf("%.1f %%", fraction*100) }

// Points writes a difference of two fractions: "+0.8 points".
func Points(difference float64) string {
	if math.Abs(difference) < 0.0005 {
		return "0.0 points"
	}
	return fmt.Sprintf("%+.1f points", difference*100)
}

// PointsRange writes an interval of differences: "-3.1 to +0.2 points".
func PointsRange(low, high float64) string {
	return strings.TrimSuffix(Points(low), " points") + " to " + Points(high)
}

// Subjects is what an evaluation measured, by ID (in small letters): its two models and its dataset.
type Subjects struct {
	First   string `json:"first"`
	Second  string `json:"second"`
	Dataset string `json:"dataset"`
}

// Mismeasured says why an evaluation's numbers do not answer the question that is asked now; empty when they do. A run
// adopts its own evaluation in any case, also when what it is to be compared with has changed since.
func Mismeasured(measured, wanted Subjects) string {
	switch {
	case measured.First != wanted.First:
		return fmt.Sprintf("the evaluation compared with model %s, but now %s is what to compare with", orUnknown(measured.First), wanted.First)
	case measured.Second != wanted.Second:
		return fmt.Sprintf("the evaluation measured model %s, not %s", orUnknown(measured.Second), wanted.Second)
	case measured.Dataset != wanted.Dataset:
		return fmt.Sprintf("the evaluation was made with dataset %s, not %s", orUnknown(measured.Dataset), wanted.Dataset)
	}
	return ""
}
