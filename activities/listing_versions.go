package activities

import (
	"cmp"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

func (l *listing) indexVersions() {
	l.modelAt, l.versions, l.inUse = map[string]int{}, map[modelKey][]int{}, map[string]bool{}
	for i, m := range l.models {
		l.modelAt[m.ID()] = i
		if l.ours(m.Object) {
			key := keyOf(m.CustomProperties[lifecycle.MarkModel], m.Locale)
			l.versions[key] = append(l.versions[key], i)
		}
	}
	for _, e := range l.endpoints {
		if e.Model != nil {
			l.inUse[e.Model.ID()] = true
		}
	}
}

// isOf tells whether an object carries our owner and the model's name, and is of its locale: a version of another locale
// is another model's.
func isOf(marks map[string]string, locale string, s Scope, owner string) bool {
	return lifecycle.Ours(marks, owner) && marks[lifecycle.MarkModel] == s.Model && lifecycle.SameLocale(locale, s.Locale)
}

// modelsOf are the versions of a model as the service shows them, in the order of the list.
func (l *listing) modelsOf(s Scope) []speech.CustomModel {
	var models []speech.CustomModel
	for _, i := range l.versions[keyOf(s.Model, s.Locale)] {
		models = append(models, l.models[i])
	}
	return models
}

// versionsOf are the versions of a model, newest first.
func (l *listing) versionsOf(s Scope) []lifecycle.Version {
	return l.versionsAt(l.versions[keyOf(s.Model, s.Locale)])
}

func (l *listing) versionsAt(at []int) []lifecycle.Version {
	versions := make([]lifecycle.Version, 0, len(at))
	for _, i := range at {
		versions = append(versions, l.version(l.models[i]))
	}
	lifecycle.SortVersions(versions)
	return versions
}

// foreignIn are our versions of a locale that no run of this home made, as far as their marks say.
func (l *listing) foreignIn(locale string) []lifecycle.Version {
	var versions []lifecycle.Version
	for _, m := range l.models {
		if l.ours(m.Object) && lifecycle.SameLocale(m.Locale, locale) && foreign(m, l.of.home) {
			versions = append(versions, l.version(m))
		}
	}
	return versions
}

// version is a version with all that was listed of it.
func (l *listing) version(m speech.CustomModel) lifecycle.Version {
	v := versionOf(m, l.of.home)
	v.InUse = l.inUse[v.ID]
	v.BaseModel = speech.Clean(l.baseByID[v.BaseModelID].DisplayName)
	v.Tests = l.testsOf(v)
	return v
}

// versionOf is a version as it shows by itself; home is that of this installation.
func versionOf(m speech.CustomModel, home string) lifecycle.Version {
	p := m.CustomProperties
	v := lifecycle.Version{
		ID: m.ID(), URL: m.Self.String(), DisplayName: speech.Clean(m.DisplayName), Status: string(m.Status),
		State: lifecycle.State(p[lifecycle.MarkState]), CreatedAt: stamp(m.CreatedDateTime), BaseModelID: refID(m.BaseModel),
		Model: p[lifecycle.MarkModel], Run: p[lifecycle.MarkRun], Step: stepOf(p), Foreign: foreign(m, home),
		Input: p[lifecycle.MarkInput], Alarm: speech.Clean(p[lifecycle.MarkAlarm]), Verdict: speech.Clean(p[lifecycle.MarkVerdict]),
		DatasetIDs: []string{}, Tests: []lifecycle.ObservedTest{},
	}
	if t := m.Properties.DeprecationDates.TranscriptionDateTime; t != nil {
		v.ExpiresAt = stamp(*t)
	}
	if m.Status.Terminal() {
		v.EndedAt = stamp(m.LastActionDateTime)
	}
	for _, ref := range m.Datasets {
		v.DatasetIDs = append(v.DatasetIDs, ref.ID())
	}
	return v
}

// foreign tells that no run of this home made a version, as far as its mark says.
func foreign(m speech.CustomModel, home string) bool {
	of, _ := lifecycle.SplitRun(m.CustomProperties[lifecycle.MarkRun])
	return of != home
}

// stepOf is the mark sr.step of a version: one that found no room for it was trained all the same.
func stepOf(marks map[string]string) string {
	return cmp.Or(marks[lifecycle.MarkStep], lifecycle.StepTrain)
}
