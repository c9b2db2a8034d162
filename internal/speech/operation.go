package speech

import (
	"context"
	"net/http"
	"time"

	"speech-retrainer/internal/secret"
)

// refuseID answers for an ID that cannot name an object: as the service would, without asking it,
// because such a word could lead to another operation ("locales", "a/files").
func (c *Client) refuseID(q call, kind Kind) error {
	if kind == KindProject && !c.HasProjects() {
		return c.refuse(q, "API version "+c.version+" has no projects")
	}
	if q.object != "" && !validID(q.object) {
		return &Error{
			Operation: q.operation, Object: q.object, Status: http.StatusNotFound,
			Code: "NotFound", Message: "this is not an ID of the service, nothing was sent",
		}
	}
	return nil
}

// get reads one object.
func get[T object](ctx context.Context, c *Client, kind Kind, id string) (T, Meta, error) {
	return one[T](ctx, c, kind, id, call{operation: "get " + kind.noun(), method: http.MethodGet})
}

// update changes one object.
func update[T object](ctx context.Context, c *Client, kind Kind, id string, body any) (T, Meta, error) {
	return one[T](ctx, c, kind, id, call{operation: "update " + kind.noun(), method: http.MethodPatch, body: body})
}

// one makes a call on one object that answers with the object.
func one[T object](ctx context.Context, c *Client, kind Kind, id string, q call) (T, Meta, error) {
	var zero T
	a, err := c.on(ctx, kind, id, "", q)
	if err != nil {
		return zero, a.meta, err
	}
	q.object = id
	v, err := decodeObject[T](c, q, kind, a)
	if err == nil && v.shared().ID() != canonicalID(id) {
		return zero, a.meta, c.garbage(q, a.meta, "it is about another "+kind.noun()+", "+v.shared().ID())
	}
	return v, a.meta, err
}

// on makes a call on one object, or on what lies below it.
func (c *Client) on(ctx context.Context, kind Kind, id, below string, q call) (answer, error) {
	q.object, q.url = id, c.url(kind.path()+"/"+id+below, q.query)
	if id == "" {
		return answer{}, c.refuse(q, "no ID given")
	}
	if err := c.refuseID(q, kind); err != nil {
		return answer{}, err
	}
	return c.do(ctx, q)
}

// create makes one object. The answer must name it, or nobody knows what was made.
func create[T object](ctx context.Context, c *Client, kind Kind, name string, body any) (T, Meta, error) {
	var zero T
	q := call{operation: "create " + kind.noun(), method: http.MethodPost, url: c.url(kind.path(), nil), body: body, creates: true}
	if err := c.refuseID(q, kind); err != nil {
		return zero, Meta{}, err
	}
	q.object = name
	a, err := c.do(ctx, q)
	if err != nil {
		return zero, a.meta, err
	}
	v, err := decodeObject[T](c, q, kind, a)
	return v, a.meta, err
}

// remove deletes one object. That it is not there is what was wanted.
func (c *Client) remove(ctx context.Context, kind Kind, id string) (Meta, error) {
	a, err := c.on(ctx, kind, id, "", call{operation: "delete " + kind.noun(), method: http.MethodDelete})
	if IsNotFound(err) {
		return a.meta, nil
	}
	return a.meta, err
}

// decodeObject reads an object and makes sure that it is one of the kind.
func decodeObject[T object](c *Client, q call, kind Kind, a answer) (T, error) {
	var v, zero T
	if err := c.decode(q, a, &v); err != nil {
		return zero, err
	}
	if why := flaw(kind, v); why != "" {
		return zero, c.garbage(q, a.meta, why)
	}
	return v, nil
}

// flaw says why a decoded object cannot be one of the kind, "" when nothing speaks against it.
func flaw(kind Kind, v object) string {
	self := v.shared().Self
	if self.url == "" {
		return "a " + kind.noun() + " without self"
	}
	if self.kind != kind {
		return "self of a " + kind.noun() + " is " + secret.Redact(self.url)
	}
	for _, date := range v.dates() {
		// What has no form in RFC 3339, as it came or in UTC as we write it, no result could carry.
		for _, form := range []time.Time{date, date.UTC()} {
			if _, err := form.MarshalJSON(); err != nil {
				return "a " + kind.noun() + " with the date " + date.Format(time.RFC3339)
			}
		}
	}
	return ""
}

// given are the dates that are there.
func given(dates ...*time.Time) []time.Time {
	var all []time.Time
	for _, d := range dates {
		if d != nil {
			all = append(all, *d)
		}
	}
	return all
}
