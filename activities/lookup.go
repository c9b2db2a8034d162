package activities

import (
	"context"

	"speech-retrainer/internal/speech"
)

// lookUp finds what a name means, by the rule of speech.Lookup. One object among those that were listed is it; otherwise
// the service is asked: for its ID, else for that display name. Nothing found is no error.
func lookUp[T speech.Named](
	ctx context.Context, n speech.Name, listed []T,
	get func(context.Context, string) (T, speech.Meta, error), named func(context.Context, ...string) ([]T, speech.Meta, error),
) ([]T, error) {
	if found := speech.Lookup(listed, n); len(found) == 1 {
		return found, nil
	}
	if n.Exact() {
		found, _, err := get(ctx, n.ID)
		if err == nil {
			return []T{found}, nil
		}
		if !speech.IsNotFound(err) || n.Kind != "" {
			return nil, ignoreNotFound(err)
		}
	}
	found, _, err := named(ctx, n.Text)
	return speech.Lookup(found, n), err
}

func ignoreNotFound(err error) error {
	if speech.IsNotFound(err) {
		return nil
	}
	return err
}
