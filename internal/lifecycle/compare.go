package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Opponent is what a challenger is measured against, and why that.
type Opponent struct {
	// Model is the opponent; Custom in it tells a version from a base model.
	Model Model
	// Label is what reasons call it: "the champion", "the base model".
	Label string
	// IsChampion tells the champion, whoever made it, from a base model that stands in for it.
	IsChampion bool
	// Why says why it is not the champion; empty when it is.
	Why string
	// LastResort tells that the champion is near its end or over it, so that the alternative to the
	// challenger is the bare base model.
	LastResort bool
}

// ChooseOpponent says what a challenger is measured against. The champion, as a rule; on a first run
// the base model that the challenger was trained from; and when the champion has less than before left, or
// has expired, what would serve otherwise: the newest base model of the locale, which the service falls back to.
// now is the service's. A nil fallback leaves the challenger's base.
func ChooseOpponent(champion *Model, base Model, fallback *Model, before Duration, now time.Time) Opponent {
	if champion == nil {
		return Opponent{Model: base, Label: "the base model", Why: "there is no champion yet"}
	}
	otherwise := base
	if fallback != nil {
		otherwise = *fallback
	}
	switch {
	case champion.ExpiresAt == nil:
		return Opponent{Model: *champion, Label: "the champion", IsChampion: true}
	case !champion.ExpiresAt.After(now):
		return Opponent{
			Model: otherwise, Label: "the base model", LastResort: true,
			Why: fmt.Sprintf("the champion %s expired on %s, so the base model %s serves", champion.DisplayName, date(*champion.ExpiresAt), otherwise.DisplayName),
		}
	case champion.ExpiresAt.Sub(now) < before.Std():
		return Opponent{
			Model: otherwise, Label: "the base model", LastResort: true,
			Why: fmt.Sprintf("the champion %s expires on %s, in less than %s: after that the base model %s would serve",
				champion.DisplayName, date(*champion.ExpiresAt), before, otherwise.DisplayName),
		}
	}
	return Opponent{Model: *champion, Label: "the champion", IsChampion: true}
}

// Fallback is the base model that the service falls back to when a version at an endpoint expires: the newest of the
// locale that still recognises speech and can serve an endpoint (learn.microsoft.com, "Custom speech model lifecycle").
func Fallback(models []Model, locale string, now time.Time) *Model {
	var candidates []Model
	for _, m := range models {
		if !m.Custom && SameLocale(m.Locale, locale) && m.Status == StatusSucceeded && (m.ExpiresAt == nil || m.ExpiresAt.After(now)) &&
			refuseFamily(m, "") == "" && (m.Deployable == nil || *m.Deployable) {
			candidates = append(candidates, m)
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	return Ptr(slices.MinFunc(candidates, func(a, b Model) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	}))
}

// NearEnd tells that the bare base model that would serve otherwise is to be measured, too: by the time of the decision,
// after the evaluation and a person's time, the champion may have less than before left.
func NearEnd(champion *Model, request Request, now time.Time) bool {
	if champion == nil || champion.ExpiresAt == nil {
		return false
	}
	return champion.ExpiresAt.Sub(now) < (request.LastResort.Before + request.Approval.Timeout + request.Limits.Evaluation).Std()
}

// QuestionTime is how long a person is asked: approval.timeout, but at the latest until 2 x limits.deploy before the
// champion expires, so that what comes of it can still be deployed in time. now is the service's.
func QuestionTime(champion *Model, request Request, now time.Time) Duration {
	timeout := request.Approval.Timeout
	if !Alive(champion, now) || champion.ExpiresAt == nil {
		return timeout
	}
	return max(min(timeout, Duration(champion.ExpiresAt.Sub(now))-2*request.Limits.Deploy), 0)
}

// Silence is what is known when nobody has decided on a version in time.
type Silence struct {
	// Waited is how long a person was asked.
	Waited    Duration
	OnTimeout string
	Verdict   VerdictKind
	// LastResort tells that the champion has little left now, or nothing: Difference is then that to the base model.
	LastResort bool
	// Difference is the worst difference to what the version was compared with; nil when one is unknown.
	Difference *float64
	// Bound tells that a person has said no to the same input before.
	Bound bool
	// SetByHand tells that somebody had set the endpoint to what serves now, and Alive that it is alive.
	SetByHand, Alive bool
}

// Unanswered is what happens to a version that nobody decided on in time. In the place of what somebody has set by hand
// it serves only when it passes and is not worse than that, or better when that is a base model or has expired.
func Unanswered(s Silence) (Decision, string) {
	none := fmt.Sprintf("no answer within %s", s.Waited)
	better := s.Difference != nil && *s.Difference < 0
	switch {
	case s.Bound:
		return DecideReject, none + ", and a person has rejected the same input before: only a person lets it serve"
	case s.SetByHand && !(s.Alive && s.LastResort):
		equal := s.Difference != nil && *s.Difference <= tolerance
		if s.Verdict == Pass && (better || s.Alive && equal) {
			return DecidePromote, fmt.Sprintf("%s: it passes, and is not worse than what somebody had set the endpoint to (%s)", none, Points(*s.Difference))
		}
		return DecideReject, none + ", and it is not known to be better than what somebody had set the endpoint to"
	case !s.SetByHand && s.OnTimeout == Promote:
		return DecidePromote, none + ", and onTimeout is promote"
	case s.LastResort && better:
		return DecidePromote, fmt.Sprintf("%s, and as last resort: it is better than the base model that would serve otherwise (%s)", none, Points(*s.Difference))
	}
	return DecideReject, none + ", and onTimeout is reject"
}

// MaxRejected is the share of rejected lines above which a dataset is not trained on or tested with,
// unless the request says otherwise: Microsoft calls above 95 % accepted fine (learn.microsoft.com, "Speech to text FAQ").
const MaxRejected = 0.05

// FewLines is the number of lines below which a share of rejected lines says little: such data is warned of and used,
// as Microsoft's own samples of one or two lines must be.
const FewLines = 20

// TooManyRejected tells whether more than the share limit of the lines was rejected. It is the one rule for what the
// service counted and for what a check of a file foresees.
func TooManyRejected(rejected, lines int64, limit float64) bool {
	return lines > 0 && float64(rejected)/float64(lines) > limit+tolerance
}

// JudgeRejected tells why too much of a dataset was rejected to use it, or what to warn of when it has fewer than
// FewLines; both are "" when nothing is wrong or the service did not say.
func JudgeRejected(accepted, rejected *int64, limit float64) (refusal, warning string) {
	if accepted == nil || rejected == nil || *accepted+*rejected == 0 {
		return "", ""
	}
	lines := *accepted + *rejected
	if !TooManyRejected(*rejected, lines, limit) {
		return "", ""
	}
	share := float64(*rejected) / float64(lines)
	fault := fmt.Sprintf("%d of its %s rejected (%s), more than the %s allowed", *rejected, were(lines), Percent(share), Percent(limit))
	if lines < FewLines {
		return "", fmt.Sprintf("%s; it is used all the same, as it has fewer than %d lines", fault, FewLines)
	}
	return fault, ""
}

func were(lines int64) string {
	if lines == 1 {
		return "1 line was"
	}
	return fmt.Sprintf("%d lines were", lines)
}

// Expired tells that a model no longer recognises speech, in words, or is "".
func Expired(m Model, now time.Time) string {
	if m.ExpiresAt == nil || m.ExpiresAt.After(now) {
		return ""
	}
	return fmt.Sprintf("%s expired on %s", m.DisplayName, date(*m.ExpiresAt))
}
