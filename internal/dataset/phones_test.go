package dataset_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// A pronunciation is spelled; signs and labels of phonetic alphabets in it are told.
func TestPhonesInPronunciations(t *testing.T) {
	t.Parallel()
	for spoken, says := range map[string]string{
		"ˈdeɪtə":         "'ˈ', a sign of a phonetic alphabet",
		"dætə":           "'æ', a sign",
		"mʃ":             "'ʃ', a sign",
		"naːt":           "'ː', a sign",
		"/data/":         `the sign '/'`,
		"[data]":         `the sign '['`,
		"deIt@":          `the sign '@'`,
		"D AO T N EH T":  "looks like phones",
		"D EY1 T AH0":    "looks like phones",
		"t ax m ey t ow": "looks like phones",
		"k ae1 t ih0":    "looks like phones",
		"c n t k":        "",
		"ah":             "",
		"uh oh":          "",
		"oh i see":       "",
		"you are it":     "",
		"three c p o":    "",
		"i triple e":     "",
		"I E E E":        "",
		"T V":            "",
		"A M D OK":       "",
		"façade coupé":   "",
		"o'brien x-ray":  "",
		"SH":             "",
		"route sixty 6.": "",
	} {
		report := check(t, []byte(bom+"word\t"+spoken+"\n"), lifecycle.DatasetPronunciation, "en-US", dataset.Limits{})
		if says == "" {
			require.Empty(t, found(report), spoken)
			continue
		}
		require.Equal(t, []string{"warning :1 phones"}, found(report), spoken)
		require.Contains(t, report.Problems[0].Message, says, spoken)
	}
	for locale, spoken := range map[string]string{"az-AZ": "gəncə", "da-DK": "æble ø", "is-IS": "það", "uk-UA": "пʼять"} {
		require.Empty(t, found(check(t, []byte(bom+"word\t"+spoken+"\n"), lifecycle.DatasetPronunciation, locale, dataset.Limits{})), locale)
	}
}

// The labels of en-US are a closed list; of other locales only that they are ASCII is known.
func TestPhonesInLexicons(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, locale, phones, says string }{
		{"Microsoft's sample", "en-US", "D AO T N EH T", ""},
		{"Microsoft's page", "en-US", "k ae t", ""},
		{"every label", "en-US", "B CH D DH F G H JH K L M N NG P R S SH T TH V W J Z ZH AA AE AH AO AOX AU AX AX R AI EH EHX ER R EI IH I O OI OWX Q UH U UWX", ""},
		{"IPA", "en-US", "ɹɛntʃ", "signs of the IPA are not known"},
		{"IPA elsewhere", "de-DE", "ʃuːl", "signs of the IPA are not known"},
		{"ARPAbet", "en-US", "HH OW M", "has no HH (write H), OW (write O);"},
		{"ARPAbet with stress", "en-US", "D EY1 T AH0", "has no EY1 (write EI), AH0 (write AH);"},
		{"ER alone", "en-US", "T ER N", "has no ER (write ER R);"},
		{"not separated", "en-US", "DAOT", "has no DAOT;"},
		{"X-SAMPA", "en-US", "d eI t @", "has no @;"},
		{"labels elsewhere", "en-GB", "HH OW M", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			lexicon := bom + "@ speech:phoneticlexicon\n- word/" + tc.phones + "\n# A\n- a word\n"
			report := check(t, []byte(lexicon), lifecycle.DatasetLanguageMarkdown, tc.locale, dataset.Limits{})
			if tc.says == "" {
				require.Empty(t, found(report))
				return
			}
			require.Equal(t, []string{"warning :2 phones"}, found(report))
			require.Contains(t, report.Problems[0].Message, tc.says)
		})
	}
}
