package lifecycle

import "fmt"

// DatasetSeen is what the rules need to know of an existing dataset.
type DatasetSeen struct {
	Kind, Locale string
}

// RefuseDataset tells why an existing dataset cannot be used in a request for the locale, or "" when
// it can. kind is empty when the request does not say one.
func RefuseDataset(d DatasetSeen, kind, locale string) string {
	switch {
	case !SameLocale(d.Locale, locale):
		return fmt.Sprintf("is of locale %s, the request of %s", d.Locale, locale)
	case kind != "" && d.Kind != kind:
		return fmt.Sprintf("is of kind %s, the request says %s", d.Kind, kind)
	}
	return ""
}
