package lifecycle

import "fmt"

// EndpointFacts is what the rules need to know of an endpoint.
type EndpointFacts struct {
	Locale string
	// Owner is its mark sr.owner; empty for one made by hand.
	Owner string
}

// RefuseEndpoint tells why an endpoint may not be used for a model of the locale, or "". One made by
// hand may be used; one of another installation may not.
func RefuseEndpoint(e EndpointFacts, locale, owner string) string {
	switch {
	case !SameLocale(e.Locale, locale):
		return fmt.Sprintf("is of locale %s, the request of %s", e.Locale, locale)
	case e.Owner != "" && e.Owner != owner:
		return fmt.Sprintf("belongs to another installation (sr.owner %q, ours is %q)", e.Owner, owner)
	}
	return ""
}
