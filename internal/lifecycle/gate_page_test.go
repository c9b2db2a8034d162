package lifecycle_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/lifecycle"
)

// shown is one case of docs/gate.md.
type shown struct {
	// what is asked, in the words of a request, and the test that says it.
	asks string
	test lifecycle.Test
	// words are those of the audio; champion and challenger the errors of the two in it.
	words, champion, challenger int64
	best                        *lifecycle.BestRate
}

// cases are those of the page, from the plain to the special.
var cases = []shown{
	{asks: "nothing", words: 504, champion: 50, challenger: 45},
	{asks: "nothing", words: 504, champion: 50, challenger: 53},
	{asks: "`maxRegression: 0.01`", test: lifecycle.Test{MaxRegression: new(0.01)}, words: 504, champion: 50, challenger: 53},
	{asks: "`maxRegression: 0.01`", test: lifecycle.Test{MaxRegression: new(0.01)}, words: 504, champion: 50, challenger: 58},
	{asks: "the same, `strict: true`", test: lifecycle.Test{MaxRegression: new(0.01), Strict: true}, words: 504, champion: 50, challenger: 58},
	{asks: "the same, 100 times the words", test: lifecycle.Test{MaxRegression: new(0.01), Strict: true}, words: 50400, champion: 5000, challenger: 5800},
	{asks: "`maxWordErrorRate: \"9%\"`", test: lifecycle.Test{MaxWordErrorRate: new(0.09)}, words: 504, champion: 50, challenger: 46},
	{asks: "nothing; the best here was 5.5 %", words: 504, champion: 50, challenger: 50, best: &lifecycle.BestRate{Content: "1a2b3c4d", Rate: 0.055, Words: 504}},
	{asks: "nothing", words: 40, champion: 4, challenger: 2},
}

// The example of the page is reckoned by the gate itself: docs/gate.md.
func TestReferenceOfGate(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	out.WriteString("| the test asks for | words | champion | new version | difference | 95 % interval | verdict | reason |\n" +
		"| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	seen := map[lifecycle.VerdictKind]int{}
	for _, c := range cases {
		j := lifecycle.Judge(c.test, lifecycle.Measured{
			Challenger: measured(c.challenger, c.words), Compared: measured(c.champion, c.words), ComparedWith: "the champion", Best: c.best,
		})
		seen[j.Verdict]++
		fmt.Fprintf(&out, "| %s | %d | %d errors, %s | %d errors, %s | %s | %s to %s | **%s** | %s |\n", c.asks, c.words,
			c.champion, lifecycle.Percent(*j.Compared), c.challenger, lifecycle.Percent(*j.Rate), lifecycle.Points(*j.Difference),
			lifecycle.Points(j.Interval[0]), lifecycle.Points(j.Interval[1]), j.Verdict, j.Reason)
	}
	require.Len(t, seen, 3, "the page shows every verdict")
	page := filepath.Join("..", "..", "docs", "gate.md")
	bundle.Region(t, page, "example", out.String())

	out.Reset()
	out.WriteString("| words of the test | smallest difference that they show | an equal version fails with `maxRegression: 0` | with 0.005 (default) " +
		"| with 0.01 |\n" +
		"| --- | --- | --- | --- | --- |\n")
	for _, words := range []int64{500, 1000, 2500, 5000, 10000, 25000} {
		n := lifecycle.NumberAt(lifecycle.AssumedRate, words)
		visible := lifecycle.Visible(n, n)
		fmt.Fprintf(&out, "| %d | ±%.1f points |", words, visible*100)
		for _, limit := range []float64{0, lifecycle.DefaultMaxRegression, 0.01} {
			fmt.Fprintf(&out, " %.0f in 100 |", 100*lifecycle.EqualFails([]lifecycle.Comparison{{Limit: limit, Visible: visible}}))
		}
		out.WriteString("\n")
	}
	bundle.Region(t, page, "words", out.String())
}
