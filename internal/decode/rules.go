package decode

import (
	"cmp"
	"fmt"
	"regexp"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
)

// Forms of the request's values (the contract's "Request").
var (
	localeForm   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){1,3}$`)
	dataNameForm = regexp.MustCompile(`^[A-Za-z0-9 ._-]{1,60}$`)
	envForm      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

	trainingKinds = []lifecycle.DatasetKind{
		lifecycle.DatasetLanguage, lifecycle.DatasetPronunciation, lifecycle.DatasetAcoustic, lifecycle.DatasetAudioFiles,
		lifecycle.DatasetLanguageMarkdown, lifecycle.DatasetOutputFormatting,
	}
	// withheldEnv are the variables that hold our own settings: a request must not have them sent anywhere.
	withheldEnv = []string{"SPEECH_", "TEMPORAL_", "AZURE_"}
)

// Name tells what is wrong with the name of a model, or "" when nothing is.
func Name(name string) string {
	if lifecycle.IsName(name) {
		return ""
	}
	return "must be 1 to 40 of a-z, 0-9 and -"
}

// Locale tells what is wrong with the form of a locale, or "" when nothing is. Whether the service knows it is asked later.
func Locale(locale string) string {
	if localeForm.MatchString(locale) {
		return ""
	}
	return cmp.Or(Spelling(locale), "must have the form of a locale, like en-US")
}

// Spelling tells that a locale is not spelled as the service does (en-US), and which one was probably meant; "" when it is,
// or when it is none. A workflow takes it in any case, as requests of old may have it; what is given now can be corrected.
func Spelling(locale string) string {
	if near := meant.Locale(locale); near != "" && near != locale {
		return fmt.Sprintf("must be spelled as the service does: %s was probably meant", near)
	}
	return ""
}

// DataName tells what is wrong with the name of a data set, or "" when nothing is.
func DataName(name string) string {
	if dataNameForm.MatchString(name) {
		return ""
	}
	return "must be 1 to 60 of letters, digits, space, '.', '_' and '-'"
}

// Kinds are those that training data can be of.
func Kinds() []string {
	names := make([]string, len(trainingKinds))
	for i, k := range trainingKinds {
		names[i] = string(k)
	}
	return names
}

// Kind tells that training data cannot be of a kind, or "" when it can.
func Kind(kind lifecycle.DatasetKind) string { return unlisted(kind, trainingKinds) }
