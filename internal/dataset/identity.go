package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"speech-retrainer/internal/lifecycle"
)

// identityVersion opens every hashed text: should the framing ever change, so do all identities.
const identityVersion = "sr.content/1"

// copyBuffer is what one streaming pass holds of a file, in bytes.
const copyBuffer = 256 << 10

// Identity is the value of the mark sr.content for a file: 64 lower-case hex digits of SHA-256.
//
// What is hashed is a header of netstrings ("<length>:<text>,") and then the bytes of r as they are:
//
//	sr.content/1, "file", kind, locale, <bytes>
//
// The lengths make the framing unambiguous, so two inputs with one identity have the same bytes, kind
// and locale. r is read once to its end and never held; ctx ends the reading between two blocks.
// Errors are those of r, and ctx's cause.
func Identity(ctx context.Context, r io.Reader, kind lifecycle.DatasetKind, locale string) (string, error) {
	sum := newIdentity("file", string(kind), locale)
	if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, contextReader{ctx, r}, make([]byte, copyBuffer)); err != nil {
		return "", fmt.Errorf("read the %s data to compute its identity: %w", kind, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// URLIdentity is the value of the mark sr.content for data that the service fetches from rawURL: 64
// lower-case hex digits of SHA-256. etag and lastModified are the answer's headers, "" when absent;
// lastModified counts only without an etag. What is hashed is a row of netstrings:
//
//	sr.content/1, "url", kind, locale, "etag" | "last-modified" | "none", <validator>, <address>
//
// The address is rawURL without fragment, userinfo and signature parameters (see unsigned), so that a
// renewed signature is no new content. seesChanges is false when the server gave no validator: then the
// identity is that of the address alone, and a change behind it cannot be seen.
func URLIdentity(rawURL, etag, lastModified string, kind lifecycle.DatasetKind, locale string) (id string, seesChanges bool) {
	validator, value := "none", ""
	switch {
	case etag != "":
		validator, value = "etag", etag
	case lastModified != "":
		validator, value = "last-modified", lastModified
	}
	sum := newIdentity("url", string(kind), locale, validator, value, unsigned(rawURL))
	return hex.EncodeToString(sum.Sum(nil)), validator != "none"
}

// sourceDigits is how much of its hash the mark sr.source holds, in hex digits.
const sourceDigits = 16

// URLSource is the value of the mark sr.source for data that the service fetches from rawURL: 16 lower-case hex digits
// of SHA-256. It is the same whatever the content and the signature are, so that it finds what was made of a URL whose
// server does not answer. What is hashed is a row of netstrings:
//
//	sr.content/1, "source", kind, locale, <address>
//
// The address is that of URLIdentity.
func URLSource(rawURL string, kind lifecycle.DatasetKind, locale string) string {
	return hex.EncodeToString(newIdentity("source", string(kind), locale, unsigned(rawURL)).Sum(nil))[:sourceDigits]
}

// newIdentity starts a SHA-256 with the version and the fields, each as a netstring.
func newIdentity(fields ...string) hash.Hash {
	sum := sha256.New()
	for _, field := range append([]string{identityVersion}, fields...) {
		_, _ = io.WriteString(sum, strconv.Itoa(len(field))+":"+field+",") // a hash never fails
	}
	return sum
}

// signatureKeys are the query keys that make a URL signed, by the project's contract. Lower case.
var signatureKeys = []string{"sig", "signature", "token", "key", "se"}

// sasKeys stand beside sig and sv in a shared access signature of Azure Storage: they are renewed with
// the signature (start, permissions, the delegating user's key) and say nothing about the content. The
// keys that choose content, such as snapshot and versionid, are not among them.
// Source: Microsoft's "Create a service SAS", "... a user delegation SAS", "... an account SAS".
var sasKeys = []string{
	"sv", "st", "sp", "sr", "spr", "sip", "ss", "srt", "ses", "sdd", "si",
	"skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid", "skdutid", "sduoid",
}

// unsigned is rawURL as two differently signed links to one document share it: scheme and host in lower
// case, no userinfo, no fragment, no signature parameters, the remaining pairs sorted as they are
// written. A text that is no URL stays as it is.
func unsigned(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	pairs := strings.Split(u.RawQuery, "&")
	keys := make([]string, len(pairs))
	for i, pair := range pairs {
		keys[i] = queryKey(pair)
	}
	// Only the pair of them is a shared access signature; sv alone may be anybody's parameter.
	sas := slices.Contains(keys, "sig") && slices.Contains(keys, "sv")
	kept := pairs[:0]
	for i, pair := range pairs {
		if pair != "" && !isSignatureKey(keys[i]) && !(sas && slices.Contains(sasKeys, keys[i])) {
			kept = append(kept, pair)
		}
	}
	slices.Sort(kept)
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.RawQuery, u.ForceQuery = strings.Join(kept, "&"), false
	return u.String()
}

func isSignatureKey(key string) bool {
	return slices.Contains(signatureKeys, key) || strings.HasPrefix(key, "x-amz-")
}

// queryKey is the decoded, lower-case key of one "key=value" of a query.
func queryKey(pair string) string {
	key, _, _ := strings.Cut(pair, "=")
	if decoded, err := url.QueryUnescape(key); err == nil {
		key = decoded
	}
	return strings.ToLower(key)
}
