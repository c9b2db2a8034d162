package speech

import "context"

type progressKey struct{}

// OnAnswer returns a context under which f is called after every answer of the service, whatever its
// status: a long list of pages is progress to whoever watches the caller.
func OnAnswer(ctx context.Context, f func()) context.Context {
	return context.WithValue(ctx, progressKey{}, f)
}

func answered(ctx context.Context) {
	if f, ok := ctx.Value(progressKey{}).(func()); ok {
		f()
	}
}

type queuedKey struct{}

// WhileQueued returns a context under which f is called every few seconds (queuedEvery) while a request waits for
// its turn: nothing comes of the service meanwhile, and nothing is wrong.
func WhileQueued(ctx context.Context, f func()) context.Context {
	return context.WithValue(ctx, queuedKey{}, f)
}

func queued(ctx context.Context) {
	if f, ok := ctx.Value(queuedKey{}).(func()); ok {
		f()
	}
}

// Alive says what WhileQueued says: the caller waits for another's request, and nothing is wrong.
func Alive(ctx context.Context) { queued(ctx) }

// Clean makes text of the service fit for a screen and a log: one line without control characters,
// bounded, with secrets taken out.
func Clean(s string) string { return clean(s) }
