package lifecycle

import (
	"fmt"
	"time"
)

// ofServing is about an endpoint that does not serve what it should.
func (n *needs) ofServing() {
	if n.o.Endpoint == nil {
		return
	}
	switch {
	case modelMissing(n.o):
		need := Need{
			Kind: NeedMissing, Urgency: UrgencyNow, Commands: n.earlier(),
			Message: fmt.Sprintf("the model of endpoint %q was deleted or taken away: it serves the bare base model until another version does",
				n.o.Endpoint.DisplayName),
		}
		n.recreated(&need)
		n.add(need)
	case changedByHand(n.o):
		alarm := changedAlarm(n.o, Request{Name: n.name(), Deploy: &Deploy{}})
		need := Need{Kind: NeedChanged, Urgency: UrgencySoon, Message: alarm.Message}
		if alive := Alive(n.o.Serving, n.o.Now); !alive {
			need.Urgency = UrgencyNow
		} else if n.o.Serving.Custom {
			need.Commands = []string{fmt.Sprintf("starter adopt %s --version %s", n.name(), n.o.Serving.ID)}
			need.Until = n.o.Serving.ExpiresAt
		}
		need.Commands = append(need.Commands, n.earlier()...)
		need.Next = "keep what serves now, or go back to what was promoted last"
		if !n.Scheduled {
			need.Message += "; no schedule renews it"
		}
		n.add(need)
	}
}

// recreated says who makes what is missing or expired anew: the next check, the run that goes on, or a person.
func (n *needs) recreated(need *Need) {
	switch {
	case n.Retrain != nil:
		need.Message += "; a retrain goes on"
		need.Commands = append(need.Commands, "starter watch "+n.name())
	case n.Scheduled && n.Paused:
		need.Message += "; its checks are paused" + n.noted() + ", so nobody recreates it"
		need.Commands = append(need.Commands, "starter resume "+n.name())
	case n.Scheduled:
		need.Message += "; the next check recreates it where that can be done"
		need.Commands = append(need.Commands, "starter trigger "+n.name())
	default:
		need.Message += "; no schedule renews it"
		need.Next = "recreate it with its request: starter run --file FILE, and have it renewed: starter apply --file FLEET"
	}
}

// noted is the note of a pause in brackets.
func (n *needs) noted() string {
	if n.PauseNote == "" {
		return ""
	}
	return " (" + n.PauseNote + ")"
}

// earlier is the command that lets an earlier champion serve at once; none when there is none that has not expired.
func (n *needs) earlier() []string {
	v := earlierOf(n.o)
	if v == nil {
		return nil
	}
	return []string{fmt.Sprintf("starter rollback %s --to %s", n.name(), v.ID) + reasonHere}
}

// lastResort tells that the last resort has begun: by its schedule the model should have been renewed long before.
func (n *needs) lastResort() bool {
	if at := n.Dates.LastResortAt; at != nil {
		return !n.o.Now.Before(*at)
	}
	return n.byTime() == UrgencyNow
}

// ofExpiry is about the end of what serves. With a schedule that checks it nobody is needed before the last resort: it is
// renewed until then.
func (n *needs) ofExpiry() {
	left, ok := n.left()
	if !ok || n.has(NeedMissing) {
		return
	}
	end := Lives(n.serves, n.expires, n.o.Now, n.o.Endpoint != nil)
	near := left <= time.Duration(alarmDays[len(alarmDays)-1])*Day
	need := Need{Urgency: n.byTime(), Until: n.expires}
	switch {
	case left <= 0:
		need.Kind, need.Commands = NeedExpired, n.earlier()
		need.Message = fmt.Sprintf("%s expired on %s: %s until another version serves", n.serves, date(*n.expires), fallenBack(n.o.Endpoint != nil))
		n.recreated(&need)
	case n.Scheduled && n.Paused:
		if !near {
			return
		}
		need.Kind, need.Commands = NeedPaused, []string{"starter resume " + n.name()}
		need.Message = fmt.Sprintf("its checks are paused%s, so nothing renews it: %s", n.noted(), end)
	case !n.Scheduled:
		need.Kind, need.Message = NeedSchedule, "no schedule renews it: "+end
		need.Next = "have it renewed: starter apply --file FLEET, or retrain it in time: starter run --file FILE"
		if near {
			need.Kind, need.Message = NeedExpiring, fmt.Sprintf("no schedule renews it, and it has %s left: %s", span(left), end)
		} else {
			need.Urgency = UrgencyNote
		}
		if n.Retrain != nil && left > lastWarning*Day {
			return // it is being renewed
		}
	case left > lastWarning*Day && (n.Retrain != nil || !n.lastResort()), n.has(NeedApproval):
		return
	default:
		need.Kind = NeedExpiring
		need.Message = fmt.Sprintf("%s expires in %s, and nothing has taken its place yet: %s", n.serves, span(left), end)
		need.Commands = []string{"starter trigger " + n.name(), "starter history " + n.name()}
		if n.Retrain != nil {
			need.Commands = []string{"starter watch " + n.name()}
		}
	}
	n.add(need)
}
