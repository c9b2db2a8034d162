package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// ServedOn is which version served a model on one day, as far as the marks on the service's objects tell.
type ServedOn struct {
	// Date is the day, in UTC.
	Date string `json:"date"`
	// Version is the one that served at the end of that day, Before the one whose place it took on that day; null when there is
	// none, or it is not known.
	Version *ServedVersion `json:"version"`
	Before  *ServedVersion `json:"before"`
	// Reason says what is known and how.
	Reason string `json:"reason"`
	// Unknown are what the marks do not tell.
	Unknown []string `json:"unknown"`
}

// ServedVersion is a version that served.
type ServedVersion struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	State       State  `json:"state"`
	// Since is the day on which it came to serve, ExpiresAt its last moment.
	Since     time.Time  `json:"since"`
	ExpiresAt *time.Time `json:"expiresAt"`
}

// OnDay is which version served on a day (UTC midnight). The marks say of each version since when it serves, or when it came to
// serve last: an earlier time of one that was rolled back to is not kept, nor is what was set by hand, nor what was deleted.
func (r Row) OnDay(day time.Time) (ServedOn, error) {
	next := day.Add(Day)
	if !r.ObservedAt.IsZero() && day.After(r.ObservedAt) {
		return ServedOn{}, fmt.Errorf("%s is yet to come: the service's now is %s", date(day), moment(r.ObservedAt))
	}
	on := ServedOn{Date: date(day), Unknown: []string{
		"what somebody had set the endpoint to by hand, and put back, left no mark",
	}}
	var served []ServedVersion
	unmarked, later := 0, 0
	for _, v := range r.Versions {
		since := ReadRecord(v.Verdict).Serves
		switch {
		case v.State != StateChampion && v.State != StateRetired && v.State != StateRolledBack:
		case since.IsZero():
			unmarked++
		case !since.Before(next):
			later++
		default:
			served = append(served, ServedVersion{ID: v.ID, DisplayName: v.DisplayName, State: v.State, Since: since, ExpiresAt: v.ExpiresAt})
		}
	}
	if unmarked > 0 {
		on.Unknown = append(on.Unknown, fmt.Sprintf("%d of its versions served at some time, and their marks do not say since when", unmarked))
	}
	if later > 0 {
		on.Unknown = append(on.Unknown, fmt.Sprintf("%d of its versions came to serve after that day; a mark keeps the last time alone, so that one that was "+
			"rolled back to may have served before", later))
	}
	slices.SortStableFunc(served, func(a, b ServedVersion) int { return b.Since.Compare(a.Since) })
	if len(served) == 0 {
		on.Reason = "no version that is still there is marked to have served on that day: it had not served yet, or what did was deleted"
		return on, nil
	}
	on.Version = &served[0]
	on.Reason = fmt.Sprintf("%s serves since %s by its mark, and no version that is still there has taken its place by the end of that day",
		served[0].DisplayName, date(served[0].Since))
	if !served[0].Since.Before(day) && len(served) > 1 {
		on.Before = &served[1]
		on.Reason = fmt.Sprintf("%s took the place of %s on that day; a mark keeps no time of day", served[0].DisplayName, served[1].DisplayName)
	}
	if at := served[0].ExpiresAt; at != nil && at.Before(next) {
		on.Reason += fmt.Sprintf("; it expired on %s: from then on the bare base model served", date(*at))
	}
	if m := r.Serving; m != nil && date(r.ObservedAt) == on.Date && m.ID != served[0].ID {
		on.Reason += fmt.Sprintf("; now the endpoint serves %s, which was set by hand", m.DisplayName)
	}
	return on, nil
}
