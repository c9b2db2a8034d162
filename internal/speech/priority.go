package speech

import (
	"context"
	"net/http"
)

// Priority orders the calls that wait for the rate limiter.
type Priority int

// The priorities, most urgent first.
const (
	PriorityWrite Priority = iota + 1
	PriorityRead
	PriorityWatch
)

type priorityKey struct{}

// WithPriority sets the priority of the calls made under ctx. Without it writes go before reads.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

func priorityOf(ctx context.Context, method string) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok && p >= PriorityWrite && p <= PriorityWatch {
		return p
	}
	if method == http.MethodGet || method == http.MethodHead {
		return PriorityRead
	}
	return PriorityWrite
}
