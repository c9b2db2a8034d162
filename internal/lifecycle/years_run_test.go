package lifecycle_test

import (
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// played is a retrain that goes on, as the workflows play one.
type played struct {
	id, cause     string
	person, force bool
	request       lifecycle.Request
	asked         lifecycle.When
	lead          lifecycle.Duration
	base          lifecycle.Model
	version       string
	taken         *lifecycle.Version
	bound         bool
	serving       *lifecycle.Model
	opponent      lifecycle.Opponent
	judged        lifecycle.Judged
	verdict       *lifecycle.Verdict
	rate, against *float64
	difference    *float64
	evalFailed    bool
	approval      *lifecycle.ApprovalReport
	// next is when step goes on with it.
	next time.Time
	step func()
}

func (r *played) why() string {
	if r.person {
		return fmt.Sprintf("for a person (force: %t)", r.force)
	}
	return "for " + r.cause
}

// later goes on with the run after some time.
func (w *world) later(r *played, after time.Duration, step func()) {
	r.next, r.step = w.now.Add(after), step
}

// advance plays the run until now.
func (w *world) advance() {
	for w.run != nil && !w.run.next.After(w.now) {
		w.run.step()
	}
}

// start begins a retrain; an empty cause is a person's.
func (w *world) start(cause string, force bool) {
	if w.run != nil {
		return
	}
	r := &played{
		id: fmt.Sprintf("run-%d-%d", w.now.Unix(), w.made), cause: cause, person: cause == "", force: force,
		request: w.request, asked: w.request.Approval.When,
	}
	w.run = r
	if cause == lifecycle.CauseSetByHand {
		r.request.Approval.When = lifecycle.WhenAlways
	}
	o := w.observe()
	p := lifecycle.ProspectOf(o, w.request, cause)
	q := lifecycle.BaseQuestion{Locale: "en-US", Kinds: []lifecycle.DatasetKind{"Language"}, MinAge: w.request.BaseModel.MinAge, Deploy: true, Now: w.now}
	q.PassedOver = lifecycle.PassOver(p, q)
	choice := lifecycle.ChooseBase(o.Bases, q)
	r.lead, r.serving = p.Lead, o.Serving
	switch {
	case choice.Model == nil:
		w.end(r, lifecycle.RunEnded, "no usable base model")
		return
	case !w.imported[w.content] && w.chance(w.plan.fails, w.content, w.tries[w.content], "import"):
		w.tries[w.content]++
		w.triedAt = w.now
		w.end(r, lifecycle.RunEnded, "the import failed")
		return
	}
	w.imported[w.content], r.base = true, *choice.Model
	input := lifecycle.InputMark(r.base.ID, []string{w.content})
	v, _ := lifecycle.Take(w.versions, w.takeQuestion(r, input))
	if v == nil {
		v = w.post(r, r.base, input)
	} else {
		r.taken = lifecycle.Ptr(*v)
		w.say("takes %s (%s, %q), %s", v.ID, v.State, v.Verdict, r.why())
	}
	r.version = v.ID
	if r.bound = lifecycle.PersonSaidNo(w.versions, input, v.ID); r.bound {
		r.request.Approval.When = lifecycle.WhenAlways
	}
	w.later(r, 0, func() { w.awaitTraining(r) })
}

func (w *world) takeQuestion(r *played, input string) lifecycle.TakeQuestion {
	q := lifecycle.TakeQuestion{Input: input, Cause: r.cause, Lead: r.lead, Force: r.force, Now: w.now}
	if m := r.serving; m != nil && m.Custom {
		q.Champion, q.ChampionExpires = m.ID, m.ExpiresAt
		if v := w.version(m.ID); v != nil {
			q.ChampionInput = v.Input
		}
	}
	return q
}

func (w *world) awaitTraining(r *played) {
	v := w.version(r.version)
	switch e, trains := w.trains[r.version]; {
	case v == nil:
		w.end(r, lifecycle.RunEnded, "its version was deleted")
	case trains && w.chance(w.plan.runFails, r.id, "run"):
		w.failVersion(r, 0)
		w.end(r, lifecycle.RunEnded, "it failed while its version trains on")
	case trains:
		w.later(r, max(e.at.Sub(w.now), time.Minute), func() { w.awaitTraining(r) })
	case v.Status == lifecycle.StatusFailed:
		w.failVersion(r, 0)
		w.end(r, lifecycle.RunEnded, "its training failed")
	default:
		w.judge(r)
	}
}

// failVersion marks the version as a failed run does.
func (w *world) failVersion(r *played, failures int) {
	v := w.version(r.version)
	if r.taken == nil || v.State != r.taken.State {
		v.State = lifecycle.StateFailed
	} else if failures == 0 {
		return
	}
	if failures > 0 {
		record := lifecycle.ReadRecord(v.Verdict)
		record.Failures, record.FailedAt = failures, w.now
		v.Verdict = record.String()
	}
}

func (r *played) failedBefore() int {
	if r.taken == nil {
		return 0
	}
	return lifecycle.ReadRecord(r.taken.Verdict).Failures
}

// end is the end of a run, which leaves its candidates as they are.
func (w *world) end(r *played, state lifecycle.RunState, why string) {
	for i := range w.versions {
		if w.versions[i].Run == "test/"+r.id && !w.versions[i].Foreign {
			w.versions[i].Known = lifecycle.RunKnown{State: state, ClosedAt: w.now}
		}
	}
	w.say("the run ends (%s): %s", state, why)
	w.run = nil
}

func (r *played) asks(w *world) string {
	request := r.request
	request.Approval.When = r.asked
	return lifecycle.Question(request, r.opponent.Model.ID, []string{w.test})
}

// choose says what the version is judged against now.
func (w *world) choose(r *played) {
	r.opponent = lifecycle.ChooseOpponent(r.serving, r.base, lifecycle.Fallback(w.visibleBases(), "en-US", w.now), r.request.LastResort.Before, w.now)
}

func (w *world) judge(r *played) {
	if len(r.request.Tests) > 0 {
		r.serving = w.serving()
		w.choose(r)
	}
	if decision := w.alreadyJudged(r); decision != "" {
		w.act(r, decision)
		return
	}
	if len(r.request.Tests) == 0 {
		switch {
		case r.cause == lifecycle.CauseSetByHand || r.bound:
			w.ask(r)
		case r.request.Untested == lifecycle.Reject:
			w.act(r, lifecycle.DecideReject)
		default:
			w.act(r, lifecycle.DecidePromote)
		}
		return
	}
	w.later(r, time.Duration(3+w.roll(40, r.version, w.now, "evaluation"))*time.Hour, func() { w.measure(r) })
}

func (w *world) alreadyJudged(r *played) lifecycle.Decision {
	if r.taken == nil {
		return ""
	}
	request := r.request
	request.Approval.When = r.asked
	judged := lifecycle.JudgedBefore(*r.taken, request, r.asks(w))
	said := lifecycle.ReadRecord(r.taken.Verdict).Said
	if judged.Answer == "" || judged.Answer == lifecycle.SaidYes && r.request.Approval.When != r.asked && said != lifecycle.SaidYes {
		return ""
	}
	r.judged = judged
	if judged.Answer == lifecycle.SaidYes {
		return lifecycle.DecidePromote
	}
	return lifecycle.DecideReject
}

// measure judges the version by numbers that are always the same for a version and a test.
func (w *world) measure(r *played) {
	if w.version(r.version) == nil {
		w.end(r, lifecycle.RunEnded, "its version was deleted")
		return
	}
	if r.opponent.IsChampion && lifecycle.NearEnd(r.serving, r.request, w.now) {
		w.choose(r)
	}
	r.evalFailed = w.chance(w.plan.fails, r.version, r.opponent.Model.ID, w.now, "evaluation")
	w.conclude(r)
	decision := lifecycle.Decide(r.verdict.Result, r.request.Approval.When)
	w.say("%s against %s: %s", r.version, r.opponent.Model.ID, r.verdict.Result)
	if decision == lifecycle.DecideAsk {
		w.ask(r)
		return
	}
	w.act(r, decision)
}

// conclude is the verdict against the present opponent.
func (w *world) conclude(r *played) {
	number := func(rate float64) lifecycle.Measurement {
		return lifecycle.Measurement{Rate: &rate, Words: lifecycle.Ptr(int64(5000)), Errors: lifecycle.Ptr(int64(rate * 5000))}
	}
	mine, theirs := w.rate(r.version), w.rate(r.opponent.Model.ID)
	j := lifecycle.Judge(r.request.Tests[0], lifecycle.Measured{Challenger: number(mine), Compared: number(theirs), ComparedWith: r.opponent.Label})
	r.rate, r.against, r.difference = &mine, &theirs, j.Difference
	if r.evalFailed {
		j = lifecycle.Judgment{Verdict: lifecycle.Inconclusive, Reason: "no numbers"}
		r.rate, r.against, r.difference = nil, nil, nil
	}
	r.verdict = &lifecycle.Verdict{Result: j.Verdict, Reason: j.Reason}
}

// ask asks a person, who may answer or not.
func (w *world) ask(r *played) {
	wait := lifecycle.QuestionTime(r.serving, r.request, w.now)
	answer := w.roll(100, r.id, "answer")
	if answer < w.plan.yes+w.plan.no && wait > 0 {
		w.later(r, wait.Std()/2, func() {
			v := w.version(r.version)
			if v == nil {
				w.end(r, lifecycle.RunEnded, "its version was deleted")
				return
			}
			r.approval = &lifecycle.ApprovalReport{By: "ann", Reason: "heard", At: w.now, Answer: lifecycle.AnswerRejected}
			if answer < w.plan.yes {
				r.approval.Answer = lifecycle.AnswerApproved
			}
			w.say("a person answers: %s", r.approval.Answer)
			if w.said(v, answer >= w.plan.yes); answer < w.plan.yes {
				w.act(r, lifecycle.DecidePromote)
			} else {
				w.act(r, lifecycle.DecideReject)
			}
		})
		return
	}
	w.later(r, wait.Std(), func() { w.unanswered(r, wait) })
}

func (w *world) unanswered(r *played, waited lifecycle.Duration) {
	if len(r.request.Tests) > 0 && !r.opponent.LastResort {
		if w.choose(r); r.opponent.LastResort {
			w.conclude(r)
		}
	}
	s := lifecycle.Silence{
		Waited: waited, OnTimeout: r.request.Approval.OnTimeout, LastResort: r.opponent.LastResort, Difference: r.difference, Bound: r.bound,
		SetByHand: r.cause == lifecycle.CauseSetByHand, Alive: lifecycle.Alive(r.serving, w.now),
	}
	if r.verdict != nil {
		s.Verdict = r.verdict.Result
	}
	decision, reason := lifecycle.Unanswered(s)
	r.approval = &lifecycle.ApprovalReport{Reason: reason, At: w.now, Answer: lifecycle.AnswerTimeout}
	w.say("nobody answers: %s", reason)
	w.act(r, decision)
}
