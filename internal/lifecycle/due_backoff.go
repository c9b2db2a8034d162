package lifecycle

import (
	"cmp"
	"fmt"
)

// backOff holds a retrain back for a while after one that came to nothing. Near the expiry the pause is a day
// at most: a version may then pass as last resort that failed before.
func (d *due) backOff() {
	d.answer.Due = true
	failed := d.unsuccessful()
	if failed == nil {
		d.answer.NextCheck = nil
		return
	}
	pause := d.request.Renew.RetryAfter
	if d.urgent {
		pause = min(pause, urgentRetry)
	}
	ended := cmp.Or(failed.EndedAt, failed.CreatedAt)
	if ended == nil {
		return
	}
	again := ended.Add(pause.Std())
	if !again.After(d.Now) {
		d.answer.NextCheck = nil
		return
	}
	d.answer.Due, d.answer.NextCheck = false, &again
	if at := d.expires; at != nil && !d.urgent {
		// From here on the pause is shorter.
		d.next(latest(at.Add(-d.lastPart()), ended.Add(min(pause, urgentRetry).Std())))
	}
	d.answer.Reason = fmt.Sprintf("waiting until %s: version %s was %s, and renew.retryAfter is %s; then: %s",
		date(again), failed.DisplayName, failed.State, pause, d.answer.Reason)
}

// unsuccessful is the newest version after the champion that was rejected or failed.
func (d *due) unsuccessful() *Version {
	for i, v := range d.Versions {
		if d.champion != nil && v.ID == d.champion.ID {
			return nil
		}
		if v.State == StateRejected || v.State == StateFailed {
			return &d.Versions[i]
		}
	}
	return nil
}
