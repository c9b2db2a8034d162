package speech

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/secret"
)

// pageSize is how many entities a page is asked to have. Without top the service gives the 100 oldest (learn.microsoft.com,
// "Use a Whisper model"); what it gives at most is not documented.
const pageSize = 100

// maxPages ends a list that never does. A resource has at most a few thousand objects, and a page
// can be as small as one.
const maxPages = 10_000

// page is one page of a list. The next link is null or absent on the last one.
type page[T any] struct {
	Values   []T    `json:"values"`
	NextLink string `json:"@nextLink"`
}

// list reads a list to its end and compares every object with the filter again. An object that
// moved to a later page while the list was read is given once, as last seen.
func list[T object](ctx context.Context, c *Client, kind Kind, f Filter) ([]T, Meta, error) {
	f = f.forKind(kind)
	query := url.Values{}
	if text := f.query(); text != "" {
		query.Set("filter", text)
	}
	q := call{operation: "list " + kind.noun() + "s", method: http.MethodGet, url: c.url(kind.path(), query)}
	if err := c.refuseID(q, kind); err != nil {
		return nil, Meta{}, err
	}
	var all []T
	index := map[string]int{}
	meta, err := pages(ctx, c, q, func(q call, a answer, values []T) (int, error) {
		before := len(all)
		for _, v := range values {
			if why := flaw(kind, v); why != "" {
				return 0, c.garbage(q, a.meta, why)
			}
			id := v.shared().ID()
			if at, ok := index[id]; ok {
				all[at] = v
				continue
			}
			index[id] = len(all)
			all = append(all, v)
		}
		return len(all) - before, nil
	})
	if err != nil {
		return nil, meta, err
	}
	kept := make([]T, 0, len(all))
	for _, v := range all {
		if f.match(v.shared()) {
			kept = append(kept, v)
		}
	}
	return kept, meta, nil
}

// pages reads a list to its end: it asks for pageSize, follows the next links, and where a full page has none it asks once
// more for what comes after. each takes a page in and says how many of its entities are new. The time is that of the
// first page, what it says is never older; the wait is the longest that any page asks for.
func pages[T any](ctx context.Context, c *Client, q call, each func(call, answer, []T) (int, error)) (Meta, error) {
	var meta Meta
	seen := map[string]bool{}
	whole := *q.url // the list that was asked for: its path and its filter
	q.url = from(whole, 0)
	// linked is the largest page that said that there is more: as large as this service makes them.
	read, linked := 0, 0
	for number := 1; ; number++ {
		a, err := c.do(ctx, q)
		if err != nil {
			return meta, err
		}
		if number == 1 {
			meta = a.meta
		} else if a.meta.HasRetryAfter {
			meta.HasRetryAfter, meta.RetryAfter = true, max(meta.RetryAfter, a.meta.RetryAfter)
		}
		var p page[T]
		if err := c.decode(q, a, &p); err != nil {
			return meta, err
		}
		if p.Values == nil {
			return meta, c.garbage(q, a.meta, "a list without values")
		}
		fresh, err := each(q, a, p.Values)
		if err != nil {
			return meta, err
		}
		read += len(p.Values)
		next := from(whole, read)
		switch {
		case p.NextLink != "":
			if next, err = c.next(q, p.NextLink, next); err != nil {
				return meta, err
			}
			linked = max(linked, len(p.Values))
		case fresh == 0 || len(p.Values) < pageSize && (linked == 0 || len(p.Values) < linked):
			return meta, nil
		}
		seen[q.url.String()] = true
		if seen[next.String()] || number == maxPages {
			return meta, c.garbage(q, a.meta, fmt.Sprintf("its pages do not end (page %d)", number))
		}
		q.url = next
	}
}

// from is the address of what a list has after the first skip entities.
func from(list url.URL, skip int) *url.URL {
	query := list.Query()
	query.Set("top", strconv.Itoa(pageSize))
	if skip > 0 {
		query.Set("skip", strconv.Itoa(skip))
	}
	list.RawQuery = query.Encode()
	return &list
}

// next is the address of the next page: on the resource's own host, or an error that names it. A link into another list
// of the resource, as examples of the service have them, says that there is more, not where: own is asked then.
func (c *Client) next(q call, link string, own *url.URL) (*url.URL, error) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return nil, c.refuse(q, fmt.Sprintf("the next link %q of the list is not a URL", secret.Redact(link)))
	}
	if !c.own(u) || !strings.HasPrefix(u.Path, resource.RootPath+"/") {
		return nil, c.refuse(q, fmt.Sprintf("the next link of the list leads to %s://%s, not to the resource %s; it was not followed", u.Scheme, u.Host, c.base.Host))
	}
	if !strings.EqualFold(u.Path, own.Path) {
		return own, nil
	}
	u.Fragment = ""
	return u, nil
}
