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
			Why: fmt.Sprintf("the champion %s expires on %s, in less than %s: after that the base model %s would serve", champion.DisplayName, date(*champion.ExpiresAt), before, otherwise.DisplayName),
		}
	}
	return Opponent{Model: *champion, Label: "the champion", IsChampion: true}
}

// Fallback is the base model that the service falls back to when a version expires: the newest of the
// locale that still recognises speech (learn.microsoft.com, "Custom speech model lifecycle").
func Fallback(models []Model, locale string, now time.Time) *Model {
	var candidates []Model
	for _, m := range models {
		if !m.Custom && SameLocale(m.Locale, locale) && m.Status == StatusSucceeded && (m.ExpiresAt == nil || m.ExpiresAt.After(now)) {
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

// Unanswered is what happens to a version that nobody decided on in time.
func Unanswered(approval Approval, lastResort bool, difference *float64) (Decision, string) {
	if approval.OnTimeout == Promote {
		return DecidePromote, fmt.Sprintf("no answer within %s, and onTimeout is promote", approval.Timeout)
	}
	if lastResort && difference != nil && *difference < 0 {
		return DecidePromote, fmt.Sprintf("no answer within %s, and as last resort: it is better than the base model that would serve otherwise (%s)", approval.Timeout, Points(*difference))
	}
	return DecideReject, fmt.Sprintf("no answer within %s, and onTimeout is reject", approval.Timeout)
}

// VerdictMark is the value of sr.verdict: the verdict, the numbers of the first test, and who decided.
func VerdictMark(v *Verdict, rate, compared *float64, by, reason string) string {
	text := "untested"
	if v != nil {
		text = string(v.Result)
	}
	if rate != nil && compared != nil {
		text += fmt.Sprintf("; %.3f vs %.3f", *rate, *compared)
	}
	if by != "" {
		text += fmt.Sprintf("; %s: %s", by, reason)
	}
	return cut(text, MaxMarkValue)
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
