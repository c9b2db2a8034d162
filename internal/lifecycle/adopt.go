package lifecycle

import (
	"fmt"
	"time"
)

// AdoptFacts is what the rules need to know of a version that somebody wants to take over.
type AdoptFacts struct {
	Model Model
	// Owner and Name are its marks sr.owner and sr.model; empty without.
	Owner, Name string
}

// RefuseAdoption tells why a version cannot become the champion of the model, or "". now is the service's.
func RefuseAdoption(v AdoptFacts, model, locale, owner string, now time.Time) string {
	switch {
	case !v.Model.Custom:
		return "is a base model: only a custom model can be taken over"
	case v.Model.Status != StatusSucceeded:
		return fmt.Sprintf("is %s, not %s", orUnknown(v.Model.Status), StatusSucceeded)
	case !SameLocale(v.Model.Locale, locale):
		return fmt.Sprintf("is of locale %s, not %s", v.Model.Locale, locale)
	case v.Owner != "" && v.Owner != owner:
		return fmt.Sprintf("belongs to another installation (sr.owner %q, ours is %q)", v.Owner, owner)
	case v.Name != "" && v.Name != model:
		return fmt.Sprintf("belongs to the model %s", v.Name)
	case v.Model.ExpiresAt != nil && !v.Model.ExpiresAt.After(now):
		return "expired on " + date(*v.Model.ExpiresAt)
	}
	return ""
}
