package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// judge tests the version and decides what becomes of it: by the gate, and where the request says so
// by a person.
func (r *run) judge(ctx workflow.Context) (lifecycle.Decision, error) {
	if len(r.request.Tests) == 0 {
		if decision := r.alreadyJudged(ctx); decision != "" {
			return decision, nil
		}
		return r.decideUntested(ctx)
	}
	r.enter(ctx, lifecycle.StageEvaluate)
	if err := r.findServing(ctx, "find-champion-again", activities.ChampionInput{Scope: r.scope, Fallback: true}); err != nil {
		return "", err
	}
	r.chooseOpponent("")
	if decision := r.alreadyJudged(ctx); decision != "" {
		return decision, nil
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

// alreadyJudged is the decision on a version that was taken and judged by the same question before; empty when there is
// none, or when a person has to be asked who was not.
func (r *run) alreadyJudged(ctx workflow.Context) lifecycle.Decision {
	if r.taken == nil {
		return ""
	}
	request := r.request
	request.Approval.When = r.asked
	judged := lifecycle.JudgedBefore(r.taken.Version, request, r.asks())
	record := lifecycle.ReadRecord(r.taken.Version.Verdict)
	decision := lifecycle.DecideReject
	switch {
	case judged.Answer == "":
		return ""
	case judged.Answer == lifecycle.SaidYes && r.request.Approval.When != r.asked && record.Said != lifecycle.SaidYes:
		return "" // what it was started for asks a person
	case judged.Answer == lifecycle.SaidYes:
		decision = lifecycle.DecidePromote
	}
	r.judgedBefore = judged
	r.enter(ctx, lifecycle.StageVerdict)
	if record.Verdict != lifecycle.Untested {
		r.report.Verdict = &lifecycle.Verdict{Result: lifecycle.VerdictKind(record.Verdict), Reason: "already judged: " + judged.Why}
	}
	r.note("already judged: %s", judged.Why)
	r.say("already judged")
	return decision
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
	if r.cause == lifecycle.CauseSetByHand || r.bound {
		r.enter(ctx, lifecycle.StageApproval)
		return r.ask(ctx)
	}
	if r.request.Deploy != nil && r.request.Untested == lifecycle.Reject {
		r.enter(ctx, lifecycle.StageVerdict)
		r.say("untested: reject")
		r.note("the request has no tests and untested is reject: the version does not serve")
		return lifecycle.DecideReject, nil
	}
	if note := lifecycle.UntestedNote(r.request); note != "" {
		r.note("%s", note)
	}
	return lifecycle.DecidePromote, nil
}

// inspect reads what was recognised, for the tests that ask for it.
func (r *run) inspect(ctx workflow.Context, measures []*measure) error {
	for i, t := range r.request.Tests {
		if !t.Inspect {
			continue
		}
		main, _ := r.ofTest(measures, i)
		inspection := lifecycle.Inspection{
			Name: t.Label(), DatasetID: r.testEntry(i).found.ID,
			EvaluationID: lifecycle.Text(main.id), Files: []lifecycle.InspectionFile{},
		}
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

// reconsider makes the verdict inconclusive when the endpoint no longer serves what the version was
// measured against, and decides anew.
func (r *run) reconsider(ctx workflow.Context, measured, serving string) (lifecycle.Decision, error) {
	reason := fmt.Sprintf("the endpoint's model was changed during the run, from %s to %s: the version was not measured against what serves",
		orNothing(measured), orNothing(serving))
	r.note("%s", reason)
	if r.report.Verdict == nil {
		return lifecycle.DecidePromote, nil
	}
	r.reconsidered, r.judgedBefore = true, lifecycle.Judged{}
	r.report.Verdict = &lifecycle.Verdict{Result: lifecycle.Inconclusive, Reason: reason}
	return r.decide(ctx)
}

func orNothing(id string) string {
	if id == "" {
		return "nothing"
	}
	return id
}
