package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AdaptationMargin is how long before its adaptation date a base model is no longer chosen: a
// training that starts too late is refused by the service hours after it was asked for.
const AdaptationMargin = 24 * time.Hour

// StatusSucceeded is the one status of the service in which an object may be used.
const StatusSucceeded = "Succeeded"

// StatusFailed is the other end of a job of the service.
const StatusFailed = "Failed"

// Model is a base or custom model of whomever: what a version is trained from or compared with, or what an endpoint turns
// out to serve. It is known by its dates and abilities, and has no marks; one of ours, known by its marks, is a Version.
// Dates are the service's own; nil means the service gave none, and is never taken for "unlimited".
type Model struct {
	// ID is in small letters, as that of every object of the service: IDs are compared as they are.
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Locale      string `json:"locale"`
	Status      string `json:"status"`
	// Custom tells a custom model from one of Microsoft's.
	Custom    bool      `json:"custom"`
	CreatedAt time.Time `json:"createdAt"`
	// AdaptationEndsAt is the last moment to train from it (base models only).
	AdaptationEndsAt *time.Time `json:"adaptationEndsAt"`
	// ExpiresAt is the last moment it recognises speech.
	ExpiresAt *time.Time `json:"expiresAt"`
	// Kinds lists the dataset kinds it can be trained with; nil when the service gave no list.
	Kinds []DatasetKind `json:"kinds"`
	// Charged tells whether training from it is charged; nil when the service did not say.
	Charged *bool `json:"charged"`
	// BaseID is the base model that a custom model was trained from; empty when unknown.
	BaseID string `json:"baseId"`
	// Deployable tells whether it can serve on an endpoint; nil when the service did not say.
	Deployable *bool `json:"deployable"`
	// Formats lists the output formats of its results (Display, Lexical); nil when the service gave no list.
	Formats []string `json:"formats"`
}

// BaseQuestion is what a base model must satisfy.
type BaseQuestion struct {
	Locale string
	// Kinds are the dataset kinds that will be trained on.
	Kinds []DatasetKind
	// MinAge passes over models created less than this ago.
	MinAge Duration
	// Deny lists IDs never to be used, in small letters.
	Deny []string
	// Deploy tells that the version is meant for an endpoint.
	Deploy bool
	// Family is the family that is chosen from; empty for the ordinary base models, which give lexical text.
	Family string
	// PassedOver are models that the service would not train from a moment ago, with what it said.
	PassedOver []Refusal
	// Now is the service's.
	Now time.Time
}

// BaseChoice is the answer of ChooseBase: the model, or nil when none is usable; why; and every other
// model of the locale with the reason why it was passed over.
type BaseChoice struct {
	Model   *Model
	Reason  string
	Refused []Refusal
}

// ChooseBase picks the newest usable base model of the family: newest creation first, then lowest ID, whatever the
// order of the list. Models of other locales are not candidates and are not listed as refused.
func ChooseBase(models []Model, q BaseQuestion) BaseChoice {
	choice := BaseChoice{Refused: []Refusal{}}
	candidates := slices.Clone(models)
	slices.SortFunc(candidates, func(a, b Model) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	usable := 0
	// others are not of a family that was asked for: why those that are cannot be used goes first.
	var others []Refusal
	for i, m := range candidates {
		if !SameLocale(m.Locale, q.Locale) || m.Custom {
			continue
		}
		reason := refuseFamily(m, q.Family)
		if reason != "" && q.Family != "" {
			others = append(others, Refusal{ID: m.ID, DisplayName: m.DisplayName, Reason: reason})
			continue
		}
		if reason = cmp.Or(reason, RefuseBase(m, q)); reason != "" {
			choice.Refused = append(choice.Refused, Refusal{ID: m.ID, DisplayName: m.DisplayName, Reason: reason})
			continue
		}
		usable++
		if choice.Model == nil {
			choice.Model = &candidates[i]
		}
	}
	choice.Refused = append(choice.Refused, others...)
	for _, p := range q.PassedOver {
		if !slices.ContainsFunc(choice.Refused, func(r Refusal) bool { return r.ID == p.ID }) {
			choice.Refused = append(choice.Refused, p) // it is gone from the list meanwhile
		}
	}
	switch {
	case choice.Model == nil && len(choice.Refused) == 0:
		choice.Reason = fmt.Sprintf("the service lists no base model for %s", q.Locale)
	case choice.Model == nil:
		choice.Reason = fmt.Sprintf("none of the %d base models for %s can be used", len(choice.Refused), q.Locale)
	default:
		choice.Reason = fmt.Sprintf("newest of %s for %s that can be trained with %s; training from it ends %s",
			count(usable, usableNoun(q.Family)), q.Locale, kindNames(kindSet(q.Kinds)), date(*choice.Model.AdaptationEndsAt))
	}
	return choice
}

func usableNoun(family string) string {
	if family == FamilyWhisper {
		return "usable Whisper model"
	}
	return "usable base model"
}

// passedOver is why a model is passed over, or "".
func passedOver(m Model, q BaseQuestion) string {
	for _, p := range q.PassedOver {
		if p.ID == m.ID {
			return p.Reason
		}
	}
	return ""
}

// RefuseBase tells why a base model cannot be trained from now, or "" when it can. Its family is not asked about.
func RefuseBase(m Model, q BaseQuestion) string {
	if reason := passedOver(m, q); reason != "" {
		return reason
	}
	if slices.Contains(q.Deny, m.ID) {
		return "denied by the request"
	}
	if m.Status != StatusSucceeded {
		return fmt.Sprintf("its status is %s, not %s", orUnknown(m.Status), StatusSucceeded)
	}
	switch {
	case m.AdaptationEndsAt == nil:
		return "the service gives no adaptation date for it"
	case !m.AdaptationEndsAt.After(q.Now):
		return fmt.Sprintf("training from it ended on %s", date(*m.AdaptationEndsAt))
	case !m.AdaptationEndsAt.After(q.Now.Add(AdaptationMargin)):
		return fmt.Sprintf("training from it ends on %s, less than 24 hours from now", date(*m.AdaptationEndsAt))
	}
	if m.ExpiresAt != nil && !m.ExpiresAt.After(q.Now) {
		return fmt.Sprintf("it expired on %s", date(*m.ExpiresAt))
	}
	if m.Kinds == nil {
		return "the service does not say which data it can be trained with"
	}
	if missing := missingKinds(m.Kinds, q.Kinds); len(missing) > 0 {
		return fmt.Sprintf("it cannot be trained with %s data (only %s)", kindNames(missing), cmp.Or(kindNames(m.Kinds), "nothing"))
	}
	if q.Deploy && m.Deployable != nil && !*m.Deployable {
		return "versions of it cannot serve on an endpoint"
	}
	if age := q.Now.Sub(m.CreatedAt); age < q.MinAge.Std() {
		return fmt.Sprintf("it is younger than the asked-for %s (created %s)", q.MinAge, date(m.CreatedAt))
	}
	return ""
}

// RefuseCustomBase tells why a custom model, pinned by the request, cannot be trained from, or "" when
// it can. The service gives custom models neither an adaptation date nor a list of kinds, so only
// status, locale and expiry can be checked.
func RefuseCustomBase(m Model, q BaseQuestion) string {
	switch {
	case m.Status != StatusSucceeded:
		return fmt.Sprintf("its status is %s, not %s", orUnknown(m.Status), StatusSucceeded)
	case !SameLocale(m.Locale, q.Locale):
		return fmt.Sprintf("it is of locale %s, not %s", m.Locale, q.Locale)
	case m.ExpiresAt == nil:
		return "the service gives no expiry date for it"
	case !m.ExpiresAt.After(q.Now):
		return fmt.Sprintf("it expired on %s", date(*m.ExpiresAt))
	case q.Deploy && m.Deployable != nil && !*m.Deployable:
		return "versions of it cannot serve on an endpoint"
	}
	return ""
}

// PinnedBase judges the one model that a request names. The operator has chosen it, so minAge and
// deny do not apply, and it may be of any family unless the request names one.
func PinnedBase(m Model, q BaseQuestion) BaseChoice {
	reason := ""
	pinned := q
	pinned.MinAge, pinned.Deny = 0, nil
	switch {
	case q.Family != "" && Family(m) != q.Family:
		reason = fmt.Sprintf("it is not of the family %s, which the request asks for", q.Family)
	case m.Custom:
		reason = RefuseCustomBase(m, pinned)
	case !SameLocale(m.Locale, q.Locale):
		reason = fmt.Sprintf("it is of locale %s, not %s", m.Locale, q.Locale)
	default:
		reason = RefuseBase(m, pinned)
	}
	if reason != "" {
		return BaseChoice{
			Reason:  "the model that the request names cannot be used",
			Refused: []Refusal{{ID: m.ID, DisplayName: m.DisplayName, Reason: reason}},
		}
	}
	return BaseChoice{Model: &m, Reason: "named by the request", Refused: []Refusal{}}
}

// SameLocale compares two locales without regard to case, as the service's own lists differ in it.
func SameLocale(a, b string) bool { return strings.EqualFold(a, b) }

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
