package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// UnusedDataset is a dataset of this owner that no version, evaluation, schedule or running retrain refers to.
type UnusedDataset struct {
	ID          string      `json:"id"`
	DisplayName string      `json:"displayName"`
	Kind        DatasetKind `json:"kind"`
	Locale      string      `json:"locale"`
	Status      string      `json:"status"`
	CreatedAt   time.Time   `json:"createdAt"`
	// Uploaded tells that a person uploaded it: such a dataset is deleted only when a person asks for it.
	Uploaded bool `json:"uploaded"`
	// Spare is the day of the first look that found it unused; nil when none has marked it.
	Spare  *string `json:"spare"`
	Reason string  `json:"reason"`
}

// DatasetSeen is what the rules need to know of an existing dataset.
type DatasetSeen struct {
	Kind   DatasetKind
	Locale string
}

// RefuseDataset tells why an existing dataset cannot be used in a request for the locale, or "" when
// it can. kind is empty when the request does not say one.
func RefuseDataset(d DatasetSeen, kind DatasetKind, locale string) string {
	switch {
	case !SameLocale(d.Locale, locale):
		return fmt.Sprintf("is of locale %s, the request of %s", d.Locale, locale)
	case kind != "" && d.Kind != kind:
		return fmt.Sprintf("is of kind %s, the request says %s", d.Kind, kind)
	}
	return ""
}

// RefuseTestKind tells why data of a kind cannot be tested with, or "". An accuracy test needs
// transcripts; an inspection needs audio only.
func RefuseTestKind(kind DatasetKind, inspect bool) string {
	switch {
	case kind == DatasetAcoustic, kind == DatasetAudioFiles && inspect:
		return ""
	case kind == DatasetAudioFiles:
		return "AudioFiles has no transcripts to count errors against: add inspect: true, or use Acoustic"
	}
	return fmt.Sprintf("is of kind %s: a test needs Acoustic data, an inspection Acoustic or AudioFiles", kind)
}

// RefuseCombination tells which kind of training data cannot be trained on beside the others, by its index, and why; the
// reason is "" when all go together. Unknown kinds are "" (learn.microsoft.com, "Training and testing datasets":
// pronunciations go with any other data but structured text, which holds its own).
func RefuseCombination(kinds []DatasetKind) (index int, reason string) {
	if !slices.Contains(kinds, DatasetLanguageMarkdown) {
		return 0, ""
	}
	index = slices.Index(kinds, DatasetPronunciation)
	if index < 0 {
		return 0, ""
	}
	return index, "Pronunciation does not go with LanguageMarkdown in one training: write the pronunciations as phones into the structured text " +
		"(@ speech:phoneticlexicon), or leave one of the two out"
}
