package lifecycle

import (
	"fmt"
	"strings"
)

// ofAlarms are those that stood at the last good check, as far as the service itself does not show them better: an expiry
// and what serves are read anew. What a retrain may have mended since is not told again.
func (n *needs) ofAlarms() {
	if n.Checks.Good == nil {
		n.ofMark()
		return
	}
	champion := championOf(n.o)
	for _, alarm := range n.Checks.Alarms {
		kind := NeedKind(alarm.Kind)
		need := Need{
			Kind: kind, Urgency: n.byTime(), Message: alarm.Message + " (as of the check of " + moment(*n.Checks.Good) + ")", Next: alarm.Next,
		}
		renewed := n.Retrain != nil || champion != nil && champion.CreatedAt != nil && champion.CreatedAt.After(*n.Checks.Good)
		switch kind {
		case NeedStuck, NeedBudget:
			if renewed {
				continue
			}
		case NeedData:
		case NeedEndpointGone, NeedEndpointUnknown:
			need.Urgency = UrgencyNow
			if kind == NeedEndpointGone && n.o.Endpoint != nil {
				continue
			}
		case NeedExpiring:
			continue
		default:
			if n.seen {
				continue
			}
		}
		if kind == NeedBudget {
			need.Urgency, need.Next, need.Commands = UrgencySoon, "train it now all the same", []string{"starter run " + n.name()}
		}
		if kind == NeedStuck || kind == NeedData || !n.seen {
			need.Until = n.expires
		}
		n.add(need)
	}
}

// ofMark are the alarms that the mark remembers when Temporal does not remember the check any more.
func (n *needs) ofMark() {
	mark := AlarmMark(n.o)
	if mark == "" || mark == NoAlarm {
		return
	}
	for _, key := range strings.Split(mark, "; ") {
		kind, _, _ := strings.Cut(key, "-")
		switch NeedKind(kind) {
		case NeedStuck, NeedBudget, NeedData, NeedEndpointUnknown, NeedEndpointGone:
			if NeedKind(kind) == NeedEndpointGone && n.o.Endpoint != nil || n.has(NeedKind(kind)) {
				continue
			}
			n.add(Need{
				Kind: NeedKind(kind), Urgency: n.byTime(), Until: n.expires, Commands: n.again(),
				Message: fmt.Sprintf("the alarm %s was sent, and is not known to be over; Temporal no longer has the check that said more; %s", kind, n.lives()),
			})
		}
	}
}

// again is the command that checks the model anew; none without a schedule.
func (n *needs) again() []string {
	if !n.Scheduled {
		return nil
	}
	return []string{"starter trigger " + n.name()}
}

// ofChecks is about checks that fail: nobody sees what becomes of the model.
func (n *needs) ofChecks() {
	if n.Checks.Failed == 0 || !n.Scheduled || n.Paused {
		return
	}
	what := "the last check failed, on " + moment(n.Checks.Since)
	if n.Checks.Failed > 1 {
		what = fmt.Sprintf("the last %d checks failed, the first on %s", n.Checks.Failed, moment(n.Checks.Since))
	}
	need := Need{Kind: NeedChecks, Urgency: n.byTime(), Until: n.expires, Commands: n.again(), Next: "see why, mend it, and check again"}
	why := "why is not known to Temporal any more"
	if f := n.Checks.Failure; f != nil {
		why = f.Message
		if f.Next != nil {
			need.Next, need.Commands = *f.Next, nil
		}
	}
	need.Message = fmt.Sprintf("%s: %s; nobody sees its expiry, its endpoint and its data, and nothing renews it, until one succeeds; %s",
		what, why, n.lives())
	n.add(need)
}
