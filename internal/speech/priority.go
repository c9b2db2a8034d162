package speech

import (
	"context"
	"net/http"
)

// Priority orders the calls that wait for the rate limiter.
type Priority int

// The priorities, most urgent first: the lists that many share, what one needs, and the crawl, which nobody waits for.
const (
	PriorityWatch Priority = iota + 1
	PriorityWrite
	PriorityRead
	PriorityCrawl
)

type priorityKey struct{}

// WithPriority sets the priority of the calls made under ctx. Without it writes go before reads.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

func priorityOf(ctx context.Context, method string) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok && p >= PriorityWatch && p <= PriorityCrawl {
		return p
	}
	if method == http.MethodGet || method == http.MethodHead {
		return PriorityRead
	}
	return PriorityWrite
}
