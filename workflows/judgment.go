package workflows

import (
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// verdict judges each test and joins the answers.
func (r *run) verdict(measures []*measure) lifecycle.Verdict {
	var judged []lifecycle.NamedJudgment
	var comparisons []lifecycle.Comparison
	r.report.Tests, r.best, r.chance = []lifecycle.TestReport{}, nil, ""
	for i, t := range r.request.Tests {
		if t.Inspect {
			continue
		}
		main, bases := r.ofTest(measures, i)
		j := r.judgeTest(i, main, bases)
		judged = append(judged, lifecycle.NamedJudgment{Name: t.Label(), Judgment: j})
		report := r.testReport(i, t, main, j)
		r.report.Tests = append(r.report.Tests, report)
		r.best = append(r.best, lifecycle.BestMeasured(t, r.testEntry(i).found.Content, j, report.Champion)...)
		if c, ok := lifecycle.ComparisonOf(t, j.Visible); ok {
			comparisons = append(comparisons, c)
		}
		if j.Words != nil && *j.Words < lifecycle.ThinWords {
			r.noteOnce("test %s has %d words: below %d a difference of a few errors decides", t.Label(), *j.Words, lifecycle.ThinWords)
		}
		if text := baseNote(t, main, bases); text != "" {
			r.noteOnce("%s", text)
		}
	}
	if len(judged) == 0 {
		return lifecycle.Verdict{Result: lifecycle.Inconclusive, Reason: "no test gives numbers: all are inspections"}
	}
	if n := len(comparisons); n > 0 {
		r.chance = words.EqualFails(n, lifecycle.EqualFails(comparisons), r.opponent.Label)
		r.noteOnce("%s", r.chance)
	}
	return lifecycle.JudgeRun(judged)
}

func (r *run) judgeTest(i int, main, bases *measure) lifecycle.Judgment {
	if main.fault != "" {
		return lifecycle.Judgment{Verdict: lifecycle.Inconclusive, Reason: "no numbers: " + main.fault}
	}
	given := lifecycle.Measured{
		Challenger: main.numbers.Second, Compared: main.numbers.First, ComparedWith: r.opponent.Label, Version: r.report.Version.ID,
		Others: main.numbers.Others,
		Best:   lifecycle.FindBest(r.serving.Best, r.testEntry(i).found.Content), LastResort: r.opponent.LastResort,
	}
	switch {
	case !r.opponent.IsChampion:
		given.Base = &main.numbers.First
	case bases == nil:
		given.BaseMissing = "the base model was not measured (compare.base)"
	case bases.fault != "":
		given.BaseMissing = bases.fault
	default:
		given.Base = &bases.numbers.Second
	}
	return lifecycle.Judge(r.request.Tests[i], given)
}

func (r *run) testReport(i int, t lifecycle.Test, main *measure, j lifecycle.Judgment) lifecycle.TestReport {
	report := lifecycle.TestReport{
		Name: t.Label(), DatasetID: r.testEntry(i).found.ID, EvaluationID: lifecycle.Text(main.id), Words: j.Words, WordErrorRate: j.Rate,
		Base: j.Base, Difference: j.Difference, Interval: j.Interval, Visible: j.Visible, Best: j.Best, Verdict: j.Verdict, Reason: j.Reason,
	}
	if r.opponent.IsChampion {
		report.Champion = j.Compared
	}
	return report
}

// ofTest finds the evaluations of a test: the one against what the version is judged against now, and that of the base
// models, nil when they were not compared.
func (r *run) ofTest(measures []*measure, test int) (main, bases *measure) {
	var otherwise *measure
	for _, m := range measures {
		if m.test != test {
			continue
		}
		switch m.what {
		case withOpponent:
			main = m
		case ofBases:
			bases = m
		case withOtherwise:
			otherwise = m
		}
	}
	if otherwise != nil && r.opponent.LastResort {
		main = otherwise
	}
	return main, bases
}

// baseNote says what the change of base model gave and what the data gave.
func baseNote(t lifecycle.Test, main, bases *measure) string {
	if bases == nil || bases.fault != "" || main.fault != "" {
		return ""
	}
	old, oldFault := bases.numbers.First.Read()
	fresh, freshFault := bases.numbers.Second.Read()
	version, versionFault := main.numbers.Second.Read()
	if oldFault != "" || freshFault != "" || versionFault != "" {
		return ""
	}
	return fmt.Sprintf("test %s: the change of base model gave %s, the data %s", t.Label(),
		lifecycle.Points(fresh.Rate-old.Rate), lifecycle.Points(version.Rate-fresh.Rate))
}
