package lifecycle

import (
	"fmt"
	"time"
)

// Parts of the lead when the model's own history does not tell.
const (
	// DefaultTraining is what a training is taken to last when none is known.
	DefaultTraining = Duration(7 * Day)
	// LeadMargin is the time for people to mend what goes wrong.
	LeadMargin = Duration(30 * Day)
	// LongestBefore is the longest renew.before that a fleet may ask for: versions live for about two years.
	LongestBefore = Duration(365 * Day)
)

// trainingOf is the longest training that the service remembers of a model, by the two dates of its
// versions, and at most what a training may last (lastActionDateTime may move later, when marks change); known
// is false when it remembers none.
func trainingOf(versions []Version, limit Duration) (longest Duration, known bool) {
	for _, v := range versions {
		if v.Status != StatusSucceeded || v.CreatedAt == nil || v.EndedAt == nil {
			continue
		}
		if took := Duration(v.EndedAt.Sub(*v.CreatedAt)); took > 0 {
			longest, known = max(longest, min(took, limit)), true
		}
	}
	if !known {
		return DefaultTraining, false
	}
	return longest, true
}

// retrainTime is the longest that a retrain of the model can be expected to take until its verdict is
// acted on: training, evaluation, and the time a person has.
func retrainTime(versions []Version, request Request) Duration {
	training, _ := trainingOf(versions, request.Limits.Training)
	return training + request.Limits.Evaluation + request.Approval.Timeout
}

// capLead holds a lead to half of the life of what it counts back from: a longer one would make every success due again
// at once. note says so; it is empty when the lead fits, or when the service does not give both dates.
func capLead(lead Duration, reason, displayName string, created, expires *time.Time) (capped Duration, why, note string) {
	if created == nil || created.IsZero() || expires == nil || !expires.After(*created) {
		return lead, reason, ""
	}
	// Whole hours: the lead is shown to people.
	most := Duration((expires.Sub(*created) / 2).Truncate(time.Hour))
	if lead <= most {
		return lead, reason, ""
	}
	why = fmt.Sprintf("half of the life of %s, %s to %s; wanted was %s: %s", displayName, date(*created), date(*expires), lead, reason)
	return most, why, fmt.Sprintf("the lead of %s is longer than half of the life of %s (%s to %s), so that every new version would be due again soon: %s is used",
		lead, displayName, date(*created), date(*expires), most)
}

// Lead is how long before its expiry a model is due, and how that came about: renew.before of the
// request, else the model's own longest training, evaluation, the time a person has, and a margin.
func Lead(versions []Version, request Request) (Duration, string) {
	if request.Renew.Before > 0 {
		return request.Renew.Before, fmt.Sprintf("renew.before is %s", request.Renew.Before)
	}
	training, known := trainingOf(versions, request.Limits.Training)
	from := "longest training so far"
	if !known {
		from = "for training, none is known yet"
	}
	if known {
		// Whole hours: the lead is shown to people.
		training = Duration(training.Std().Truncate(time.Hour)) + Duration(time.Hour)
	}
	lead := training + request.Limits.Evaluation + request.Approval.Timeout + LeadMargin
	return lead, fmt.Sprintf("%s (%s) + %s (limits.evaluation) + %s (approval.timeout) + %s (margin)",
		training, from, request.Limits.Evaluation, request.Approval.Timeout, LeadMargin)
}
