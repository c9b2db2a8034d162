package speech

import "context"

// Priority orders the calls that wait for the rate limiter, before anything else does.
type Priority int

// The priorities, most urgent first: the lists that many share, what one needs, and the crawl, which nobody waits for.
const (
	// PriorityWatch is a list that many wait for: it is worth more than any single call.
	PriorityWatch Priority = iota + 1
	priorityCall
	// PriorityCrawl is what nobody waits for.
	PriorityCrawl
)

type priorityKey struct{}

// WithPriority sets the priority of the calls made under ctx.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

func priorityOf(ctx context.Context) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok && (p == PriorityWatch || p == PriorityCrawl) {
		return p
	}
	return priorityCall
}
