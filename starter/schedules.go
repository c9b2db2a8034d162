package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/workflows"
)

// describedAtOnce bounds how many schedules are read side by side.
const describedAtOnce = 32

// scheduledModels are the names of the models that have a schedule, sorted; also one that somebody made by hand for
// what can be no model's name.
func scheduledModels(ctx context.Context, s follow.Session) ([]string, error) {
	iterator, err := s.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 1000})
	if err != nil {
		return nil, s.Unreachable(err)
	}
	var names []string
	for iterator.HasNext() {
		entry, err := iterator.Next()
		if err != nil {
			return nil, s.Unreachable(err)
		}
		model, is := strings.CutPrefix(entry.ID, workflows.ScheduleID(""))
		if is && entry.WorkflowType.Name == workflows.TypeRenew {
			names = append(names, model)
		}
	}
	slices.Sort(names)
	return names, nil
}

// standings reads the schedules of models; one without a schedule is not in the answer.
func standings(ctx context.Context, s follow.Session, names []string) (map[string]fleet.Standing, error) {
	all, err := describeSchedules(ctx, s, names)
	standings := map[string]fleet.Standing{}
	for name, d := range all {
		standings[name] = fleet.NewStanding(name, d)
	}
	return standings, err
}

// describeSchedules asks Temporal for the schedules of models; one without a schedule is not in the answer. The error is a
// *exit.Failure.
func describeSchedules(ctx context.Context, s follow.Session, names []string) (map[string]*client.ScheduleDescription, error) {
	var lock sync.Mutex
	found := map[string]*client.ScheduleDescription{}
	var group errgroup.Group
	group.SetLimit(describedAtOnce)
	for _, name := range names {
		group.Go(func() error {
			d, err := s.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(name)).Describe(ctx)
			if _, absent := errors.AsType[*serviceerror.NotFound](err); absent {
				return nil
			}
			if err != nil {
				return s.Unreachable(err)
			}
			lock.Lock()
			defer lock.Unlock()
			found[name] = d
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

// makeChanges makes the changes. The id is in the file before it is in any schedule: one that no file has would shut the
// fleet out of its own schedules.
func makeChanges(ctx context.Context, s follow.Session, path string, f fleet.Held, source []byte, changes []fleet.Change) error {
	if source != nil {
		if err := replace(path, f.Doc.Source, source); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if err := makeChange(ctx, s, c, f.Name, f.Owner); err != nil {
			return err
		}
	}
	return nil
}

// makeChange makes one change. What an operator has set, pause and note, stays.
func makeChange(ctx context.Context, s follow.Session, c fleet.Change, fleetName, owner string) error {
	handle := s.ScheduleClient().GetHandle(ctx, c.Schedule)
	var err error
	switch c.Action {
	case fleet.Create:
		_, err = s.ScheduleClient().Create(ctx, c.To.Options(fleetName, owner))
	case fleet.Delete:
		err = handle.Delete(ctx)
	case fleet.Update:
		err = handle.Update(ctx, client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			next := c.To.Changed(in.Description.Schedule)
			return &client.ScheduleUpdate{Schedule: &next}, nil
		}})
	}
	if err != nil {
		why := s.Unreachable(err)
		why.Cause.Message = fmt.Sprintf("cannot %s schedule %s: %s", c.Action, c.Schedule, err)
		return why.Next("what came before it is applied; run the same command again")
	}
	return nil
}
