package activities

import (
	"cmp"
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
)

// rows are what the resource remembers of models, by name and locale, without their endpoints: of each that is named, in
// every locale, and an empty row where there is nothing of it; of all with our marks when none is named.
func (l *listing) rows(names []string) []lifecycle.Row {
	rows, seen := []lifecycle.Row{}, map[string]bool{}
	for key, at := range l.versions {
		if key.name == "" || len(names) > 0 && !slices.Contains(names, key.name) {
			continue
		}
		seen[key.name] = true
		row := l.row(key.name, l.models[at[len(at)-1]].Locale)
		row.Versions = l.versionsAt(at)
		rows = append(rows, row)
	}
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			rows = append(rows, l.row(name, ""))
		}
	}
	slices.SortFunc(rows, func(a, b lifecycle.Row) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Locale, b.Locale))
	})
	return rows
}

func (l *listing) row(name, locale string) lifecycle.Row {
	return lifecycle.Row{
		Name: name, Locale: locale, Versions: []lifecycle.Version{}, Resource: l.of.resource, ObservedAt: l.observedAt, Owner: l.of.owner,
	}
}
