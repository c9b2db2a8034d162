package speech

import (
	"context"
	"errors"
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
	r := Read[T](c, kind, f)
	all := []T{}
	index := map[string]int{}
	for !r.Done() {
		values, err := r.Next(ctx)
		if err != nil {
			return nil, r.Meta(), err
		}
		for _, v := range values {
			id := v.shared().ID()
			if at, ok := index[id]; ok {
				all[at] = v
				continue
			}
			index[id] = len(all)
			all = append(all, v)
		}
	}
	return all, r.Meta(), nil
}

// Item is any object of the service: what embeds Object.
type Item interface{ object }

// Common is the part of an object that all kinds share.
func Common(v Item) Object { return v.shared() }

// Reading is a list that is read page by page. After an error it can be gone on with: the page that failed is asked for
// again, what was read before is not.
type Reading[T object] struct {
	kind   Kind
	filter Filter
	pager  pager[T]
	known  map[string]bool
	err    error
}

// Read begins to read a list; it sends nothing yet.
func Read[T Item](c *Client, kind Kind, f Filter) *Reading[T] {
	f = f.forKind(kind)
	query := url.Values{}
	if text := f.query(); text != "" {
		query.Set("filter", text)
	}
	q := call{operation: "list " + kind.noun() + "s", method: http.MethodGet, url: c.url(kind.path(), query)}
	return &Reading[T]{kind: kind, filter: f, pager: newPager[T](c, q), known: map[string]bool{}, err: c.refuseID(q, kind)}
}

// ErrMoved is the end of a steady reading whose pages moved while it was read: something on an earlier page was deleted.
var ErrMoved = errors.New("the list moved while it was read")

// Steady makes each page begin with the last object of the one before, as far as pages are large enough: otherwise an
// object would be missed when one before it is deleted meanwhile. Next then fails with ErrMoved, and the list has to be
// read anew.
func (r *Reading[T]) Steady() *Reading[T] {
	r.pager.overlap = func(v T) string { return v.shared().ID() }
	return r
}

// Done tells that the list has been read to its end.
func (r *Reading[T]) Done() bool { return r.err == nil && r.pager.done }

// Meta is what the answers so far say: the time is that of the first page, what the list says is never older; the wait
// is the longest that any page asks for.
func (r *Reading[T]) Meta() Meta { return r.pager.meta }

// Pages counts the pages that were read.
func (r *Reading[T]) Pages() int { return r.pager.number }

// Next reads the next page: the objects that pass the filter, also when an earlier page had them.
func (r *Reading[T]) Next(ctx context.Context) ([]T, error) {
	if r.err != nil {
		return nil, r.err
	}
	var kept []T
	err := r.pager.next(ctx, func(q call, a answer, values []T) (int, error) {
		fresh := 0
		for _, v := range values {
			if why := flaw(r.kind, v); why != "" {
				return 0, r.pager.c.garbage(q, a.meta, why)
			}
			if id := v.shared().ID(); !r.known[id] {
				r.known[id] = true
				fresh++
			}
			if r.filter.match(v.shared()) {
				kept = append(kept, v)
			}
		}
		return fresh, nil
	})
	return kept, err
}

// pages reads a list to its end.
func pages[T any](ctx context.Context, c *Client, q call, each func(call, answer, []T) (int, error)) (Meta, error) {
	p := newPager[T](c, q)
	for !p.done {
		if err := p.next(ctx, each); err != nil {
			return p.meta, err
		}
	}
	return p.meta, nil
}

// pager reads a list page by page: it asks for pageSize, follows the next links, and where a full page has none it asks
// once more for what comes after.
type pager[T any] struct {
	c     *Client
	q     call    // the request for the next page
	whole url.URL // the list that was asked for: its path and its filter
	asked map[string]bool
	// linked is the largest page that said that there is more: as large as this service makes them.
	read, linked, number int
	meta                 Meta
	done                 bool
	// overlap gives the ID of an object; nil when pages do not overlap. last is that of the last one.
	overlap func(T) string
	last    string
}

func newPager[T any](c *Client, q call) pager[T] {
	p := pager[T]{c: c, q: q, whole: *q.url, asked: map[string]bool{}}
	p.q.url = from(p.whole, 0)
	return p
}

// next reads one page. take takes it in and says how many of its entities are new.
func (p *pager[T]) next(ctx context.Context, take func(call, answer, []T) (int, error)) error {
	a, err := p.c.do(ctx, p.q)
	if err != nil {
		return err
	}
	if p.number == 0 {
		p.meta = a.meta
	} else if a.meta.HasRetryAfter {
		p.meta.HasRetryAfter, p.meta.RetryAfter = true, max(p.meta.RetryAfter, a.meta.RetryAfter)
	}
	var got page[T]
	if err := p.c.decode(p.q, a, &got); err != nil {
		return err
	}
	if got.Values == nil {
		return p.c.garbage(p.q, a.meta, "a list without values")
	}
	fresh, err := take(p.q, a, got.Values)
	if err != nil {
		return err
	}
	if p.last != "" && (len(got.Values) == 0 || p.overlap(got.Values[0]) != p.last) {
		return ErrMoved
	}
	read, last := p.read+len(got.Values), ""
	if p.last != "" {
		read--
	}
	next := from(p.whole, read)
	linked := p.linked
	switch {
	case got.NextLink != "":
		if next, err = p.c.next(p.q, got.NextLink, next); err != nil {
			return err
		}
		linked = max(linked, len(got.Values))
	case fresh == 0 || len(got.Values) < pageSize && (linked == 0 || len(got.Values) < linked):
		p.number, p.done = p.number+1, true
		return nil
	}
	if p.asked[p.q.url.String()] = true; p.asked[next.String()] || p.number+1 == maxPages {
		return p.c.garbage(p.q, a.meta, fmt.Sprintf("its pages do not end (page %d)", p.number+1))
	}
	if p.overlap != nil && len(got.Values) > 1 {
		last, next = p.overlap(got.Values[len(got.Values)-1]), from(p.whole, read-1)
	}
	p.read, p.last, p.linked, p.number, p.q.url = read, last, linked, p.number+1, next
	return nil
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
