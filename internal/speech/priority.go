package speech

import "context"

// Priority orders the calls that wait for the rate limiter, before anything else does.
type Priority int

// The priorities, most urgent first.
const (
	// PriorityWatch is a list that many wait for: it is worth more than any single call.
	PriorityWatch Priority = iota + 1
	priorityCall
)

type priorityKey struct{}

// WithPriority sets the priority of the calls made under ctx.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

func priorityOf(ctx context.Context) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok && p == PriorityWatch {
		return p
	}
	return priorityCall
}
