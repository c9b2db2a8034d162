package lifecycle

import (
	"cmp"
	"slices"
	"time"
)

// Version is one custom model that carries our marks.
type Version struct {
	ID          string
	DisplayName string
	Status      string
	State       State
	CreatedAt   time.Time
	ExpiresAt   *time.Time
	// Run is the mark sr.run.
	Run string
}

// MarkedChampion returns the champion of a model without endpoint: the newest Succeeded version that
// is marked so (of two created together, the one with the higher ID).
func MarkedChampion(versions []Version) (Version, bool) {
	return newest(versions, func(v Version) bool { return v.State == StateChampion && v.Status == StatusSucceeded })
}

// ServedBefore returns the version that was champion before a run put its own into its place: what a run that is
// reset after its deployment must still compare with.
func ServedBefore(versions []Version, run string) (Version, bool) {
	return newest(versions, func(v Version) bool {
		return !SameRun(v.Run, run) && v.Status == StatusSucceeded && (v.State == StateChampion || v.State == StateRetired)
	})
}

// newest is the latest of the versions that satisfy is; of two created together, the one with the higher ID.
func newest(versions []Version, is func(Version) bool) (Version, bool) {
	var found []Version
	for _, v := range versions {
		if is(v) {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		return Version{}, false
	}
	return slices.MaxFunc(found, func(a, b Version) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	}), true
}
