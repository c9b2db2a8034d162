package speech

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"

	"speech-retrainer/internal/secret"
)

const (
	// leastConcealed is the length in bytes from which a text is taken out of messages: a shorter one is no
	// secret, and stands in other words too.
	leastConcealed = 8
	// mostConcealed bounds how many texts that change (tokens, above all) are remembered, the latest.
	mostConcealed = 300
)

// concealed are texts that a client takes out of whatever it tells, however they look. The zero value is ready.
type concealed struct {
	mu       sync.RWMutex
	recent   []string
	replacer *strings.Replacer
}

// add takes the texts out from now on, also where they are escaped as in URLs.
func (c *concealed) add(texts ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := false
	for _, text := range texts {
		if len(text) < leastConcealed {
			continue
		}
		for _, form := range []string{text, url.QueryEscape(text), url.PathEscape(text)} {
			if !slices.Contains(c.recent, form) {
				c.recent, changed = append(c.recent, form), true
			}
		}
	}
	if !changed {
		return
	}
	c.recent = c.recent[max(0, len(c.recent)-mostConcealed):]
	// Of two texts that begin alike the longer one goes, not its beginning only.
	longest := slices.SortedFunc(slices.Values(c.recent), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(longest))
	for _, text := range longest {
		pairs = append(pairs, text, secret.Redacted)
	}
	c.replacer = strings.NewReplacer(pairs...)
}

// hide returns s without the texts.
func (c *concealed) hide(s string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.replacer == nil {
		return s
	}
	return c.replacer.Replace(s)
}

// ConcealURL takes a URL that may give a right to something out of all that the client says from now on, and
// what of it follows the host: the service may repeat the URL, whole or in part, in its messages.
func (c *Client) ConcealURL(rawURL string) {
	c.secrets.add(rawURL)
	u := secret.Parsed(rawURL)
	if u == nil {
		return
	}
	c.secrets.add(u.RequestURI(), u.EscapedPath(), u.Path, u.RawQuery)
	if u.User != nil {
		password, _ := u.User.Password()
		c.secrets.add(u.User.String(), password)
	}
}

// Clean makes text of the service fit for a screen and a log, as the function of that name does, and takes out
// what this client has to keep too: its key, its tokens, and the URLs given to ConcealURL.
func (c *Client) Clean(s string) string { return c.clean(s) }

// clean takes out this client's own secrets before those that are known by their shape.
func (c *Client) clean(s string) string { return clean(c.secrets.hide(c.ownKey.hide(s))) }
