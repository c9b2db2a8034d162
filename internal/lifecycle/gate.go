package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Measured is what the evaluations of one test gave.
type Measured struct {
	Challenger Measurement
	// Compared is what the challenger is judged against, and ComparedWith what that is ("the champion",
	// "the base model").
	Compared     Measurement
	ComparedWith string
	// Base is the bare base model on the same audio; nil when it was not measured, BaseMissing says why.
	Base        *Measurement
	BaseMissing string
	// Version is the challenger's ID, and Others are measurements of other versions of the same input against the same
	// opponent on the same audio: they count for the difference, each version once.
	Version string
	Others  []Pair
	// Best is the best rate that a champion of the model ever had on this audio; nil when none is known.
	Best *BestRate
	// LastResort tells that the alternative to the challenger is the bare base model: then no drift keeps it from serving.
	LastResort bool
}

// Pair is what an evaluation of another version of the same input gave.
type Pair struct {
	Version    string      `json:"version"`
	Challenger Measurement `json:"challenger"`
	Compared   Measurement `json:"compared"`
}

// Judgment is the verdict on one test with its arithmetic. What could not be computed is nil.
type Judgment struct {
	Verdict    VerdictKind
	Reason     string
	Words      *int64
	Rate       *float64
	Compared   *float64
	Base       *float64
	Difference *float64
	Interval   *[2]float64
	Visible    *float64
	Best       *float64
}

// tolerance absorbs the rounding of binary fractions, so that "equal" passes: 0.13 - 0.11 is more than
// 0.02 for a computer.
const tolerance = 1e-9

// finding is the answer of one limit.
type finding struct {
	verdict VerdictKind
	reason  string
}

// Judge holds one test's numbers against its limits. The point estimate decides; with Strict an interval
// that crosses a limit makes the test inconclusive. A number that is none is inconclusive, never better.
func Judge(t Test, m Measured) Judgment {
	challenger, fault := m.Challenger.Read()
	if fault != "" {
		return Judgment{Verdict: Inconclusive, Reason: "the new version: " + fault}
	}
	j := Judgment{Rate: &challenger.Rate, Words: &challenger.Words, Visible: Ptr(Visible(challenger, challenger))}
	compared, comparedFault := m.Compared.Read()
	var pooled duel
	if comparedFault == "" {
		pooled = pool(m, challenger, compared)
		low, high := Difference95(pooled.challenger, pooled.compared)
		j.Compared = &compared.Rate
		j.Difference = Ptr(pooled.challenger.Rate - pooled.compared.Rate)
		j.Interval = &[2]float64{low, high}
		j.Words = Ptr(min(challenger.Words, compared.Words))
		j.Visible = Ptr(Visible(challenger, compared))
	}
	if m.Best != nil {
		j.Best = &m.Best.Rate
	}
	base, baseFault := readBase(m)
	if baseFault == "" {
		j.Base = &base.Rate
	}
	if least := t.LeastWords(); *j.Words < least {
		j.Verdict = Inconclusive
		j.Reason = fmt.Sprintf("too few words: %d, and %d are asked for", *j.Words, least)
		return j
	}
	var findings []finding
	if t.MaxWordErrorRate != nil {
		findings = append(findings, judgeRate(t, challenger))
	}
	if limit, asked := t.RegressionLimit(); asked {
		findings = append(findings, judgeRegression(t, limit, m.ComparedWith, pooled, comparedFault))
	}
	if t.MinImprovementOverBase != nil {
		findings = append(findings, judgeImprovement(t, challenger, base, baseFault))
	}
	if fault := judgeDrift(t, m, challenger, *j.Visible); fault != "" {
		findings = append(findings, finding{Inconclusive, fault})
	}
	j.Verdict, j.Reason = worst(findings)
	return j
}

// readBase reads the base measurement, or says why there is none.
func readBase(m Measured) (Number, string) {
	if m.Base == nil {
		return Number{}, cmp.Or(m.BaseMissing, "the base model was not measured")
	}
	return m.Base.Read()
}

func judgeRate(t Test, challenger Number) finding {
	limit := *t.MaxWordErrorRate
	text := fmt.Sprintf("word error rate %s, at most %s allowed", Percent(challenger.Rate), Percent(limit))
	low, high := challenger.Interval95()
	return decide(challenger.Rate <= limit+tolerance, t.Strict && low < limit && limit < high, text, Percent(low)+" to "+Percent(high))
}

func judgeRegression(t Test, limit float64, with string, d duel, fault string) finding {
	if fault != "" {
		return finding{Inconclusive, with + ": " + fault}
	}
	difference := d.challenger.Rate - d.compared.Rate
	low, high := Difference95(d.challenger, d.compared)
	text := fmt.Sprintf("%s against %s of %s%s: %s, at most %s allowed",
		Percent(d.challenger.Rate), Percent(d.compared.Rate), with, d.over(), Points(difference), Points(limit))
	return decide(difference <= limit+tolerance, t.Strict && low < limit && limit < high, text, PointsRange(low, high))
}

func judgeImprovement(t Test, challenger, base Number, fault string) finding {
	if fault != "" {
		return finding{Inconclusive, "no improvement over the base model can be computed: " + fault}
	}
	limit := *t.MinImprovementOverBase
	gain := base.Rate - challenger.Rate
	low, high := Difference95(base, challenger)
	text := fmt.Sprintf("%s against %s of the bare base model: %s better, at least %s asked for",
		Percent(challenger.Rate), Percent(base.Rate), Points(gain), Points(limit))
	return decide(gain >= limit-tolerance, t.Strict && low < limit && limit < high, text, PointsRange(low, high))
}

// decide is the answer of one limit; interval is what is limited, as text: a rate in percent, a difference in points.
func decide(held, crosses bool, text, interval string) finding {
	switch {
	case crosses:
		return finding{Inconclusive, fmt.Sprintf("%s; but the 95 %% interval %s crosses the limit (strict)", text, interval)}
	case held:
		return finding{Pass, text}
	}
	return finding{Fail, text}
}

// severity orders verdicts, worst first.
var severity = []VerdictKind{Fail, Inconclusive, Pass}

// worst joins the answers of several limits: the worst decides, and only what decides is given as
// reason, but all reasons of a pass.
func worst(findings []finding) (VerdictKind, string) {
	for _, kind := range severity {
		var reasons []string
		for _, f := range findings {
			if f.verdict == kind {
				reasons = append(reasons, f.reason)
			}
		}
		if len(reasons) > 0 {
			return kind, strings.Join(reasons, "; ")
		}
	}
	return Inconclusive, "nothing was measured"
}

// NamedJudgment is the judgment on one test of a request.
type NamedJudgment struct {
	Name string
	Judgment
}

// JudgeRun is the verdict of a run: the worst of its tests, whatever their order.
func JudgeRun(tests []NamedJudgment) Verdict {
	findings := make([]finding, 0, len(tests))
	sorted := slices.Clone(tests)
	slices.SortFunc(sorted, func(a, b NamedJudgment) int { return cmp.Compare(a.Name, b.Name) })
	for _, t := range sorted {
		findings = append(findings, finding{t.Verdict, fmt.Sprintf("%s: %s", t.Name, t.Reason)})
	}
	kind, reason := worst(findings)
	return Verdict{Result: kind, Reason: reason}
}

// Decision is what happens to a version after its verdict.
type Decision string

// The decisions.
const (
	DecidePromote Decision = "promote"
	DecideReject  Decision = "reject"
	DecideAsk     Decision = "ask"
)

// Decide is the contract's table: verdict against approval.when.
func Decide(verdict VerdictKind, when When) Decision {
	switch {
	case when == WhenAlways,
		when == WhenFail && verdict != Pass,
		when == WhenInconclusive && verdict == Inconclusive:
		return DecideAsk
	case verdict == Pass:
		return DecidePromote
	}
	return DecideReject
}
