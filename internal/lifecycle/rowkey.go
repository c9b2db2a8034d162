package lifecycle

import (
	"cmp"
	"encoding/base64"
	"strings"
)

// MostRows is how many rows one answer of the workflow Observe has at most.
const MostRows = 500

// RowKey is where a row stands among all: rows come by name, then locale.
type RowKey struct{ Name, Locale string }

// Key is where the row stands.
func (r Row) Key() RowKey { return RowKey{Name: r.Name, Locale: r.Locale} }

// Compare is negative when k comes before other.
func (k RowKey) Compare(other RowKey) int {
	return cmp.Or(strings.Compare(k.Name, other.Name), strings.Compare(k.Locale, other.Locale))
}

// Token is the key as an answer gives it for the next question. A name is what somebody wrote in a mark, so that it is
// not shown.
func (k RowKey) Token() string {
	return base64.RawURLEncoding.EncodeToString([]byte(k.Name + "\n" + k.Locale))
}

// ReadRowKey reads a token; ok is false when it is none.
func ReadRowKey(token string) (k RowKey, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return k, false
	}
	at := strings.LastIndexByte(string(raw), '\n')
	if at < 0 {
		return k, false
	}
	return RowKey{Name: string(raw[:at]), Locale: string(raw[at+1:])}, true
}
