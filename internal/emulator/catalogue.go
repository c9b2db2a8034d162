package emulator

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Dataset kinds (schema DatasetKind).
var datasetKinds = []string{"Language", "Acoustic", "Pronunciation", "AudioFiles", "LanguageMarkdown", "OutputFormatting"}

// supported are the locales and the dataset kinds each can be trained with, in the emulator's own choosing: the real
// lists are long and change.
var supported = map[string][]string{
	"de-DE": datasetKinds,
	"en-GB": datasetKinds,
	"en-US": datasetKinds,
	"es-ES": {"Language", "Acoustic", "Pronunciation", "LanguageMarkdown", "OutputFormatting"},
	"fr-FR": {"Language", "Acoustic", "Pronunciation", "LanguageMarkdown", "OutputFormatting"},
	"hi-IN": {"Language"},
	"it-IT": {"Language", "Acoustic", "Pronunciation", "OutputFormatting"},
	"ja-JP": {"Language", "Acoustic", "OutputFormatting"},
	"ko-KR": {"Language", "Acoustic", "OutputFormatting"},
	"nl-NL": {"Language", "Pronunciation"},
	"pt-BR": {"Language", "Acoustic", "Pronunciation"},
	"zh-CN": {"Language", "Acoustic", "LanguageMarkdown"},
}

// generations is the history of base models that every locale gets, as ages in days before the start. It is awkward on
// purpose; the best choice is none of the obvious ones.
var generations = []struct {
	age     int
	suffix  string
	quality float64
	status  string
	without string // a dataset kind that cannot be trained with
	noDates bool
	free    bool
	whisper bool
}{
	{age: 3, quality: 0.93, status: running},                            // not there yet
	{age: 20, quality: 0.91, status: succeeded, without: "Acoustic"},    // the newest, not for audio
	{age: 30, quality: 0.94, status: succeeded, whisper: true},          // of another family: not for endpoints, no lexical text
	{age: 40, quality: 0.90, status: succeeded, noDates: true},          // says neither dates nor kinds
	{age: 75, quality: 0.92, status: succeeded},                         // the newest for audio, and the best
	{age: 160, quality: 0.86, status: succeeded},                        // a generation that went wrong
	{age: 250, quality: 0.89, status: succeeded},                        //
	{age: 340, quality: 0.87, status: succeeded, free: true},            // training is not charged
	{age: 480, quality: 0.85, status: succeeded, free: true},            // past its adaptation date
	{age: 900, quality: 0.80, status: succeeded, free: true},            // past its transcription date
	{age: 350, quality: 0.84, status: failed, suffix: " (rolled back)"}, // failed
}

// seed fills the catalogue, with dates relative to the start. IDs depend on locale and age only, so that they are
// the same in every emulator.
func (s *Server) seed(now time.Time) {
	var all []*baseModel
	for locale, kinds := range supported {
		for _, g := range generations {
			if g.whisper && !slices.Contains(kinds, "Acoustic") {
				continue
			}
			created := seconds(now).AddDate(0, 0, -g.age)
			b := newBaseModel(locale, created)
			b.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("base/"+locale+"/"+time.Duration(g.age).String())).String()
			b.DisplayName += g.suffix
			b.Status, b.Quality, b.Charge = g.status, g.quality, !g.free
			if b.Kinds = without(kinds, g.without); g.noDates {
				b.Adaptation, b.Transcription, b.Kinds = nil, nil, nil
			}
			if g.whisper { // as the entry of D-bcreate is
				b.DisplayName = created.Format("20060102") + " Whisper Large V2"
				b.Kinds, b.NoEndpoints, b.DisplayOnly = []string{"Acoustic"}, true, true
			}
			all = append(all, b)
		}
	}
	// By ID is as good as shuffled, and the same every time.
	slices.SortFunc(all, func(a, b *baseModel) int { return cmp.Compare(a.ID, b.ID) })
	for _, b := range all {
		b.Seq = s.next()
		s.state.BaseModels[b.ID] = b
	}
}

func newBaseModel(locale string, created time.Time) *baseModel {
	adaptation, transcription := adaptationEnd(created), transcriptionEnd(created)
	return &baseModel{
		entity: entity{
			ID: uuid.NewString(), DisplayName: created.Format("20060102") + " Batch Transcription",
			Locale: locale, Created: created,
		},
		Status: succeeded, Adaptation: &adaptation, Transcription: &transcription,
		Kinds: slices.Clone(supported[locale]), Charge: true, Quality: 0.9,
	}
}

func without(kinds []string, kind string) []string {
	return slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == kind })
}

func locales() []string {
	var out []string
	for l := range supported {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}

func (c *call) listLocales() (*reply, error) { return ok(locales(), false), nil }

func (c *call) listDatasetLocales() (*reply, error) {
	byKind := map[string][]string{}
	for _, kind := range datasetKinds {
		byKind[kind] = []string{}
		for _, l := range locales() {
			if slices.Contains(supported[l], kind) {
				byKind[kind] = append(byKind[kind], l)
			}
		}
	}
	return ok(byKind, false), nil
}

// newestAdaptable is the base model that a training gets when it names none: "the default base model of the locale"
// (D-train), said to be the most recent one; with the setting "previous" it is the one before. That Whisper is never it
// is our choice.
func (c *call) newestAdaptable(locale string) *baseModel {
	var usable []*baseModel
	for _, b := range inOrder(c.state.BaseModels) {
		if b.Locale == locale && !b.DisplayOnly && c.adaptable(b) == nil {
			usable = append(usable, b)
		}
	}
	slices.SortStableFunc(usable, func(a, b *baseModel) int { return b.Created.Compare(a.Created) })
	switch {
	case len(usable) == 0:
		return nil
	case c.settings.DefaultBaseModel == "previous" && len(usable) > 1:
		return usable[1]
	}
	return usable[0]
}

// adaptable says why a base model cannot be trained from, nil if it can.
func (c *call) adaptable(b *baseModel) error {
	switch {
	case b.Status != succeeded:
		return invalid("InvalidBaseModel", "The base model isn't valid for this operation.")
	case b.Adaptation != nil && !b.Adaptation.After(c.now):
		return invalid("ModelDeprecated", "The specified model is deprecated and cannot be used for this operation.")
	}
	return nil
}

// newestServing is the base model that serves in place of an expired one, at an endpoint.
func (s *Server) newestServing(locale string, now time.Time) *baseModel {
	var best *baseModel
	for _, b := range inOrder(s.state.BaseModels) {
		if b.Locale == locale && b.Status == succeeded && !b.NoEndpoints && !expired(b.Transcription, now) &&
			(best == nil || b.Created.After(best.Created)) {
			best = b
		}
	}
	return best
}

func expired(end *time.Time, now time.Time) bool { return end != nil && !end.After(now) }
