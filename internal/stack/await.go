package stack

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// pollEvery is the pace of Await: short beside anything waited for, long beside what a check costs.
const pollEvery = 25 * time.Millisecond

// Await calls ready until it returns nil, and gives up when ctx ends or the error is Permanent. The
// error names what was waited for and why the last check failed.
func Await(ctx context.Context, what string, ready func(context.Context) error) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		var permanent permanentError
		if errors.As(err, &permanent) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s in vain (%w): %w", what, context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}

// Permanent marks an error that no further check can mend; it ends an Await.
func Permanent(err error) error { return permanentError{err} }

type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }
