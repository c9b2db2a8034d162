package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/follow"
	"speech-retrainer/workflows"
)

// describedAtOnce bounds how many schedules are read side by side.
const describedAtOnce = 32

// standing is the schedule of a model as Temporal has it, and whose it is.
type standing struct {
	schedule

	model string
	// fleet and owner are empty when it was made by hand.
	fleet, owner string
	// locale and endpoint are those of its request; empty when that names none or cannot be read.
	locale, endpoint string
	paused           bool
}

func newStanding(model string, d *client.ScheduleDescription) standing {
	fields := d.Memo.GetFields()
	s := standing{schedule: existing(d.Schedule), model: model, fleet: memoText(fields[memoFleet]), owner: memoText(fields[memoOwner])}
	s.paused = d.Schedule.State != nil && d.Schedule.State.Paused
	var request struct {
		Locale string
		Deploy struct{ Endpoint string }
	}
	// A request of an earlier release may not be one any more: what it names is still what its checks will use.
	if json.Unmarshal(s.input, &request) == nil {
		s.locale, s.endpoint = request.Locale, request.Deploy.Endpoint
	}
	return s
}

// standings reads the schedules of models; one without a schedule is not in the answer.
func standings(ctx context.Context, s follow.Session, names []string) (map[string]standing, error) {
	all, err := describeSchedules(ctx, s, names)
	standings := map[string]standing{}
	for name, d := range all {
		standings[name] = newStanding(name, d)
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
