package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RetrainsSeen is what Temporal remembers of the newest retrains of a model, when they have failed. One that was canceled, or whose
// version was rejected, has not: it ends the row of failures, as a success does.
type RetrainsSeen struct {
	// Failed counts those that have failed in a row, as far as was looked; 0 when the newest has not. Since is when the first of
	// them ended, and At when the newest did, by Temporal's clock.
	Failed    int
	Since, At time.Time
	// Failure is what the newest ended with; nil when that was not read. Cause is why it was started: empty when a person did.
	Failure *Failure
	Cause   string
}

// SucceededSince tells that a version of another home that serves or has served is younger than an age. Of this home's runs Temporal
// itself tells which came later. The service's clock and Temporal's may differ, so ages are compared, and as much is left between them as a
// look at the service may be old.
func (r Row) SucceededSince(age time.Duration) bool {
	return slices.ContainsFunc(r.Versions, func(v Version) bool {
		served := v.State == StateChampion || v.State == StateRetired
		return v.Foreign && served && v.CreatedAt != nil && r.ObservedAt.Sub(*v.CreatedAt) < age-lookAge
	})
}

// lookAge is more than a look at the service may be old when it is shown.
const lookAge = 15 * time.Minute

// ofFailed is about retrains that have failed, for whatever reason and however early: the service has no mark of those that came to no
// version.
func (n *needs) ofFailed() {
	e := n.Ended
	if e.Failed == 0 || n.Retrain != nil {
		return
	}
	need := Need{Kind: NeedFailed, Urgency: n.byTime(), Until: n.expires, Commands: []string{"starter report " + n.name()}}
	why := "why stands in its report"
	if f := e.Failure; f != nil {
		why = strings.TrimPrefix(string(f.Type)+", "+f.Message, ", ")
		if f.Next != nil {
			need.Next = *f.Next
		}
	}
	need.Message = fmt.Sprintf("the last retrain failed, on %s: %s", moment(e.At), why)
	if e.Failed > 1 {
		need.Message = fmt.Sprintf("the last %d retrains failed, the first on %s, the last on %s: %s", e.Failed, moment(e.Since), moment(e.At), why)
	}
	switch {
	case n.byHandTooEarly():
		need.Message += "; a person started it, before what serves is due"
		need.Urgency = UrgencyNote
	case n.Scheduled && n.Paused:
		need.Message += "; its checks are paused" + n.noted() + ", so nobody tries again"
	case n.Scheduled:
		need.Message += "; the next check that finds it due tries again, in vain while that lasts"
		need.Commands = append(need.Commands, n.again()...)
	default:
		need.Message += "; no schedule tries again"
	}
	need.Message += "; " + n.lives()
	n.add(need)
}

// byHandTooEarly tells that a person has started what failed, and was told, while what serves need not be renewed yet.
func (n *needs) byHandTooEarly() bool {
	if n.Ended.Cause != "" || n.serves == "" {
		return false
	}
	if due := n.Dates.DueAt; n.Scheduled && due != nil {
		return n.o.Now.Before(*due)
	}
	left, ok := n.left()
	return !n.Scheduled && ok && left > time.Duration(alarmDays[len(alarmDays)-1])*Day
}
