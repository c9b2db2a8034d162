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
	// mostTokens bounds how many forms of tokens are remembered, the latest: there is a new one each hour.
	mostTokens = 300
)

// concealed are texts that a client takes out of whatever it tells, however they look. The zero value is ready, and remembers
// all.
type concealed struct {
	// most is how many are remembered, the latest; zero: all.
	most   int
	mu     sync.Mutex
	recent []string
	// replacer is made when it is needed; nil when there are texts that it does not know.
	replacer *strings.Replacer
}

// add takes the texts out from now on, also where they are escaped as in URLs.
func (c *concealed) add(texts ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range texts {
		if len(text) < leastConcealed {
			continue
		}
		for _, form := range []string{text, url.QueryEscape(text), url.PathEscape(text)} {
			if !slices.Contains(c.recent, form) {
				c.recent, c.replacer = append(c.recent, form), nil
			}
		}
	}
	if c.most > 0 {
		c.recent = c.recent[max(0, len(c.recent)-c.most):]
	}
}

// made is the replacer of all that is remembered. The mutex is held.
func (c *concealed) made() *strings.Replacer {
	if c.replacer != nil {
		return c.replacer
	}
	// Of two texts that begin alike the longer one goes, not its beginning only.
	longest := slices.SortedFunc(slices.Values(c.recent), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(longest))
	for _, text := range longest {
		pairs = append(pairs, text, secret.Redacted)
	}
	c.replacer = strings.NewReplacer(pairs...)
	return c.replacer
}

// hide returns s without the texts.
func (c *concealed) hide(s string) string {
	c.mu.Lock()
	replacer := c.made()
	c.mu.Unlock()
	return replacer.Replace(s)
}

// ConcealURL takes a URL that may give a right to something out of all that the client says from now on, and
// what of it follows the host: the service may repeat the URL, whole or in part, in its messages. It is remembered for
// ever: a worker has as many as variables of its environment.
func (c *Client) ConcealURL(rawURL string) {
	c.links.add(rawURL)
	u := secret.Parsed(rawURL)
	if u == nil {
		return
	}
	c.links.add(u.RequestURI(), u.EscapedPath(), u.Path, u.RawQuery)
	if u.User != nil {
		password, _ := u.User.Password()
		c.links.add(u.User.String(), password)
	}
}

// Clean makes text of the service fit for a screen and a log, as the function of that name does, and takes out
// what this client has to keep too: its key, its tokens, and the URLs given to ConcealURL.
func (c *Client) Clean(s string) string { return c.clean(s) }

// clean takes out this client's own secrets before those that are known by their shape.
func (c *Client) clean(s string) string { return clean(c.links.hide(c.tokens.hide(c.ownKey.hide(s)))) }
