package meant

import (
	"regexp"
	"strings"
)

// nearLocale is a locale in whatever case, and with the underscores that other systems write.
var nearLocale = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){1,3}$`)

// Locale is the spelling of a locale as the service lists them: the language in small letters, a script with a capital,
// a region in capitals (RFC 5646, section 2.1.1), hyphens between. What follows the region, like the dialect of
// zh-CN-sichuan, stays as it is. Empty for what is no locale in any spelling.
func Locale(text string) string {
	if !nearLocale.MatchString(text) {
		return ""
	}
	parts := strings.Split(strings.ReplaceAll(text, "_", "-"), "-")
	for i, part := range parts {
		switch {
		case i == 0:
			parts[i] = strings.ToLower(part)
		case len(part) == 2:
			parts[i] = strings.ToUpper(part)
			return strings.Join(parts, "-")
		case len(part) == 4:
			parts[i] = strings.ToUpper(part[:1]) + strings.ToLower(part[1:])
		}
	}
	return strings.Join(parts, "-")
}
