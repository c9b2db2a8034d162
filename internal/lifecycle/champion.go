package lifecycle

// MarkedChampion returns the champion of a model without endpoint: the newest Succeeded version that
// is marked so; nil when there is none.
func MarkedChampion(versions []Version) *Version {
	return newest(versions, func(v Version) bool { return v.State == StateChampion && v.Status == StatusSucceeded })
}

// ServedBefore returns the version that was champion before a run put its own into its place: what a run that is
// reset after its deployment must still compare with. Nil when there is none.
func ServedBefore(versions []Version, run string) *Version {
	return newest(versions, func(v Version) bool {
		return !SameRun(v.Run, run) && v.Status == StatusSucceeded && (v.State == StateChampion || v.State == StateRetired)
	})
}

// championOf is the version of ours that serves, or that is marked to.
func championOf(o Observed) *Version {
	serving := newest(o.Versions, func(v Version) bool {
		return o.Serving != nil && o.Serving.ID == v.ID && v.State == StateChampion && v.Status == StatusSucceeded
	})
	if serving != nil {
		return serving
	}
	return MarkedChampion(o.Versions)
}

// earlierOf is the newest version that served before and may serve again: it has not expired; nil when there is none.
func earlierOf(o Observed) *Version {
	return newest(o.Versions, func(v Version) bool {
		return (o.Serving == nil || v.ID != o.Serving.ID) && v.Status == StatusSucceeded && (v.State == StateChampion || v.State == StateRetired) &&
			(v.ExpiresAt == nil || v.ExpiresAt.After(o.Now))
	})
}
