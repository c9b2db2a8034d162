package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// NeedsQuestion is what is known of one model when it is asked what it needs a person for.
type NeedsQuestion struct {
	// Row is what the service shows; without ObservedAt it was not read, and only what Temporal knows is answered.
	Row Row
	// Scheduled tells that a schedule checks the model, Paused that it does not fire, and PauseNote why.
	Scheduled, Paused bool
	PauseNote         string
	// Dates are those of what serves, by the request of the schedule.
	Dates Dates
	// Retrain is the retrain that goes on; nil when none does.
	Retrain *RetrainSeen
	// Ended are those that have ended.
	Ended  RetrainsSeen
	Checks ChecksSeen
}

// RetrainSeen is what Temporal tells of a retrain that goes on.
type RetrainSeen struct {
	// Asks tells that it waits for a person. Report is what it says of itself; nil when no worker answers for it.
	Asks   bool
	Report *Report
	// OnTimeout is what becomes of an unanswered question by its request, and Cause why it was started; empty when not known.
	OnTimeout, Cause string
	Trouble          []Trouble
}

// ChecksSeen is what Temporal remembers of the checks that a schedule has fired.
type ChecksSeen struct {
	// Good is when the last one that succeeded ended; nil when none is remembered. Alarms are those that stood then.
	Good   *time.Time
	Alarms []Alarm
	// Failed counts those that have failed since, as far as was looked, and Since is when the first of them did. Failure is
	// what the last one ended with.
	Failed  int
	Since   time.Time
	Failure *Failure
}

// NeedsOf is what a model needs a person for, the most urgent first; none is no nil. Each says what, since when or until when,
// what happens if nobody acts, and what to do.
func NeedsOf(q NeedsQuestion) []Need {
	n := needs{NeedsQuestion: q, o: q.Row.observed(), found: []Need{}}
	n.o.Retrain = ""
	if q.Retrain != nil {
		n.o.Retrain = "goes on"
	}
	n.expires, n.serves = servedUntil(n.o)
	n.seen = !q.Row.ObservedAt.IsZero()
	n.ofApproval()
	if n.seen {
		n.ofServing()
		n.ofLeft()
		n.ofExpiry()
		n.ofNeighbours()
	}
	n.ofAlarms()
	n.ofFailed()
	n.ofChecks()
	n.ofTrouble()
	sortNeeds(n.found)
	return n.found
}

// needs is one answer in the making.
type needs struct {
	NeedsQuestion

	o Observed
	// seen tells that the service was read.
	seen bool
	// expires and serves are the end and the name of what serves; nil and empty when not known.
	expires *time.Time
	serves  string
	found   []Need
}

// urgentBefore is how long before the end of what serves a need is urgent.
const urgentBefore = 14 * Day

func (n *needs) add(need Need) {
	if need.Commands == nil {
		need.Commands = []string{}
	}
	n.found = append(n.found, need)
}

// has tells that a need of the kind was found.
func (n *needs) has(kind NeedKind) bool {
	return slices.ContainsFunc(n.found, func(f Need) bool { return f.Kind == kind })
}

// left is how long what serves still lives; ok is false when that is not known.
func (n *needs) left() (left time.Duration, ok bool) {
	if !n.seen || n.expires == nil {
		return 0, false
	}
	return n.expires.Sub(n.o.Now), true
}

// byTime is urgent when the end is near or over.
func (n *needs) byTime() Urgency {
	if left, ok := n.left(); ok && left <= urgentBefore {
		return UrgencyNow
	}
	return UrgencySoon
}

// lives says until when what serves does, and what comes then.
func (n *needs) lives() string {
	left, ok := n.left()
	switch {
	case n.serves == "" && n.seen:
		return "no version serves yet"
	case !ok:
		return "until when what serves lives is not known now"
	case left <= 0:
		return fmt.Sprintf("%s expired on %s: %s", n.serves, date(*n.expires), fallenBack(n.o.Endpoint != nil))
	}
	return Lives(n.serves, n.expires, n.o.Now, n.o.Endpoint != nil)
}

// name is the model's.
func (n *needs) name() string { return n.Row.Name }

// reasonHere stands in a command for the reason that a person has to give.
const reasonHere = ` --reason "..."`

func (n *needs) ofApproval() {
	if n.Retrain == nil || !n.Retrain.Asks {
		return
	}
	need := Need{Kind: NeedApproval, Urgency: UrgencyNow}
	answer := func(verb, version string) string { return "starter " + verb + " " + n.name() + version + reasonHere }
	r := n.Retrain.Report
	if r == nil || r.Version == nil || r.WaitingFor == nil {
		need.Message = "a version waits for an answer of a person; which one and until when is not known now, since no worker answers for its run; " + n.lives()
		need.Commands = []string{answer("approve", ""), answer("reject", "")}
		n.add(need)
		return
	}
	until := ""
	if at := r.WaitingFor.Deadline; at != nil {
		need.Until = at
		until = " until " + moment(*at)
	}
	parts := []string{fmt.Sprintf("version %s waits for an answer since %s%s; %s", r.Version.DisplayName, moment(r.WaitingFor.Since), until, n.silence(*r))}
	if v := r.Verdict; v != nil {
		parts = append(parts, fmt.Sprintf("the verdict is %s: %s", v.Result, v.Reason))
	} else {
		parts = append(parts, "it was not tested")
	}
	need.Message = strings.Join(append(parts, n.lives()), "; ")
	version := " --version " + r.Version.ID
	need.Commands = []string{answer("approve", version), answer("reject", version)}
	n.add(need)
}

// silence is what becomes of a question that nobody answers.
func (n *needs) silence(r Report) string {
	at := r.WaitingFor.Deadline
	switch {
	case n.Retrain.Cause == CauseSetByHand:
		return "without one it is promoted only if it passes and is not worse than what somebody has set the endpoint to"
	case n.Retrain.OnTimeout == Promote:
		return "without one it is promoted"
	case n.Retrain.OnTimeout == "":
		return "without one its request decides (approval.onTimeout)"
	case at != nil && n.Dates.LastResortAt != nil && !at.Before(*n.Dates.LastResortAt):
		return "without one it is rejected, or as the last resort promoted if it is better than what would serve otherwise"
	}
	return "without one it is rejected"
}

// stubborn is how many failed attempts at a step are more than the service being away for a moment.
const stubborn = 5

// ofTrouble is about a retrain that does not get on.
func (n *needs) ofTrouble() {
	if n.Retrain == nil {
		return
	}
	i := slices.IndexFunc(n.Retrain.Trouble, func(t Trouble) bool {
		passing := t.Type == nil || *t.Type == Unavailable || *t.Type == TimedOut
		return t.Kind != Retrying || !passing || t.Attempts >= stubborn
	})
	if i < 0 {
		return
	}
	t := n.Retrain.Trouble[i]
	need := Need{Kind: NeedRetrain, Urgency: n.byTime(), Until: cmp.Or(t.GivesUpAt, n.expires)}
	need.Message = "the retrain does not get on: " + t.Sentence(func(at time.Time) string { return "at " + moment(at) }) + "; " + n.lives()
	if t.Next != nil {
		need.Next = *t.Next
	} else {
		need.Commands = []string{"starter watch " + n.name()}
	}
	n.add(need)
}

// moment is a time for people, to the minute.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
