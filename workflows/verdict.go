package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// judge tests the version and decides what becomes of it: by the gate, and where the request says so
// by a person.
func (r *run) judge(ctx workflow.Context) (lifecycle.Decision, error) {
	if len(r.request.Tests) == 0 {
		return r.decideUntested(ctx)
	}
	r.enter(ctx, lifecycle.StageEvaluate)
	if err := r.findChampion(ctx, "find-champion-again"); err != nil {
		return "", err
	}
	if err := r.chooseOpponent(ctx, ""); err != nil {
		return "", err
	}
	measures, err := r.evaluate(ctx)
	if err != nil {
		return "", err
	}
	r.say("%s", evaluateNote(r.opponent.Label, measures))
	if err := r.inspect(ctx, measures); err != nil {
		return "", err
	}
	r.measured = measures
	r.chooseAnew(ctx, "evaluated")
	r.enter(ctx, lifecycle.StageVerdict)
	verdict := r.verdict(measures)
	r.report.Verdict = &verdict
	r.say("%s", verdict.Result)
	return r.decide(ctx)
}

// chooseAnew asks for the service's now and says what the version is judged against at this moment: after days of
// evaluation, or of waiting for a person, the champion may be near its end that was not when they began. step tells
// several questions of one run apart.
func (r *run) chooseAnew(ctx workflow.Context, step string) {
	if !slices.ContainsFunc(r.measured, func(m *measure) bool { return m.what == withOtherwise }) {
		return
	}
	now := r.serving.ObservedAt.Add(workflow.Now(ctx).Sub(r.looked))
	if service, err := do(ctx, r, "service-now-"+step, "Read the service's clock", a.CheckService, r.scope); err == nil {
		now = service.ObservedAt
	} else if ctx.Err() == nil {
		r.note("the service's clock could not be read, %s is reckoned with: %s", words.Minute(now), asFailure(err).Message)
	}
	r.judgedAt = now
	r.opponent = lifecycle.ChooseOpponent(r.serving.Champion, r.base.Model, r.fallback, r.request.LastResort.Before, now)
	if r.opponent.LastResort {
		r.noteOnce("the version is judged against %s: %s", r.opponent.Model.DisplayName, r.opponent.Why)
	}
}

// noteOnce adds a note that is not there yet.
func (s *stages) noteOnce(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.report.Notes, text) {
		s.note("%s", text)
	}
}

// decide asks the table, and a person where the table says so.
func (r *run) decide(ctx workflow.Context) (lifecycle.Decision, error) {
	decision := lifecycle.Decide(r.report.Verdict.Result, r.request.Approval.When)
	if decision != lifecycle.DecideAsk {
		return decision, nil
	}
	r.enter(ctx, lifecycle.StageApproval)
	return r.ask(ctx)
}

// decideUntested is the decision on a version without tests.
func (r *run) decideUntested(ctx workflow.Context) (lifecycle.Decision, error) {
	if r.cause == lifecycle.CauseSetByHand {
		r.enter(ctx, lifecycle.StageApproval)
		return r.ask(ctx)
	}
	if r.request.Deploy != nil && r.request.Untested == lifecycle.Reject {
		r.enter(ctx, lifecycle.StageVerdict)
		r.say("untested: reject")
		r.note("the request has no tests and untested is reject: the version does not serve")
		return lifecycle.DecideReject, nil
	}
	return lifecycle.DecidePromote, nil
}

// chooseOpponent says what the version is measured against, by the service's now. why, unless empty, says
// why it is not the champion.
func (r *run) chooseOpponent(ctx workflow.Context, why string) error {
	fallback, err := do(ctx, r, "find-fallback", "Read what would serve otherwise", a.FindFallback, r.scope)
	if err != nil {
		return err
	}
	r.fallback = fallback
	r.judgedAt = r.serving.ObservedAt
	r.opponent = lifecycle.ChooseOpponent(r.serving.Champion, r.base.Model, r.fallback, r.request.LastResort.Before, r.serving.ObservedAt)
	if why != "" {
		r.opponent.Why = why
	}
	if r.opponent.Why != "" {
		r.note("the version is measured against %s: %s", r.opponent.Model.DisplayName, r.opponent.Why)
	}
	return nil
}

// verdict judges each test and joins the answers.
func (r *run) verdict(measures []*measure) lifecycle.Verdict {
	var judged []lifecycle.NamedJudgment
	r.report.Tests = []lifecycle.TestReport{}
	for i, t := range r.request.Tests {
		if t.Inspect {
			continue
		}
		main, bases := r.ofTest(measures, i)
		j := r.judgeTest(t, main, bases)
		judged = append(judged, lifecycle.NamedJudgment{Name: t.Label(), Judgment: j})
		r.report.Tests = append(r.report.Tests, r.testReport(i, t, main, j))
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
	return lifecycle.JudgeRun(judged)
}

func (r *run) judgeTest(t lifecycle.Test, main, bases *measure) lifecycle.Judgment {
	if main.fault != "" {
		return lifecycle.Judgment{Verdict: lifecycle.Inconclusive, Reason: "no numbers: " + main.fault}
	}
	given := lifecycle.Measured{Challenger: main.numbers.Second, Compared: main.numbers.First, ComparedWith: r.opponent.Label}
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
	return lifecycle.Judge(t, given)
}

func (r *run) testReport(i int, t lifecycle.Test, main *measure, j lifecycle.Judgment) lifecycle.TestReport {
	report := lifecycle.TestReport{
		Name: t.Label(), DatasetID: r.testEntry(i).found.ID, EvaluationID: lifecycle.Text(main.id), Words: j.Words, WordErrorRate: j.Rate,
		Base: j.Base, Difference: j.Difference, Interval: j.Interval, Verdict: j.Verdict, Reason: j.Reason,
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

// inspect reads what was recognised, for the tests that ask for it.
func (r *run) inspect(ctx workflow.Context, measures []*measure) error {
	for i, t := range r.request.Tests {
		if !t.Inspect {
			continue
		}
		main, _ := r.ofTest(measures, i)
		inspection := lifecycle.Inspection{Name: t.Label(), DatasetID: r.testEntry(i).found.ID, EvaluationID: lifecycle.Text(main.id), Files: []lifecycle.InspectionFile{}}
		if main.fault == "" {
			files, err := do(ctx, r, fmt.Sprintf("read-inspection-%d", i), "Read what was recognised in "+t.Label(), a.ReadInspection,
				activities.AwaitInput{Scope: r.scope, ID: main.id, Label: main.input.DisplayName})
			if _, fatal := evaluationFault(err); fatal != nil {
				return fatal
			}
			inspection.Files = append(inspection.Files, files...)
		}
		r.report.Inspections = append(r.report.Inspections, inspection)
	}
	return nil
}
