package dataset

import (
	"regexp"
	"strings"
)

// rulePhones is the rule for signs of phonetic alphabets, in pronunciation files and lexicons.
const rulePhones = "phones"

// upsLocale is the one locale whose phones are documented.
const upsLocale = "en-US"

// upsLabels are the phones of en-US in the Universal Phone Set: a closed list. AX may stand alone or before R, ER
// before R only (document "Structured text phonetic pronunciation data", whose neighbour "Training and testing
// datasets" writes them in lower case).
var upsLabels = labels(`B CH D DH F G H JH K L M N NG P R S SH T TH V W J Z ZH
	AA AE AH AO AOX AU AX AI EH EHX EI IH I O OI OWX Q UH U UWX`)

// arpabet are the phones of another set that guessed lexicons are written in, with what UPS calls them.
var arpabet = map[string]string{"AW": "AU", "AY": "AI", "ER": "ER R", "EY": "EI", "HH": "H", "IY": "I", "OW": "O", "OY": "OI", "UW": "U", "Y": "J"}

func labels(list string) map[string]bool {
	set := map[string]bool{}
	for _, label := range strings.Fields(list) {
		set[label] = true
	}
	return set
}

// phones warns of an entry of a lexicon whose phones the service does not know.
func (s *structure) phones(number int, text string) {
	if !ascii(text) {
		s.warn("", number, rulePhones, "phones are labels of the Universal Phone Set (UPS) in ASCII, separated by spaces, like D AO T; "+
			"signs of the IPA are not known")
		return
	}
	if !strings.EqualFold(s.report.Locale, upsLocale) {
		return
	}
	if unknown := unknownPhones(strings.Fields(strings.ToUpper(text))); len(unknown) > 0 {
		s.warn("", number, rulePhones, "the Universal Phone Set of %s has no %s; see Microsoft's page \"Structured text phonetic pronunciation data\"",
			upsLocale, strings.Join(unknown, ", "))
	}
}

// stressed is a phone with the digit of its stress, as other sets write it.
var stressed = regexp.MustCompile(`^([A-Z]+)[0-2]$`)

// unknownPhones lists the phones that are not in UPS, each once, with what UPS calls them if that is known.
func unknownPhones(phones []string) []string {
	var unknown []string
	seen := map[string]bool{}
	for i, phone := range phones {
		known := upsLabels[phone] || phone == "ER" && i+1 < len(phones) && phones[i+1] == "R"
		if known || seen[phone] {
			continue
		}
		seen[phone] = true
		text, label := phone, phone
		if m := stressed.FindStringSubmatch(phone); m != nil {
			label = m[1]
		}
		switch {
		case arpabet[label] != "":
			text += " (write " + arpabet[label] + ")"
		case label != phone && upsLabels[label]:
			text += " (write " + label + ")"
		}
		unknown = append(unknown, text)
	}
	return unknown
}

// spelled warns of a spoken form that is written in a phonetic alphabet: it is letters, words or syllables.
func (c *checker) spelled(number int, spoken string) {
	// Slashes and brackets set phones off, the rest are sounds of X-SAMPA, which writes them in ASCII.
	at := strings.IndexAny(spoken, `/[]{}@\|^~`)
	switch sign := phoneticSign(spoken, c.report.Locale); {
	case sign != 0:
		c.warn("", number, rulePhones, "the spoken form has %q, a sign of a phonetic alphabet; write it in letters, words or syllables, like \"i triple e\"", sign)
	case at >= 0:
		c.warn("", number, rulePhones, "the spoken form has the sign %q; write it in letters, words or syllables, like \"i triple e\"", spoken[at])
	case phoneLine(strings.Fields(spoken)):
		c.warn("", number, rulePhones, "the spoken form looks like phones; "+
			"write it in letters, words or syllables, like \"i triple e\" (phones belong into structured text)")
	}
}

// phoneLine tells labels of UPS or another phone set from words: all are labels, some of more than one letter, and there
// are two at least in capitals. In small letters, as Microsoft's page has them, too, there are three, two of them long:
// people spell in small letters ("c n t k"), and short words are labels as well.
func phoneLine(words []string) bool {
	long, least := 0, 1
	if line := strings.Join(words, ""); line == strings.ToLower(line) {
		words, least = strings.Fields(strings.ToUpper(strings.Join(words, " "))), 2
	}
	for _, word := range words {
		label := word
		if m := stressed.FindStringSubmatch(word); m != nil {
			label = m[1]
		}
		if !upsLabels[label] && arpabet[label] == "" {
			return false
		}
		if len(word) > 1 {
			long++
		}
	}
	return long >= least && len(words) > least
}

// phoneticSign finds a sign of the IPA that is no letter of the locale's language, or 0.
func phoneticSign(text, locale string) rune {
	for _, r := range text {
		switch {
		case r == 'ə' && inLanguage(locale, "az"):
		case r >= 'ɐ' && r <= 'ʯ', r >= 'ʰ' && r <= 'ʸ', strings.ContainsRune("ˈˌːˑ˞", r), r >= 'ᴀ' && r <= 'ᶿ':
			return r
		case english(locale) && strings.ContainsRune("æðŋøœθβχ", r):
			return r
		}
	}
	return 0
}
