package activities

import (
	"context"

	"speech-retrainer/internal/speech"
)

// lookUp asks the service for what a name means, by the rule of speech.Lookup: by its ID, else among those of exactly
// that display name. Nothing found is no error.
func lookUp[T speech.Named](
	ctx context.Context, n speech.Name,
	get func(context.Context, string) (T, speech.Meta, error), list func(context.Context, speech.Filter) ([]T, speech.Meta, error),
) ([]T, speech.Meta, error) {
	if n.Exact() {
		found, meta, err := get(ctx, n.ID)
		if err == nil {
			return []T{found}, meta, nil
		}
		if !speech.IsNotFound(err) || n.Kind != "" {
			return nil, meta, ignoreNotFound(err)
		}
	}
	listed, meta, err := list(ctx, speech.Filter{DisplayName: n.Text})
	return speech.Lookup(listed, n), meta, err
}

func ignoreNotFound(err error) error {
	if speech.IsNotFound(err) {
		return nil
	}
	return err
}
