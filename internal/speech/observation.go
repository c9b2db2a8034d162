package speech

import (
	"context"
	"time"
)

// observation is what one look says about an object.
type observation struct {
	status Status
	since  time.Time
	reason *EntityError
	meta   Meta
	polls  int
}

func (o observation) progress() Progress {
	return Progress{Status: o.status, Since: o.since, At: o.meta.ObservedAt, Polls: o.polls}
}

func (o observation) snapshot() Snapshot {
	return Snapshot{Status: o.status, Since: o.since, Error: o.reason, Meta: o.meta, Polls: o.polls}
}

// watched is a kind that can be waited for: how to read one object and how to list them.
type watched struct {
	get  func(ctx context.Context, c *Client, id string) (observation, error)
	list func(ctx context.Context, c *Client, f Filter) (map[string]observation, Meta, error)
}

// watchedKinds are the kinds with a status that changes by itself.
var watchedKinds = map[Kind]watched{
	KindDataset:    watchedKind(KindDataset, func(d Dataset) *EntityError { return d.Properties.Error }),
	KindModel:      watchedKind(KindModel, func(m CustomModel) *EntityError { return m.Properties.Error }),
	KindEvaluation: watchedKind(KindEvaluation, func(e Evaluation) *EntityError { return e.Properties.Error }),
	KindEndpoint:   watchedKind(KindEndpoint, func(e Endpoint) *EntityError { return e.Properties.Error }),
}

func watchedKind[T object](kind Kind, reason func(T) *EntityError) watched {
	observe := func(v T, m Meta) observation {
		o := v.shared()
		return observation{status: o.Status, since: o.LastActionDateTime, reason: reason(v), meta: m}
	}
	return watched{
		get: func(ctx context.Context, c *Client, id string) (observation, error) {
			v, m, err := get[T](ctx, c, kind, id)
			return observe(v, m), err
		},
		list: func(ctx context.Context, c *Client, f Filter) (map[string]observation, Meta, error) {
			values, m, err := list[T](ctx, c, kind, f)
			found := make(map[string]observation, len(values))
			for _, v := range values {
				found[v.shared().ID()] = observe(v, m)
			}
			return found, m, err
		},
	}
}
