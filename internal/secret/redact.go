// Package secret knows what may not be told: it takes keys, tokens and signatures out of texts, tells which URLs carry a
// permission of their own, and which may be asked at all. It stands below everything that speaks to somebody.
package secret

import (
	"net/url"
	"regexp"
	"strings"
)

// Redacted stands in the place of what was taken out.
const Redacted = "REDACTED"

// secretNames are the query keys whose values are taken out: wider than SignedURL's on purpose.
const secretNames = `(?:[\w.~-]*(?:sig|signature|token|key|secret|password|credential)|se|x-(?:amz|goog)-[\w-]+)`

// Redaction works on free text, so it knows URLs in all the ways that they are written there: plain,
// with "&" escaped by JSON or HTML, and percent-encoded inside another URL.
var (
	userinfoForm = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)[^\s/?#"'<>\\]*@`)
	queryForm    = regexp.MustCompile(`(?i)((?:[?&;]|\\u0026)` + secretNames + `=)[^&;\s"'<>\\]*`)
	nestedForm   = regexp.MustCompile(`(?i)((?:%26|%3F)` + secretNames + `%3D)(?:[^&;\s"'<>\\%]|%[013-9a-f][0-9a-f]|%2[0-57-9a-f])*`)
	// Names of headers may follow one another, in whatever a text was made of: the value is what comes after the last.
	headerForm   = regexp.MustCompile(`(?i)((?:\bbearer\s+|(?:ocp-apim-)?subscription-key["']?\s*[:=]\s*["']?)+)[^\s"',;&]+`)
	azureKeyForm = regexp.MustCompile(`\b(?:[0-9a-fA-F]{32}|[A-Za-z0-9]{84})\b`)
)

// Redact takes the secrets out of a text: userinfo and signature parameters of URLs, bearer tokens,
// and what looks like a key of the service.
func Redact(s string) string {
	s = userinfoForm.ReplaceAllString(s, "${1}"+Redacted+"@")
	s = queryForm.ReplaceAllString(s, "${1}"+Redacted)
	s = nestedForm.ReplaceAllString(s, "${1}"+Redacted)
	s = headerForm.ReplaceAllString(s, "${1}"+Redacted)
	return azureKeyForm.ReplaceAllString(s, Redacted)
}

// signedKeys are the query keys that make a URL a signed one; besides them all of X-Amz-*.
var signedKeys = map[string]bool{"sig": true, "signature": true, "token": true, "key": true, "se": true}

// SignedURL reports whether a URL carries its own permission: userinfo, or a query key among sig,
// signature, token, key, se and X-Amz-*, in any case. A text that is no URL is one if it would be
// Redacted.
func SignedURL(u string) bool {
	p := Parsed(u)
	if p == nil {
		return Redact(u) != u
	}
	if p.User != nil {
		return true
	}
	for _, pair := range strings.FieldsFunc(p.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if name = strings.ToLower(strings.TrimSpace(name)); signedKeys[name] || strings.HasPrefix(name, "x-amz-") {
			return true
		}
	}
	return false
}

// HoldsSignedURL tells whether a text, of a person for instance, has a signed URL in it.
func HoldsSignedURL(text string) bool {
	return strings.Contains(text, "://") && SignedURL(text)
}

// Unsigned is a URL for which SignedURL is true without what makes it one, still recognizable as such: for
// messages and reports about it.
func Unsigned(u string) string {
	p := Parsed(u)
	if p == nil {
		return Redact(u)
	}
	if p.User != nil {
		p.User = url.User(Redacted)
	}
	if p.RawQuery != "" {
		p.RawQuery = "sig=" + Redacted
	}
	return Redact(p.String())
}

// Parsed is the URL of a text, nil when it is none.
func Parsed(rawURL string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(rawURL))
	if err != nil {
		return nil
	}
	return u
}
