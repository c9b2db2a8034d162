package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// The updates by which a person decides on a waiting version.
const (
	UpdateApprove = "approve"
	UpdateReject  = "reject"
)

// remindEvery is how often a waiting version is mentioned in the log.
const remindEvery = 24 * time.Hour

// Answer is what a person sends to approve or reject a version. All of it is required.
type Answer struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
	// VersionID must be the waiting version: an answer never meets another one by accident.
	VersionID string `json:"versionId"`
}

// handleAnswers takes the updates approve and reject. A refused one leaves no history.
func (r *run) handleAnswers(ctx workflow.Context) error {
	for _, u := range []struct {
		name        string
		answer      lifecycle.Answer
		description string
	}{
		{UpdateApprove, lifecycle.AnswerApproved, "let the waiting version serve"},
		{UpdateReject, lifecycle.AnswerRejected, "do not let the waiting version serve"},
	} {
		err := workflow.SetUpdateHandlerWithOptions(ctx, u.name,
			func(ctx workflow.Context, in Answer) (lifecycle.ApprovalReport, error) {
				r.approval.answer = &lifecycle.ApprovalReport{By: in.By, Reason: in.Reason, At: now(ctx), Answer: u.answer}
				return *r.approval.answer, nil
			},
			workflow.UpdateHandlerOptions{Description: u.description, Validator: func(_ workflow.Context, in Answer) error { return r.checkAnswer(in) }})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkAnswer tells why an answer is not taken.
func (r *run) checkAnswer(in Answer) error {
	switch {
	case r.approval.answer != nil && r.approval.answer.By != "":
		return fmt.Errorf("%s has already answered: %s", r.approval.answer.By, r.approval.answer.Answer)
	case !r.approval.asking:
		return errors.New("no version of this run waits for an answer now")
	}
	if fault := decode.Answer(in.By, in.Reason); fault != "" {
		return errors.New(fault)
	}
	switch {
	case in.VersionID == "":
		return fmt.Errorf("versionId is required: %s waits", r.report.Version.ID)
	case !decode.Means(in.VersionID, r.report.Version.ID):
		return fmt.Errorf("version %s waits for an answer, not %s", r.report.Version.ID, decode.Show(in.VersionID))
	}
	return nil
}

// ask waits for a person, or for the time that the request gives them.
func (r *run) ask(ctx workflow.Context) (lifecycle.Decision, error) {
	r.approval = approval{asking: true}
	if r.judgedAt.IsZero() {
		r.judgedAt = r.serving.ObservedAt
	}
	timeout := lifecycle.QuestionTime(r.serving.Champion, r.request, r.judgedAt)
	if timeout < r.request.Approval.Timeout {
		r.note("a person is asked for %s only, not for %s (approval.timeout): the champion expires then, and what is decided must be deployed before",
			timeout, r.request.Approval.Timeout)
	}
	r.await(ctx, lifecycle.WaitsForApproval, r.report.Version.ID, timeout)
	deadline := workflow.Now(ctx).Add(timeout.Std())
	r.send(ctx, lifecycle.EventApproval, r.question(ctx, deadline),
		fmt.Sprintf("starter approve %s --by NAME --reason TEXT, or starter reject", r.request.Name), nil)
	for r.approval.answer == nil {
		left := deadline.Sub(workflow.Now(ctx))
		if left <= 0 {
			break
		}
		workflow.GetLogger(ctx).Info("a version waits for approval",
			"version", r.report.Version.ID, "reason", r.verdictReason(), "until", deadline)
		timer := workflow.AwaitOptions{
			Timeout: min(left, remindEvery), TimerOptions: workflow.TimerOptions{Summary: "an answer of a person until " + words.Second(deadline)},
		}
		if _, err := workflow.AwaitWithOptions(ctx, timer, func() bool { return r.approval.answer != nil }); err != nil {
			r.approval.asking = false
			return "", err
		}
	}
	decision := lifecycle.DecideReject
	if answer := r.approval.answer; answer == nil {
		var reason string
		decision, reason = lifecycle.Unanswered(r.silence(ctx, timeout))
		r.approval.answer = &lifecycle.ApprovalReport{Reason: reason, At: now(ctx), Answer: lifecycle.AnswerTimeout}
	} else if answer.Answer == lifecycle.AnswerApproved {
		decision = lifecycle.DecidePromote
	}
	r.approval.asking = false
	r.report.Approval = r.approval.answer
	r.say("%s: %s", r.report.Approval.Answer, r.report.Approval.Reason)
	return decision, nil
}

// silence is what is known at the end of a question that nobody has answered: it is judged by what is left of the
// champion now, not by what was left when the version was evaluated.
func (r *run) silence(ctx workflow.Context, waited lifecycle.Duration) lifecycle.Silence {
	r.chooseAnew(ctx, "unanswered")
	// A verdict that was set aside since, because the endpoint was changed, stays so.
	if r.opponent.LastResort && len(r.measured) > 0 && !r.reconsidered {
		verdict := r.verdict(r.measured)
		r.report.Verdict = &verdict
	}
	s := lifecycle.Silence{
		Waited: waited, OnTimeout: r.request.Approval.OnTimeout, LastResort: r.opponent.LastResort, Difference: r.difference(),
		Bound: r.bound, SetByHand: r.cause == lifecycle.CauseSetByHand, Alive: lifecycle.Alive(r.serving.Champion, r.judgedAt),
	}
	if r.report.Verdict != nil {
		s.Verdict = r.report.Verdict.Result
	}
	return s
}

// difference is the worst difference of the tests to what they were compared with; nil when one is
// unknown.
func (r *run) difference() *float64 {
	var worst *float64
	for _, t := range r.report.Tests {
		if t.Difference == nil {
			return nil
		}
		if worst == nil || *t.Difference > *worst {
			worst = t.Difference
		}
	}
	return worst
}
