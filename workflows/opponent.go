package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

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

// chooseOpponent says what the version is measured against, by the service's now. why, unless empty, says
// why it is not the champion.
func (r *run) chooseOpponent(why string) {
	r.fallback = r.serving.Fallback
	r.judgedAt = r.serving.ObservedAt
	r.opponent = lifecycle.ChooseOpponent(r.serving.Champion, r.base.Model, r.fallback, r.request.LastResort.Before, r.serving.ObservedAt)
	if why != "" {
		r.opponent.Why = why
	}
	if r.opponent.Why != "" {
		r.note("the version is measured against %s: %s", r.opponent.Model.DisplayName, r.opponent.Why)
	}
}
