package lifecycle

import (
	"cmp"
	"slices"
	"time"
)

// NeedKind is what a model needs a person for.
type NeedKind string

// The kinds of needs, those of alarms among them.
const (
	// NeedApproval: a version waits for an answer.
	NeedApproval NeedKind = "approval"
	// NeedExpired, NeedMissing and NeedChanged: what serves is not what should.
	NeedExpired NeedKind = AlarmExpired
	NeedMissing NeedKind = AlarmMissing
	NeedChanged NeedKind = AlarmChanged
	// NeedExpiring: the end comes near and nothing is about to take the place of what serves.
	NeedExpiring NeedKind = AlarmExpiring
	// NeedStuck, NeedBudget, NeedData, NeedEndpointGone and NeedEndpointUnknown are what the last check has found.
	NeedStuck           NeedKind = AlarmStuck
	NeedBudget          NeedKind = AlarmBudget
	NeedData            NeedKind = AlarmData
	NeedEndpointGone    NeedKind = AlarmEndpointGone
	NeedEndpointUnknown NeedKind = AlarmEndpointUnknown
	// NeedChecks: the checks fail, so that nobody sees what becomes of the model.
	NeedChecks NeedKind = "checks"
	// NeedSchedule: it serves, and no schedule renews it.
	NeedSchedule NeedKind = "unscheduled"
	// NeedPaused: its checks are paused, and its end comes near.
	NeedPaused NeedKind = "paused"
	// NeedOwners and NeedHomes: another installation makes versions of the same model on this resource.
	NeedOwners NeedKind = "owners"
	NeedHomes  NeedKind = "homes"
	// NeedRetrain: the retrain that goes on does not get on.
	NeedRetrain NeedKind = "retrain"
	// NeedFailed: the last retrain has failed.
	NeedFailed NeedKind = "failed"
	// NeedEndpointLeft: another endpoint of the model is still there, and nothing renews it.
	NeedEndpointLeft NeedKind = "endpointLeft"
)

// Urgency is how soon a person is needed.
type Urgency string

// The urgencies, most urgent first. What is only to be known needs nobody yet: it does not count for the exit code.
const (
	UrgencyNow  Urgency = "now"
	UrgencySoon Urgency = "soon"
	UrgencyNote Urgency = "note"
)

// rank orders urgencies, the most urgent first.
func (u Urgency) rank() int { return slices.Index([]Urgency{UrgencyNow, UrgencySoon, UrgencyNote}, u) }

// Compare is negative when u is more urgent than other.
func (u Urgency) Compare(other Urgency) int { return cmp.Compare(u.rank(), other.rank()) }

// Need is what a model needs a person for.
type Need struct {
	Kind    NeedKind `json:"kind"`
	Urgency Urgency  `json:"urgency"`
	// Message is a sentence: what, since when, until when, and what happens if nobody acts.
	Message string `json:"message"`
	// Next says what to do; empty when the commands say it.
	Next string `json:"next"`
	// Commands are to be copied, each alone, the most advisable first.
	Commands []string `json:"commands"`
	// Until is when something happens if nobody acts; nil when that is not known, or has happened.
	Until *time.Time `json:"until"`
}

// NeedsPerson tells that a person is needed by one of them: not by what is only to be known.
func NeedsPerson(needs []Need) bool {
	return slices.ContainsFunc(needs, func(n Need) bool { return n.Urgency != UrgencyNote })
}

// sortNeeds puts the most urgent first, and of those what happens first.
func sortNeeds(needs []Need) {
	slices.SortStableFunc(needs, func(a, b Need) int { return a.Compare(b) })
}

// byWeight are the kinds of needs in the order in which they are told within one urgency: what callers suffer from already, who waits
// for an answer, then what is to come.
var byWeight = []NeedKind{
	NeedExpired, NeedMissing, NeedEndpointGone, NeedEndpointUnknown, NeedChanged, NeedApproval, NeedExpiring, NeedEndpointLeft, NeedPaused, NeedStuck,
	NeedFailed, NeedChecks, NeedRetrain, NeedData, NeedBudget, NeedOwners, NeedHomes, NeedSchedule,
}

// Compare is negative when n comes before other: it is more urgent, weighs more, or happens earlier.
func (n Need) Compare(other Need) int {
	by := cmp.Or(n.Urgency.Compare(other.Urgency), cmp.Compare(slices.Index(byWeight, n.Kind), slices.Index(byWeight, other.Kind)))
	if by != 0 || n.Until == nil && other.Until == nil {
		return by
	}
	switch {
	case n.Until == nil:
		return 1
	case other.Until == nil:
		return -1
	}
	return n.Until.Compare(*other.Until)
}
