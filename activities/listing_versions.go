package activities

import (
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

func (l *listing) indexVersions() {
	l.modelAt, l.versions = map[string]int{}, map[modelKey][]int{}
	for i, m := range l.models {
		l.modelAt[m.ID()] = i
		if l.ours(m.Object) {
			key := keyOf(m.CustomProperties[lifecycle.MarkModel], m.Locale)
			l.versions[key] = append(l.versions[key], i)
		}
	}
}

// modelsOf are the versions of a model as the service shows them, in the order of the list.
func (l *listing) modelsOf(s Scope) []speech.CustomModel {
	l.need(speech.KindModel)
	var models []speech.CustomModel
	for _, i := range l.versions[keyOf(s.Model, s.Locale)] {
		models = append(models, l.models[i])
	}
	return models
}

// versionsOf are the versions of a model, newest first.
func (l *listing) versionsOf(s Scope) []lifecycle.Version {
	l.need(speech.KindModel)
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
	l.need(speech.KindModel)
	var versions []lifecycle.Version
	for _, m := range l.models {
		if l.ours(m.Object) && lifecycle.SameLocale(m.Locale, locale) && foreign(m, l.of.home) {
			versions = append(versions, l.version(m))
		}
	}
	return versions
}

// version is a version with all that was listed of it. Without endpoints it is in no use, and without evaluations it has no
// tests, as far as is known: rules that delete on that strength look again.
func (l *listing) version(m speech.CustomModel) lifecycle.Version {
	l.need(speech.KindModel)
	v := versionOf(m, l.of.home)
	v.BaseModel = speech.Clean(l.baseByID[v.BaseModelID].DisplayName)
	if l.knows(speech.KindEndpoint) {
		v.InUse = l.inUse(v.ID)
	}
	if l.knows(speech.KindEvaluation) {
		v.Tests = l.testsOf(v)
	}
	return v
}
