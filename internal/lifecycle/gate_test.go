package lifecycle_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// measured is a consistent measurement.
func measured(errors, words int64) lifecycle.Measurement {
	return lifecycle.Measurement{Rate: lifecycle.Ptr(float64(errors) / float64(words)), Words: &words, Errors: &errors}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	f := lifecycle.Ptr[float64]
	nothing := lifecycle.Measurement{}
	notYet := lifecycle.Measurement{Rate: f(-1), Words: lifecycle.Ptr[int64](-1), Errors: lifecycle.Ptr[int64](-3)}
	nan := measured(10, 100)
	nan.Rate = f(math.NaN())
	percent := measured(289, 10000)
	percent.Rate = f(2.89)
	with := func(challenger, compared lifecycle.Measurement) lifecycle.Measured {
		return lifecycle.Measured{Challenger: challenger, Compared: compared, ComparedWith: "the champion"}
	}
	base := func(m lifecycle.Measured, b lifecycle.Measurement) lifecycle.Measured {
		m.Base = &b
		return m
	}
	cases := []struct {
		name   string
		test   lifecycle.Test
		given  lifecycle.Measured
		want   lifecycle.VerdictKind
		reason string
	}{
		{
			"nothing asked means half a point at most",
			lifecycle.Test{},
			with(measured(112, 1000), measured(131, 1000)),
			"pass", "11.2 % against 13.1 % of the champion: -1.9 points, at most +0.5 points allowed",
		},
		{
			"equal passes",
			lifecycle.Test{},
			with(measured(131, 1000), measured(131, 1000)), "pass",
			"13.1 % against 13.1 % of the champion: 0.0 points, at most +0.5 points allowed",
		},
		{
			"half a point worse passes when nothing is asked",
			lifecycle.Test{},
			with(measured(136, 1000), measured(131, 1000)), "pass",
			"13.6 % against 13.1 % of the champion: +0.5 points, at most +0.5 points allowed",
		},
		{
			"one word more fails",
			lifecycle.Test{},
			with(measured(137, 1000), measured(131, 1000)), "fail",
			"13.7 % against 13.1 % of the champion: +0.6 points, at most +0.5 points allowed",
		},
		{
			"no regression at all is asked for by name",
			lifecycle.Test{MaxRegression: f(0)},
			with(measured(132, 1000), measured(131, 1000)), "fail",
			"13.2 % against 13.1 % of the champion: +0.1 points, at most 0.0 points allowed",
		},
		{
			"exactly at the regression limit",
			lifecycle.Test{MaxRegression: f(0.02)},
			with(measured(130, 1000), measured(110, 1000)),
			"pass", "13.0 % against 11.0 % of the champion: +2.0 points, at most +2.0 points allowed",
		},
		{
			"exactly at the rate limit",
			lifecycle.Test{MaxWordErrorRate: f(0.2)},
			with(measured(200, 1000), nothing),
			"pass", "word error rate 20.0 %, at most 20.0 % allowed",
		},
		{
			"above the rate limit",
			lifecycle.Test{MaxWordErrorRate: f(0.2)},
			with(measured(201, 1000), nothing),
			"fail", "word error rate 20.1 %, at most 20.0 % allowed",
		},
		{
			"improvement without a base",
			lifecycle.Test{MinImprovementOverBase: f(0.05)},
			with(measured(100, 1000), nothing),
			"inconclusive", "no improvement over the base model can be computed: the base model was not measured",
		},
		{
			"improvement reached",
			lifecycle.Test{MinImprovementOverBase: f(0.05)},
			base(with(measured(100, 1000), nothing), measured(150, 1000)),
			"pass", "10.0 % against 15.0 % of the bare base model: +5.0 points better, at least +5.0 points asked for",
		},
		{
			"improvement missed",
			lifecycle.Test{MinImprovementOverBase: f(0.05)},
			base(with(measured(101, 1000), nothing), measured(150, 1000)),
			"fail", "10.1 % against 15.0 % of the bare base model: +4.9 points better, at least +5.0 points asked for",
		},
		{
			"the worst limit decides",
			lifecycle.Test{MaxWordErrorRate: f(0.5), MaxRegression: f(0)},
			with(measured(140, 1000), measured(131, 1000)), "fail", "14.0 % against 13.1 % of the champion: +0.9 points, at most 0.0 points allowed",
		},
		{
			"not measured yet",
			lifecycle.Test{},
			with(notYet, measured(131, 1000)), "inconclusive",
			"the new version: the service gives -1 for the word error rate, which means that it was not measured",
		},
		{
			"the champion was not measured",
			lifecycle.Test{},
			with(measured(1, 1000), notYet), "inconclusive",
			"the champion: the service gives -1 for the word error rate, which means that it was not measured",
		},
		{"missing", lifecycle.Test{}, with(nothing, measured(131, 1000)), "inconclusive", "the new version: the service gives no word error rate"},
		{"not a number", lifecycle.Test{}, with(nan, measured(131, 1000)), "inconclusive", "the new version: the service gives no word error rate"},
		{"no words", lifecycle.Test{}, with(lifecycle.Measurement{Rate: f(0), Words: lifecycle.Ptr[int64](0), Errors: lifecycle.Ptr[int64](0)},
			measured(1, 1000)), "inconclusive", "the new version: the test set has no words"},
		{
			"percent where a fraction belongs",
			lifecycle.Test{},
			with(percent, measured(500, 10000)), "inconclusive",
			"the new version: the service's word error rate 2.89 and its own counts (289 errors in 10000 words, 2.9 %) do not agree: percent and " +
				"fraction mixed up?",
		},
		{"too few words", lifecycle.Test{}, with(measured(1, 49), measured(20, 49)), "inconclusive", "too few words: 49, and 50 are asked for"},
		{
			"just enough words",
			lifecycle.Test{},
			with(measured(1, 50), measured(20, 50)), "pass",
			"2.0 % against 40.0 % of the champion: -38.0 points, at most +0.5 points allowed",
		},
		{
			"more words asked for",
			lifecycle.Test{MinWords: 2000},
			with(measured(1, 1000), measured(20, 1000)),
			"inconclusive", "too few words: 1000, and 2000 are asked for",
		},
		{
			"strict, and the interval crosses",
			lifecycle.Test{Strict: true},
			with(measured(128, 1000), measured(131, 1000)), "inconclusive",
			"12.8 % against 13.1 % of the champion: -0.3 points, at most +0.5 points allowed; but the 95 % interval -3.3 to +2.7 points crosses the limit (strict)",
		},
		{
			"strict, and clear",
			lifecycle.Test{Strict: true},
			with(measured(50, 1000), measured(131, 1000)),
			"pass", "5.0 % against 13.1 % of the champion: -8.1 points, at most +0.5 points allowed",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := lifecycle.Judge(c.test, c.given)
			require.Equal(t, c.reason, got.Reason)
			require.Equal(t, c.want, got.Verdict)
		})
	}
}

// The numbers are worked by hand from the formulas: Wilson's interval of 56/70 is 0.6918 to 0.8770 in
// Newcombe (1998), of 48/80 it is 0.4907 to 0.7003, and his method 10 gives 0.0524 to 0.3339 for their difference.
func TestIntervalsAreThoseOfTheLiterature(t *testing.T) {
	t.Parallel()
	a, b := lifecycle.Number{Words: 70, Errors: 56}, lifecycle.Number{Words: 80, Errors: 48}
	low, high := lifecycle.Difference95(a, b)
	require.InDelta(t, 0.0524, low, 0.00005)
	require.InDelta(t, 0.3339, high, 0.00005)
	low, high = lifecycle.Difference95(lifecycle.Number{Words: 10, Errors: 0}, lifecycle.Number{Words: 10, Errors: 0})
	require.InDelta(t, -0.2775, low, 0.00005)
	require.InDelta(t, 0.2775, high, 0.00005)
}

func TestAWorseNumberNeverImprovesTheVerdict(t *testing.T) {
	t.Parallel()
	rank := map[lifecycle.VerdictKind]int{lifecycle.Fail: 0, lifecycle.Inconclusive: 1, lifecycle.Pass: 2}
	limit := func(t *rapid.T, label string) *float64 {
		if rapid.Bool().Draw(t, label+" absent") {
			return nil
		}
		return lifecycle.Ptr(rapid.Float64Range(0, 1).Draw(t, label))
	}
	rapid.Check(t, func(t *rapid.T) {
		test := lifecycle.Test{
			MaxWordErrorRate: limit(t, "rate"), MaxRegression: limit(t, "regression"), MinImprovementOverBase: limit(t, "improvement"),
			MinWords: rapid.IntRange(1, 200).Draw(t, "min words"), Strict: rapid.Bool().Draw(t, "strict"),
		}
		words := rapid.Int64Range(1, 3000).Draw(t, "words")
		errors := rapid.Int64Range(0, words).Draw(t, "errors")
		given := lifecycle.Measured{
			Challenger: measured(errors, words), Compared: measured(rapid.Int64Range(0, words).Draw(t, "compared"), words),
			ComparedWith: "the champion",
		}
		if rapid.Bool().Draw(t, "with base") {
			given.Base = lifecycle.Ptr(measured(rapid.Int64Range(0, words).Draw(t, "base"), words))
		}
		if rapid.Bool().Draw(t, "with best") {
			given.Best = &lifecycle.BestRate{Rate: rapid.Float64Range(0, 1).Draw(t, "best"), Words: words}
			test.MaxDrift = limit(t, "drift")
		}
		before := lifecycle.Judge(test, given)
		given.Challenger = measured(errors+rapid.Int64Range(0, 500).Draw(t, "more errors"), words)
		after := lifecycle.Judge(test, given)
		require.LessOrEqual(t, rank[after.Verdict], rank[before.Verdict], "%s became %s", before.Reason, after.Reason)
	})
}

func TestWhatIsNoNumberIsNeverAPass(t *testing.T) {
	t.Parallel()
	bad := []lifecycle.Measurement{
		{},
		{Rate: lifecycle.Ptr(-1.0)},
		measured(-1, 100),
		{Rate: lifecycle.Ptr(0.0), Words: lifecycle.Ptr[int64](100)},
		{Rate: lifecycle.Ptr(math.NaN()), Words: lifecycle.Ptr[int64](100), Errors: lifecycle.Ptr[int64](0)},
		{Rate: lifecycle.Ptr(math.Inf(-1)), Words: lifecycle.Ptr[int64](100), Errors: lifecycle.Ptr[int64](0)},
		{Rate: lifecycle.Ptr(0.0), Words: lifecycle.Ptr[int64](-1), Errors: lifecycle.Ptr[int64](0)},
		{Rate: lifecycle.Ptr(0.0), Words: lifecycle.Ptr[int64](100), Errors: lifecycle.Ptr[int64](-1)},
		measured(1, 10),
	}
	rapid.Check(t, func(t *rapid.T) {
		broken := rapid.SampledFrom(bad).Draw(t, "broken")
		test := lifecycle.Test{MaxWordErrorRate: lifecycle.Ptr(rapid.Float64Range(0, 1).Draw(t, "limit")), Strict: rapid.Bool().Draw(t, "strict")}
		require.Equal(t, lifecycle.Inconclusive, lifecycle.Judge(test, lifecycle.Measured{Challenger: broken, Compared: measured(50, 100)}).Verdict)
		require.Equal(t, lifecycle.Inconclusive, lifecycle.Judge(lifecycle.Test{}, lifecycle.Measured{Challenger: measured(0, 100), Compared: broken}).Verdict)
	})
}

func TestTheOrderOfTestsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tests []lifecycle.NamedJudgment
		for i := range rapid.IntRange(0, 5).Draw(t, "n") {
			kind := rapid.SampledFrom([]lifecycle.VerdictKind{lifecycle.Pass, lifecycle.Fail, lifecycle.Inconclusive}).Draw(t, "kind")
			tests = append(tests, lifecycle.NamedJudgment{Name: fmt.Sprint("t", i), Judgment: lifecycle.Judgment{Verdict: kind, Reason: "r"}})
		}
		require.Equal(t, lifecycle.JudgeRun(tests), lifecycle.JudgeRun(rapid.Permutation(tests).Draw(t, "order")))
	})
	require.Equal(t, lifecycle.Inconclusive, lifecycle.JudgeRun(nil).Result)
}

func TestDecideIsTheTableOfTheContract(t *testing.T) {
	t.Parallel()
	whens := []lifecycle.When{"never", "inconclusive", "fail", "always"}
	table := map[lifecycle.VerdictKind][]lifecycle.Decision{
		lifecycle.Pass:         {"promote", "promote", "promote", "ask"},
		lifecycle.Inconclusive: {"reject", "ask", "ask", "ask"},
		lifecycle.Fail:         {"reject", "reject", "ask", "ask"},
	}
	for verdict, row := range table {
		for i, want := range row {
			require.Equal(t, want, lifecycle.Decide(verdict, whens[i]), "%s, when %s", verdict, whens[i])
		}
	}
}
