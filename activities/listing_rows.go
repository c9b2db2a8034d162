package activities

import (
	"encoding/json"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// mostBytes is how large the rows of one answer may be together as JSON, unless it is a single one: a workflow's result may
// have 2 MiB.
const mostBytes = 1 << 20

// rows are what the resource remembers of models, by name and locale, without their endpoints: of each that is named, in
// every locale, and an empty row where there is nothing of it; of all with our marks when none is named. It begins after
// a key; next is what the rest begins after, nil when there is none.
func (l *listing) rows(names []string, after *lifecycle.RowKey) (rows []lifecycle.Row, next *lifecycle.RowKey) {
	versions := l.rowVersions(names)
	keys := make([]lifecycle.RowKey, 0, len(versions))
	for key := range versions {
		if after == nil || key.Compare(*after) > 0 {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, lifecycle.RowKey.Compare)
	others, rivals := l.strangers()
	rows = []lifecycle.Row{}
	size := 0
	for _, key := range keys {
		row := lifecycle.Row{
			Name: key.Name, Locale: key.Locale, Versions: l.versionsAt(versions[key]), Resource: l.of.resource, ObservedAt: l.observedAt,
			CrawledAt: l.crawledAt, CrawlSlow: l.crawlSlow, Owner: l.of.owner, OtherOwners: others, Rivals: rivals[keyOf(key.Name, key.Locale)],
		}
		text, _ := json.Marshal(row) // it cannot fail, and an answer that is too large would
		if size += len(text); len(rows) == lifecycle.MostRows || len(rows) > 0 && size > mostBytes {
			last := rows[len(rows)-1].Key()
			return rows, &last
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// rowVersions are the rows that there are, each with where its versions stand.
func (l *listing) rowVersions(names []string) map[lifecycle.RowKey][]int {
	wanted, seen := map[string]bool{}, map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	rows := map[lifecycle.RowKey][]int{}
	for key, at := range l.versions {
		if key.name != "" && (len(names) == 0 || wanted[key.name]) {
			seen[key.name] = true
			rows[lifecycle.RowKey{Name: key.name, Locale: l.models[at[len(at)-1]].Locale}] = at
		}
	}
	for name := range wanted {
		if !seen[name] {
			rows[lifecycle.RowKey{Name: name}] = nil
		}
	}
	return rows
}

// mostStrangers bounds how many other installations a row names: each row names them all.
const mostStrangers = 8

// strangers are the marks sr.owner of other installations on the models of the resource, sorted, and by model those that
// have versions of one of its name and locale.
func (l *listing) strangers() (owners []string, of map[modelKey][]string) {
	of = map[modelKey][]string{}
	add := func(all []string, owner string) []string {
		if at, there := slices.BinarySearch(all, owner); !there {
			all = slices.Insert(all, at, owner)
		}
		return all[:min(len(all), mostStrangers)]
	}
	for _, m := range l.models {
		if owner := speech.Clean(m.CustomProperties[lifecycle.MarkOwner]); owner != "" && !l.ours(m.Object) {
			owners = add(owners, owner)
			if name := m.CustomProperties[lifecycle.MarkModel]; name != "" {
				key := keyOf(name, m.Locale)
				of[key] = add(of[key], owner)
			}
		}
	}
	return owners, of
}
