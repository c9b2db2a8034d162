package speech

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Filter narrows a list. The zero value lists everything; all fields given must hold. The service's
// filter language has gaps in its documentation (quotes, parentheses, case), so a value that it may
// misread is left out of the request, and every answer is compared again here.
type Filter struct {
	// DisplayName matches exactly, case included.
	DisplayName string
	// AnyName matches any of the display names given, as DisplayName does. The service is asked for it only when nothing
	// else is.
	AnyName []string
	// Locale matches without regard to case.
	Locale string
	// Statuses matches any of the statuses given.
	Statuses []Status
	// ChangedAfter keeps objects whose lastActionDateTime is later.
	ChangedAfter time.Time
}

// filterTime is the form of a date-time in a filter. Fractions are cut, which asks for more, never less.
const filterTime = "2006-01-02T15:04:05Z"

// forKind drops what the kind has no field for.
func (f Filter) forKind(k Kind) Filter {
	if k == KindProject {
		f.Statuses, f.ChangedAfter = nil, time.Time{}
	}
	return f
}

// query is the filter in the service's language: a condition that no wanted object fails. Several
// statuses go in only when alone, because the precedence of "and" and "or" is not documented and
// parentheses are not either.
func (f Filter) query() string {
	var terms []string
	add := func(field, value string) {
		if value != "" && quotable(value) {
			terms = append(terms, field+" eq '"+value+"'")
		}
	}
	add("displayName", f.DisplayName)
	add("locale", f.Locale)
	if !f.ChangedAfter.IsZero() {
		terms = append(terms, "lastActionDateTime gt "+f.ChangedAfter.UTC().Format(filterTime))
	}
	if len(f.Statuses) == 1 {
		add("status", string(f.Statuses[0]))
	}
	if len(terms) == 0 {
		if any := anyOf("displayName", f.AnyName); any != "" {
			return any
		}
		if len(f.Statuses) > 1 {
			return anyOf("status", f.Statuses)
		}
	}
	return strings.Join(terms, " and ")
}

// anyOf is the condition that a field has one of the values; "" when one of them may be misread.
func anyOf[T ~string](field string, values []T) string {
	terms := make([]string, 0, len(values))
	for _, v := range values {
		if !quotable(string(v)) {
			return ""
		}
		terms = append(terms, field+" eq '"+string(v)+"'")
	}
	return strings.Join(terms, " or ")
}

// match is the filter applied here, after the service's own.
func (f Filter) match(o Object) bool {
	switch {
	case f.DisplayName != "" && o.DisplayName != f.DisplayName,
		len(f.AnyName) > 0 && !slices.Contains(f.AnyName, o.DisplayName),
		f.Locale != "" && !strings.EqualFold(o.Locale, f.Locale),
		len(f.Statuses) > 0 && !slices.Contains(f.Statuses, o.Status),
		!f.ChangedAfter.IsZero() && !o.LastActionDateTime.After(f.ChangedAfter):
		return false
	}
	return true
}

// Filterable reports whether the service can be asked for a display name; a list for any other is read whole.
func Filterable(displayName string) bool { return displayName != "" && quotable(displayName) }

// quotable reports whether a value can stand between the quotes of a filter: how a quote itself is
// escaped there is not documented.
func quotable(v string) bool {
	return !strings.ContainsFunc(v, func(r rune) bool { return r == '\'' || unicode.IsControl(r) })
}
