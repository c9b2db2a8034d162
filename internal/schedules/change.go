package schedules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cenkalti/backoff/v5"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
)

// Change makes the changes that a fleet asks for, AtOnce side by side, and deletes only when all else is done. What an
// operator has set, pause and note, stays.
func Change(ctx context.Context, s follow.Session, f fleet.Held, changes []fleet.Change) error {
	deletes := func(c fleet.Change) bool { return c.Action == fleet.Delete }
	if err := changeAll(ctx, s, f, slices.DeleteFunc(slices.Clone(changes), deletes)); err != nil {
		return err
	}
	return changeAll(ctx, s, f, slices.DeleteFunc(slices.Clone(changes), func(c fleet.Change) bool { return !deletes(c) }))
}

func changeAll(ctx context.Context, s follow.Session, f fleet.Held, changes []fleet.Change) error {
	errs := make([]error, len(changes))
	var group errgroup.Group
	group.SetLimit(AtOnce)
	for i, c := range changes {
		group.Go(func() error {
			errs[i] = change(ctx, s, f, c)
			return nil
		})
	}
	_ = group.Wait() // what failed is in errs
	var first *exit.Failure
	broken := 0
	for i, c := range changes {
		if errs[i] == nil {
			continue
		}
		if broken++; first == nil {
			first = s.Unreachable(errs[i])
			first.Cause.Message = fmt.Sprintf("cannot %s schedule %s: %s", c.Action, c.Schedule, errs[i])
		}
	}
	switch {
	case broken == 0:
		return nil
	case broken > 1:
		first.Cause.Message += fmt.Sprintf("; and %d more could not be changed", broken-1)
	}
	return first.Next("what could be changed is changed, and nothing that comes after it is deleted; run the same command again")
}

// change makes one change. The error is the API's.
func change(ctx context.Context, s follow.Session, f fleet.Held, c fleet.Change) error {
	handle := handleOf(ctx, s, c.Model)
	switch c.Action {
	case fleet.Create:
		tries := 0
		return patiently(ctx, func() error {
			tries++
			_, err := s.ScheduleClient().Create(ctx, c.To.Options(f.Name, f.Owner))
			if tries > 1 && errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
				return nil // the try before had made it
			}
			return err
		})
	case fleet.Delete:
		return patiently(ctx, func() error {
			if err := handle.Delete(ctx); !follow.Missing(err) {
				return err
			}
			return nil // it was to go
		})
	case fleet.Update:
		return patiently(ctx, func() error {
			return handle.Update(ctx, client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				next := c.To.Changed(in.Description.Schedule)
				return &client.ScheduleUpdate{Schedule: &next}, nil
			}})
		})
	}
	return nil
}

// tries is how often something is asked of Temporal that gives no answer in time, or has too much to do.
const tries = 4

// patiently asks Temporal again for what it was too busy for.
func patiently(ctx context.Context, do func() error) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := do()
		if err != nil && !follow.Busy(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(backoff.NewExponentialBackOff()), backoff.WithMaxTries(tries))
	return err
}
