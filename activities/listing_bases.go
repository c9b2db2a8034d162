package activities

import (
	"maps"
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// indexBases also finds the models of which there is no word error rate, whatever an evaluation says.
func (l *listing) indexBases() {
	l.baseByID, l.silent = map[string]speech.BaseModel{}, map[string]bool{}
	for _, bases := range l.bases {
		for _, m := range bases {
			l.baseByID[m.ID()] = m
			l.silent[m.ID()] = lifecycle.DisplayOnly(baseModel(m))
		}
	}
	for _, m := range l.models {
		l.silent[m.ID()] = lifecycle.DisplayOnly(lifecycle.Model{Custom: true, Formats: m.Properties.Features.SupportedOutputFormats}) || l.silent[refID(m.BaseModel)]
	}
}

// withBases is the listing with the base models of one more locale.
func (l *listing) withBases(locale string, listed []speech.BaseModel) *listing {
	more := *l
	more.bases = maps.Clone(l.bases)
	if more.bases == nil {
		more.bases = map[string][]speech.BaseModel{}
	}
	more.bases[strings.ToLower(locale)] = listed
	more.indexBases()
	return &more
}

// hasBases tells that the base models of a locale were listed, though there may be none.
func (l *listing) hasBases(locale string) bool {
	_, have := l.bases[strings.ToLower(locale)]
	return have
}

// basesOf are the base models of a locale.
func (l *listing) basesOf(locale string) []lifecycle.Model {
	return baseModels(l.bases[strings.ToLower(locale)])
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
