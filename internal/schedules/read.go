// Package schedules is the Temporal Schedules of models: it reads those that are there, makes the changes that a fleet
// asks for, and does with one what an operator says. What a schedule should be is internal/fleet's. Every error is a
// *exit.Failure.
package schedules

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
	"speech-retrainer/workflows"
)

// AtOnce bounds how many schedules, or runs, are read side by side.
const AtOnce = 32

// Models are the names of the models that have a schedule, sorted; also one that somebody made by hand for what can be
// no model's name.
func Models(ctx context.Context, s follow.Session) ([]string, error) {
	return named(ctx, s, func(workflow string) bool { return workflow == workflows.TypeRenew })
}

// All is Models with the schedules of such an ID that start something else: a slip of whoever made it by hand, and then
// nothing checks the model.
func All(ctx context.Context, s follow.Session) ([]string, error) {
	return named(ctx, s, func(string) bool { return true })
}

func named(ctx context.Context, s follow.Session, wanted func(workflow string) bool) ([]string, error) {
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
		if is && wanted(entry.WorkflowType.Name) {
			names = append(names, model)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Standings reads the schedules of models; one without a schedule is not in the answer.
func Standings(ctx context.Context, s follow.Session, names []string) (map[string]fleet.Standing, error) {
	var lock sync.Mutex
	found := map[string]fleet.Standing{}
	var group errgroup.Group
	group.SetLimit(AtOnce)
	for _, name := range names {
		group.Go(func() error {
			var d *client.ScheduleDescription
			err := patiently(ctx, func() (err error) { d, err = handleOf(ctx, s, name).Describe(ctx); return err })
			if follow.Missing(err) {
				return nil
			}
			if err != nil {
				return s.Unreachable(err)
			}
			lock.Lock()
			defer lock.Unlock()
			found[name] = fleet.NewStanding(name, d)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

// Request is the request of the schedule of a model, and the task queue on which it is checked. The error names the schedule
// that may be meant.
func Request(ctx context.Context, s follow.Session, name string) (fleet.Given, string, error) {
	found, err := Standings(ctx, s, []string{name})
	if err != nil {
		return fleet.Given{}, "", err
	}
	if of, there := found[name]; there && of.Checks() {
		given, err := of.Given()
		if err == nil && given.Name != name {
			err = exit.Refuse(lifecycle.InvalidRequest, "schedule %s has the request of %s: %s itself is checked by nobody",
				workflows.ScheduleID(name), given.Name, name).
				Next("give it its own with starter apply (--adopt-schedules if it was made by hand), or name a request: starter run --file FILE")
		}
		return given, of.TaskQueue, err
	}
	missing := exit.Refuse(exit.NotFound, "there is no schedule %s whose request could be run", workflows.ScheduleID(name))
	near, err := Near(ctx, s, name)
	if err != nil {
		return fleet.Given{}, "", err
	}
	if near != "" {
		return fleet.Given{}, "", missing.Next("did you mean %s? Or name a request: starter run --file FILE", near)
	}
	return fleet.Given{}, "", missing.Next("see those that are there: starter status; or name a request: starter run --file FILE")
}

// Near is the model of those that have a schedule which was probably meant by a name; empty when that name has one itself, or none is
// near.
func Near(ctx context.Context, s follow.Session, name string) (string, error) {
	names, err := Models(ctx, s)
	if err != nil || slices.Contains(names, name) {
		return "", err
	}
	return meant.Nearest(name, names), nil
}

// Meant adds to a failure that knows nothing of a model which one was probably meant, of those that have a schedule. Any
// other error it gives back as it is.
func Meant(ctx context.Context, s follow.Session, name string, err error) error {
	f, is := errors.AsType[*exit.Failure](err)
	if !is || f.Cause.Type != exit.NotFound {
		return err
	}
	near, listed := Near(ctx, s, name)
	switch {
	case listed != nil || near == "":
		return err
	case f.Cause.Next == nil:
		return f.Next("did you mean %s?", near)
	}
	return f.Next("did you mean %s? Else %s", near, *f.Cause.Next)
}

func handleOf(ctx context.Context, s follow.Session, name string) client.ScheduleHandle {
	return s.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(name))
}

// Hold holds a fleet against the schedules that are there, those of its models among them also when the listing does
// not show them yet. The error is all that stands against the fleet.
func Hold(ctx context.Context, s follow.Session, over fleet.Held) (fleet.Held, error) {
	names, err := Models(ctx, s)
	if err != nil {
		return over, err
	}
	for _, m := range over.Models {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	if over.Have, err = Standings(ctx, s, slices.Compact(names)); err != nil {
		return over, err
	}
	over.Warnings = slices.Concat(over.Warnings, over.Renamed(), over.Moved(), over.Unmarked(), over.Budgets(), over.Upgraded())
	return over, over.Objections()
}
