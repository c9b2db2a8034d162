package lifecycle

import (
	"cmp"
	"slices"
	"time"
)

// Version is one custom model that carries our marks, as every rule sees it: whether it is due, what it may replace, what
// becomes of it. Who reads it from the service fills in all that is listed of it; dates that the service does not give are
// nil. It crosses activities and is printed by starter history, but for what one look alone can know (InUse).
type Version struct {
	ID          string     `json:"id"`
	URL         string     `json:"url"`
	DisplayName string     `json:"displayName"`
	Status      string     `json:"status"`
	State       State      `json:"state"`
	CreatedAt   *time.Time `json:"createdAt"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	BaseModelID string     `json:"baseModelId"`
	// BaseModel is the display name of the base model; empty when it is gone, or the base models were not listed.
	BaseModel string `json:"baseModel"`
	// Input is the mark sr.input, and Alarm the mark sr.alarm.
	Input string `json:"input"`
	Alarm string `json:"alarm"`
	// EndedAt is when training ended (lastActionDateTime of a terminal version).
	EndedAt    *time.Time `json:"endedAt"`
	DatasetIDs []string   `json:"datasetIds"`
	// Run is the mark sr.run.
	Run string `json:"run"`
	// Foreign tells that no run of this home made it, as far as its mark says.
	Foreign bool `json:"foreign,omitempty"`
	// Verdict is the mark sr.verdict.
	Verdict string `json:"verdict"`
	// Known is what Temporal says of Run; its zero value says that Temporal was not asked.
	Known RunKnown `json:"known,omitzero"`
	// Tests are the evaluations that measured it; empty when those were not listed.
	Tests []ObservedTest `json:"tests"`

	// Model and Step are the marks sr.model and sr.step.
	Model string `json:"-"`
	Step  string `json:"-"`
	// Best is the mark sr.best.
	Best string `json:"-"`
	// InUse tells that an endpoint refers to it, ours or not.
	InUse bool `json:"-"`
}

// Report is the version as a report prints it.
func (v Version) Report() VersionReport {
	return VersionReport{
		ID: v.ID, URL: v.URL, DisplayName: v.DisplayName, Status: v.Status, State: v.State, CreatedAt: v.CreatedAt, ExpiresAt: v.ExpiresAt,
	}
}

// Terminal tells that its training has ended, one way or the other: only then the service deletes it.
func (v Version) Terminal() bool { return v.Status == StatusSucceeded || v.Status == StatusFailed }

// SortVersions puts versions newest first.
func SortVersions(versions []Version) {
	slices.SortFunc(versions, func(a, b Version) int { return compareVersions(b, a) })
}

// compareVersions orders versions by their creation; of two created together, the one with the higher ID is the newer.
func compareVersions(a, b Version) int {
	return cmp.Or(timeOf(a.CreatedAt).Compare(timeOf(b.CreatedAt)), cmp.Compare(a.ID, b.ID))
}

// newest is the newest of the versions that satisfy is; nil when none does.
func newest(versions []Version, is func(Version) bool) *Version {
	var found *Version
	for i, v := range versions {
		if is(v) && (found == nil || compareVersions(*found, v) < 0) {
			found = &versions[i]
		}
	}
	return found
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
