package activities

import (
	"maps"
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// silent tells that there is no word error rate of a model, whatever an evaluation says.
func (l *listing) silent(id string) bool {
	if m, ok := l.model(id); ok {
		formats := lifecycle.Model{Custom: true, Formats: m.Properties.Features.SupportedOutputFormats}
		return lifecycle.DisplayOnly(formats) || l.silent(refID(m.BaseModel))
	}
	m, ok := l.baseByID[id]
	return ok && lifecycle.DisplayOnly(baseModel(m))
}

// withBases is the listing with the base models of one more locale.
func (l *listing) withBases(locale string, listed []speech.BaseModel) *listing {
	more := *l
	more.bases, more.baseByID = maps.Clone(l.bases), maps.Clone(l.baseByID)
	if more.bases == nil {
		more.bases, more.baseByID = map[string][]speech.BaseModel{}, map[string]speech.BaseModel{}
	}
	more.bases[strings.ToLower(locale)] = listed
	for _, m := range listed {
		more.baseByID[m.ID()] = m
	}
	return &more
}

// basesOf are the base models of a locale.
func (l *listing) basesOf(locale string) []lifecycle.Model {
	return baseModels(l.bases[strings.ToLower(locale)])
}

// sources are what a version of a locale can have been trained from: base models, and custom models that a request named.
func (l *listing) sources(locale string) []lifecycle.Model {
	sources := l.basesOf(locale)
	for _, m := range l.models {
		if lifecycle.SameLocale(m.Locale, locale) {
			sources = append(sources, customModel(m))
		}
	}
	return sources
}

// locales are those of our versions.
func (l *listing) locales() []string {
	var locales []string
	for _, m := range l.models {
		same := func(locale string) bool { return lifecycle.SameLocale(locale, m.Locale) }
		if l.ours(m.Object) && !slices.ContainsFunc(locales, same) {
			locales = append(locales, m.Locale)
		}
	}
	return locales
}
