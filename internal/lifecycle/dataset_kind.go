package lifecycle

import (
	"slices"
	"strings"
)

// DatasetKind is the kind of a dataset's content, as the service calls it. The service's list is open: one that this
// program does not know stays what it is.
type DatasetKind string

// The kinds that the service documents.
const (
	DatasetLanguage         DatasetKind = "Language"
	DatasetAcoustic         DatasetKind = "Acoustic"
	DatasetPronunciation    DatasetKind = "Pronunciation"
	DatasetAudioFiles       DatasetKind = "AudioFiles"
	DatasetLanguageMarkdown DatasetKind = "LanguageMarkdown"
	DatasetOutputFormatting DatasetKind = "OutputFormatting"
)

func missingKinds(have, want []DatasetKind) []DatasetKind {
	var missing []DatasetKind
	for _, k := range kindSet(want) {
		if !slices.Contains(have, k) {
			missing = append(missing, k)
		}
	}
	return missing
}

// kindSet returns the distinct kinds in order.
func kindSet(kinds []DatasetKind) []DatasetKind {
	set := slices.Clone(kinds)
	slices.Sort(set)
	return slices.Compact(set)
}

// kindNames lists kinds for a sentence.
func kindNames(kinds []DatasetKind) string {
	var b strings.Builder
	for i, k := range kinds {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(k))
	}
	return b.String()
}
