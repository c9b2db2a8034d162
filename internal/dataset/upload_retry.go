package dataset

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"speech-retrainer/internal/speech"
)

// An upload runs in the operator's command, where no Temporal tries again for it.
const (
	retryFirst = time.Second
	retryMost  = 30 * time.Second
	// retryFor is how long one request is tried again; more patience is the operator's.
	retryFor = 5 * time.Minute
)

// persist makes a request until it succeeds or another try is no use: the service refused it, the data is
// at fault, ctx has ended, or the time for it is over. Throttling has the service's own pace.
func persist[T any](ctx context.Context, heard *answers, request func() (T, error)) (T, error) {
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = retryFirst, retryMost
	var last error
	value, err := backoff.Retry(ctx, func() (T, error) {
		value, err := request()
		last = err
		heard.note(err)
		return value, paced(err)
	}, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(heard.patience()))
	if err != nil && ctx.Err() != nil {
		return value, context.Cause(ctx)
	}
	if err != nil {
		return value, last
	}
	return value, nil
}

// paced turns an error into what the retry library acts on: after the back-off, after a given time, or never.
func paced(err error) error {
	var answer *speech.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer), !answer.Transient() && !answer.Throttled():
		return backoff.Permanent(err)
	case answer.HasRetryAfter && answer.RetryAfter > 0:
		return &backoff.RetryAfterError{Duration: answer.RetryAfter}
	}
	return err
}

// waitLag passes the time, or ends early with ctx's cause.
func waitLag(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
