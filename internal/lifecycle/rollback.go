package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// RefuseRollback tells why a version may not serve again, or "". ours tells whether it carries our owner
// and the model's name. now is the service's.
func RefuseRollback(v Version, ours bool, now time.Time) string {
	switch {
	case !ours:
		return "is not a version of this model made by this installation"
	case v.Status != StatusSucceeded:
		return fmt.Sprintf("has status %s, not %s", orUnknown(v.Status), StatusSucceeded)
	case v.State != StateChampion && v.State != StateRetired:
		return fmt.Sprintf("is %s: only a version that was champion may serve again", orUnknown(string(v.State)))
	case v.ExpiresAt != nil && !v.ExpiresAt.After(now):
		return fmt.Sprintf("expired on %s", date(*v.ExpiresAt))
	}
	return ""
}

// ServedNow is what a model's endpoint refers to.
type ServedNow struct {
	// Endpoint tells that the model has one.
	Endpoint bool
	// ModelID is what it refers to; empty when it refers to nothing.
	ModelID string
}

// ChooseRollback is the version to go back to, or why there is none: the newest earlier champion that may serve again.
// When what serves is no champion and no earlier one (somebody has set the endpoint to a base model or another version)
// it is the champion itself.
func ChooseRollback(versions []Version, served ServedNow, now time.Time) (Version, string) {
	champion := MarkedChampion(versions)
	ours := slices.ContainsFunc(versions, func(v Version) bool {
		return v.ID == served.ModelID && (v.State == StateChampion || v.State == StateRetired)
	})
	if served.Endpoint && champion != nil && !ours && RefuseRollback(*champion, true, now) == "" {
		return *champion, ""
	}
	earlier := newest(versions, func(v Version) bool { return v.State == StateRetired && RefuseRollback(v, true, now) == "" })
	if earlier == nil {
		return Version{}, "there is no earlier champion that has not expired"
	}
	return *earlier, ""
}

// RefuseRollbackNow tells why no rollback may begin while a retrain of the model is in a stage, or "".
// The stage is empty when none runs.
func RefuseRollbackNow(stage Stage) string {
	if stage == StageDeploy || stage == StageVerify {
		return fmt.Sprintf("a retrain of this model is in stage %s and changes the endpoint now", stage)
	}
	return ""
}

// RefuseTested tells why a version cannot be tested now, or "".
func RefuseTested(m Model, locale string, now time.Time) string {
	switch {
	case m.Status != StatusSucceeded:
		return fmt.Sprintf("version %s has status %s, not %s", m.DisplayName, orUnknown(m.Status), StatusSucceeded)
	case !SameLocale(m.Locale, locale):
		return fmt.Sprintf("version %s is of locale %s, the request of %s", m.DisplayName, m.Locale, locale)
	}
	return Expired(m, now)
}
