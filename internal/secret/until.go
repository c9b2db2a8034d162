package secret

import (
	"strconv"
	"strings"
	"time"
)

// endForms are how the end of a shared access signature is written (document "service-sas": ISO 8601, UTC).
var endForms = []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02T15:04:05.0000000Z", time.DateOnly}

// SignedUntil is when the signature in a URL ends, as the URL itself says: se of a shared access signature, or date and
// seconds of X-Amz-* and X-Goog-*. ok is false when it says none that can be read.
func SignedUntil(u string) (until time.Time, ok bool) {
	p := Parsed(u)
	if p == nil {
		return time.Time{}, false
	}
	given := map[string]string{}
	for key, values := range p.Query() {
		given[strings.ToLower(key)] = values[0]
	}
	for _, form := range endForms {
		if until, err := time.Parse(form, given["se"]); err == nil {
			return until.UTC(), true
		}
	}
	for _, of := range []string{"x-amz-", "x-goog-"} {
		begun, err := time.Parse("20060102T150405Z", given[of+"date"])
		seconds, fault := strconv.Atoi(given[of+"expires"])
		if err == nil && fault == nil {
			return begun.Add(time.Duration(seconds) * time.Second), true
		}
	}
	return time.Time{}, false
}

// Host is the host of a URL, for messages; empty when the text is none.
func Host(u string) string {
	p := Parsed(u)
	if p == nil {
		return ""
	}
	return p.Host
}
