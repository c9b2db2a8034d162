package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Examined is what a worker sees of its own set-up: the result of the workflow Doctor, which changes nothing. It holds no
// secret: of addresses the host alone, of variables whether they are set.
type Examined struct {
	// Release is that of the program that looked, Owner and Home are whose its objects are.
	Release string `json:"release"`
	Owner   string `json:"owner"`
	Home    string `json:"home"`
	// Resource is the host of its Speech resource, APIVersion what it speaks there, Credential what it shows: key or token.
	Resource   string `json:"resource"`
	APIVersion string `json:"apiVersion"`
	Credential string `json:"credential"`
	// Requests is what it may send, and has sent.
	Requests RequestsExamined `json:"requests"`
	// Failure is why the service could not be read; null when it could. What follows from a reading is empty then.
	Failure *Failure `json:"failure"`
	// ObservedAt is the service's now, LookedAt that of the machine that looked; LocalClock tells that the service sent no date.
	ObservedAt time.Time        `json:"observedAt"`
	LookedAt   time.Time        `json:"lookedAt"`
	LocalClock bool             `json:"localClock"`
	Locales    []LocaleExamined `json:"locales"`
	Room       Room             `json:"room"`
	// Owners are all whose marks are on the resource, by objects; Homes are those of versions of this owner that are unfinished or
	// younger than Recent, by versions.
	Owners []Counted      `json:"owners"`
	Homes  []Counted      `json:"homes"`
	Links  []LinkExamined `json:"links"`
	Hooks  []HookExamined `json:"hooks"`
	// Signs tells that messages to web hooks are signed.
	Signs bool `json:"signs"`
	// Findings are what follows from all of it.
	Findings []Finding `json:"findings"`
}

// RequestsExamined is the part of the resource's requests that a worker may send.
type RequestsExamined struct {
	// Share is SPEECH_QUOTA_SHARE, Most how many in any 10 seconds that allows, Sent how many went in the last 10.
	Share float64 `json:"share"`
	Most  int     `json:"most"`
	Sent  int     `json:"sent"`
	// Slowed tells that the service has said within the last minute that it gets too many.
	Slowed bool `json:"slowed"`
}

// LocaleExamined is whether a locale can be trained.
type LocaleExamined struct {
	Locale string `json:"locale"`
	// Base is the newest base model that can be trained from, Usable how many there are, EndsAt until when.
	Base   string     `json:"base"`
	Usable int        `json:"usable"`
	EndsAt *time.Time `json:"endsAt"`
	// Reason says why there is none; empty when there is one.
	Reason string `json:"reason"`
}

// Counted is how much belongs to somebody.
type Counted struct {
	Of    string `json:"of"`
	Count int    `json:"count"`
}

// LinkExamined is a content URL of a request as the worker reaches it.
type LinkExamined struct {
	// Model and Path are where it stands, Env the variable that holds it; empty when the request does.
	Model string `json:"model"`
	Path  string `json:"path"`
	Env   string `json:"env"`
	Host  string `json:"host"`
	// Fault is why it gives no content; empty when it does. Missing tells that there is no URL at all.
	Fault   string `json:"fault"`
	Missing bool   `json:"missing"`
	// Seen tells that a change of the content would be seen.
	Seen bool `json:"seen"`
	// SignedUntil is when the signature in the URL ends; null when it says none.
	SignedUntil *time.Time `json:"signedUntil"`
}

// HookExamined is a web hook of requests as the worker knows it. Nothing is sent to it.
type HookExamined struct {
	Env string `json:"env"`
	// Fault is why nothing can be sent; empty when something can.
	Fault string `json:"fault"`
}

// SoonEnds is how long before the end of a signature it is to be renewed: the time that people have elsewhere, too.
const SoonEnds = LeadMargin

// Recent is the age up to which what another home has finished is told.
const Recent = Duration(90 * Day)

// fullShare is the part of a quota from which on a warning is due.
const fullShare = 0.8

// Examine is what follows from what a worker sees of its set-up.
func Examine(e Examined) []Finding {
	service := e.service()
	if e.Failure == nil {
		service = append(service, e.room()...)
		service = append(service, e.locales()...)
		service = append(service, e.neighbours()...)
	}
	return slices.Concat(service, e.links(), e.hooks())
}

// Now is the service's now, when it was read, else the machine's.
func (e Examined) Now() time.Time {
	if e.ObservedAt.IsZero() {
		return e.LookedAt
	}
	return e.ObservedAt
}

func (e Examined) service() []Finding {
	f := Findings{Area: AreaService}
	if failure := e.Failure; failure != nil {
		next := ""
		if failure.Next != nil {
			next = *failure.Next
		}
		f.Add(FindingError, "access", next, "%s", failure.Message)
		f.Add(FindingUnknown, "contents", "mend the access first", "locales, endpoints, datasets and owners of %s are not known: it could not be read", e.Resource)
		return f.List
	}
	f.OK("access", "%s takes the %s, API version %s", e.Resource, e.Credential, e.APIVersion)
	f.List = append(f.List, e.clock()...)
	if r := e.Requests; r.Slowed {
		f.Add(FindingWarning, "requests", "give each program that uses this resource a share of its requests: SPEECH_QUOTA_SHARE (1/n for n workers)",
			"the service has said within the last minute that it gets too many requests (429)")
	} else if r.Most > 0 {
		f.OK("requests", "%d of %d requests of the last 10 seconds used by this worker", r.Sent, r.Most)
	}
	if note := RegionNote(e.Resource); note != "" {
		f.Add(FindingWarning, "region", "use a resource in one of these regions, or see that trainings end in time", "%s", note)
	}
	return f.List
}

func (e Examined) clock() []Finding {
	f := Findings{Area: AreaService}
	own := OwnClock(e.Resource, e.ObservedAt, e.LookedAt, e.LocalClock)
	note := ClockNote(e.ObservedAt, e.LookedAt, e.LocalClock)
	switch {
	case own != "":
		f.OK("clock", "%s", own)
	case note != "":
		f.Add(FindingWarning, "clock", "set the clock of the machine by a time server (NTP)", "%s", note)
	default:
		f.OK("clock", "the clocks of service and worker agree to %s", max(e.ObservedAt.Sub(e.LookedAt).Abs().Round(time.Second), time.Second))
	}
	return f.List
}

func (e Examined) room() []Finding {
	f := Findings{Area: AreaService}
	for _, kind := range []struct {
		Stock
		name, setting, documented, next string
	}{
		{e.Room.Endpoints, "endpoints", "SPEECH_ENDPOINT_QUOTA", "50 for S0, 1 for F0", "delete endpoints that nobody needs"},
		{e.Room.Datasets, "datasets", "SPEECH_DATASET_QUOTA", "500 for S0, 2 for F0", "delete datasets that nothing uses: starter data list --unused"},
	} {
		stock := fmt.Sprintf("%d of %d %s; %[2]d is the worker's setting %[4]s, not the service's answer (documented: %[5]s)",
			kind.Have, kind.Quota, kind.name, kind.setting, kind.documented)
		next := kind.next + "; if the resource may have more, set " + kind.setting + " of the worker"
		switch {
		case kind.Quota == 0:
			f.OK(kind.name, "%d %s; how many there may be is not known to the worker (%s)", kind.Have, kind.name, kind.setting)
		case kind.Have >= kind.Quota:
			f.Add(FindingWarning, kind.name, next, "no room for another: %s", stock)
		case float64(kind.Have) >= fullShare*float64(kind.Quota):
			f.Add(FindingWarning, kind.name, next, "nearly full: %s", stock)
		default:
			f.OK(kind.name, "%s", stock)
		}
	}
	return f.List
}

func (e Examined) locales() []Finding {
	f := Findings{Area: AreaService}
	for _, l := range e.Locales {
		if l.Reason != "" {
			f.Add(FindingError, "locale "+l.Locale, "see which locales and base models there are, and correct locale: starter plan", "%s", l.Reason)
			continue
		}
		f.OK("locale "+l.Locale, "%s, newest %s, which can be trained from until %s", count(l.Usable, "usable base model"), l.Base, lastDay(l.EndsAt))
	}
	return f.List
}

func (e Examined) neighbours() []Finding {
	f := Findings{Area: AreaNeighbours}
	var others []string
	own := 0
	for _, o := range e.Owners {
		if o.Of == e.Owner {
			own = o.Count
			continue
		}
		others = append(others, fmt.Sprintf("%q (%s)", o.Of, count(o.Count, "object")))
	}
	if len(others) > 0 {
		f.Add(FindingWarning, "owners", "right when they are other installations of this program; if one is an earlier name of this one, "+
			"set RETRAINER_OWNER of the worker to it", "%s carries marks of other owners, too: %s; ours is %q (%s)",
			e.Resource, strings.Join(others, ", "), e.Owner, count(own, "object"))
	} else {
		f.OK("owners", "no other installation has marked anything; ours is %q (%s)", e.Owner, count(own, "object"))
	}
	others = nil
	for _, h := range e.Homes {
		if h.Of != e.Home {
			others = append(others, fmt.Sprintf("%s (%s)", h.Of, count(h.Count, "version")))
		}
	}
	if len(others) > 0 {
		f.Add(FindingWarning, "homes", "if two Temporals work as one owner, give each its own RETRAINER_OWNER; if that Temporal is lost for good, "+
			"clear what it left: starter sweep NAME --home ID",
			"versions of owner %q, unfinished or of the last %s, were begun under another Temporal namespace: %s", e.Owner, Recent, strings.Join(others, ", "))
	}
	return f.List
}

func (e Examined) links() []Finding {
	f := Findings{Area: AreaData}
	for _, l := range e.Links {
		where := l.Model + " " + l.Path
		what := "the server " + l.Host
		renew := "put a new URL into the request"
		if l.Env != "" {
			what += " (variable " + l.Env + ")"
			renew = "set " + l.Env + " where the worker runs to a new URL, and restart the worker"
		}
		switch {
		case l.Missing:
			f.Add(FindingError, where, renew, "%s", l.Fault)
		case l.SignedUntil != nil && !l.SignedUntil.After(e.Now()):
			f.Add(FindingError, where, renew, "%s: the signature of the URL has ended on %s", what, date(*l.SignedUntil))
		case l.Fault != "":
			f.Add(FindingError, where, "open the URL where the worker runs; then "+renew, "%s %s", what, l.Fault)
		case l.SignedUntil != nil && l.SignedUntil.Before(e.Now().Add(SoonEnds.Std())):
			f.Add(FindingWarning, where, renew, "%s: the signature of the URL ends on %s, in %s", what, date(*l.SignedUntil), span(l.SignedUntil.Sub(e.Now())))
		case !l.Seen:
			f.Add(FindingWarning, where, "let the server send ETag or Last-Modified",
				"%s sends neither ETag nor Last-Modified: a change of the data cannot be seen", what)
		case l.SignedUntil != nil:
			f.OK(where, "%s answers; the signature of the URL ends on %s", what, date(*l.SignedUntil))
		default:
			f.OK(where, "%s answers", what)
		}
	}
	return f.List
}

func (e Examined) hooks() []Finding {
	f := Findings{Area: AreaHooks}
	usable := 0
	for _, h := range e.Hooks {
		if h.Fault != "" {
			f.Add(FindingError, h.Env, "set "+h.Env+" where the worker runs, and restart the worker", "%s: its messages reach nobody", h.Fault)
			continue
		}
		usable++
		f.OK(h.Env, "the worker has an address in it; nothing was sent")
	}
	if usable > 0 && !e.Signs {
		f.Add(FindingWarning, "signatures", "set RETRAINER_WEBHOOK_SECRET where the worker runs, if receivers are to tell its messages from others'",
			"messages are not signed: the worker has no RETRAINER_WEBHOOK_SECRET")
	}
	return f.List
}

// lastDay is a day that may not be known.
func lastDay(t *time.Time) string {
	if t == nil {
		return "an unknown day"
	}
	return date(*t)
}

// ExamineLocale is whether a locale can be trained, by the base models that are listed for it.
func ExamineLocale(locale string, bases []Model, now time.Time) LocaleExamined {
	q := BaseQuestion{Locale: locale, Now: now}
	choice := ChooseBase(bases, q)
	seen := LocaleExamined{Locale: locale}
	if choice.Model == nil {
		seen.Reason = choice.Reason
		return seen
	}
	seen.Base, seen.EndsAt = choice.Model.DisplayName, choice.Model.AdaptationEndsAt
	seen.Usable = len(slices.DeleteFunc(slices.Clone(bases), func(m Model) bool {
		return slices.ContainsFunc(choice.Refused, func(r Refusal) bool { return r.ID == m.ID }) || m.Custom || !SameLocale(m.Locale, locale)
	}))
	return seen
}

// StillOfHome tells that a version is its home's alone: it is unfinished, or recent.
func StillOfHome(state State, created, now time.Time) bool {
	return slices.Contains([]State{StateCandidate, StateDeploying, StateAbandoned}, state) || now.Sub(created) < Recent.Std()
}

// And adds what another question of the same worker showed of further models.
func (e Examined) And(more Examined) Examined {
	for _, l := range more.Locales {
		if !slices.ContainsFunc(e.Locales, func(have LocaleExamined) bool { return have.Locale == l.Locale }) {
			e.Locales = append(e.Locales, l)
		}
	}
	for _, h := range more.Hooks {
		if !slices.ContainsFunc(e.Hooks, func(have HookExamined) bool { return have.Env == h.Env }) {
			e.Hooks = append(e.Hooks, h)
		}
	}
	e.Links = append(e.Links, more.Links...)
	e.Findings = Examine(e)
	return e
}
