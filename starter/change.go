package main

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/follow"
	"speech-retrainer/workflows"
)

// The actions of a change.
const (
	actionCreate = "create"
	actionUpdate = "update"
	actionLeave  = "unchanged"
	actionDelete = "delete"
)

// change is what is done with one schedule.
type change struct {
	Model    string   `json:"model"`
	Schedule string   `json:"schedule"`
	Action   string   `json:"action"`
	Diff     []string `json:"diff"`
	Paused   bool     `json:"paused"`
	// model is what it shall be; empty for a deletion.
	model fleetModel
}

// changes are what is to be done with each schedule, for models whose local files are datasets by now.
func (f appliedFleet) changes(models []fleetModel) []change {
	var changes []change
	for _, m := range models {
		changes = append(changes, f.change(m))
	}
	for _, s := range f.pruned() {
		changes = append(changes, change{Model: s.model, Schedule: workflows.ScheduleID(s.model), Action: actionDelete, Diff: []string{}, Paused: s.paused})
	}
	return changes
}

// change compares the schedule of a model with what it should be.
func (f appliedFleet) change(m fleetModel) change {
	s, there := f.have[m.Name]
	c := change{Model: m.Name, Schedule: workflows.ScheduleID(m.Name), Diff: []string{}, model: m, Action: actionCreate}
	if there {
		c.Action, c.Paused = actionLeave, s.paused
	}
	c.Diff = append(c.Diff, differences(s.schedule, wanted(m))...)
	if there && len(c.Diff) > 0 {
		c.Action = actionUpdate
	}
	return c
}

// makeChanges makes the changes. The id is in the file before it is in any schedule: one that no file has would shut the
// fleet out of its own schedules.
func makeChanges(ctx context.Context, s follow.Session, path string, f appliedFleet, source []byte, changes []change) error {
	if source != nil {
		if err := replace(path, f.doc.source, source); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if err := makeChange(ctx, s, c, f.name, f.owner); err != nil {
			return err
		}
	}
	return nil
}

// makeChange makes one change. What an operator has set, pause and note, stays.
func makeChange(ctx context.Context, s follow.Session, c change, fleetName, owner string) error {
	handle := s.ScheduleClient().GetHandle(ctx, c.Schedule)
	var err error
	switch c.Action {
	case actionCreate:
		_, err = s.ScheduleClient().Create(ctx, c.model.options(fleetName, owner))
	case actionDelete:
		err = handle.Delete(ctx)
	case actionUpdate:
		err = handle.Update(ctx, client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			next := in.Description.Schedule
			spec, w := c.model.spec(), wanted(c.model)
			next.Spec, next.Action = &spec, c.model.action(w)
			next.Policy = &client.SchedulePolicies{Overlap: w.overlap, CatchupWindow: w.catchUp}
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
