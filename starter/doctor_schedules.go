package main

import (
	"context"
	"slices"

	"speech-retrainer/internal/doctor"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
)

// on are those of models that are on the queue that is looked at.
func (s *setUp) on(models []fleet.Model) []fleet.Model {
	return slices.DeleteFunc(slices.Clone(models), func(m fleet.Model) bool { return s.queue != "" && m.TaskQueue != s.queue })
}

// queues are those that are looked at: the one that was named, else those of the models, else of the schedules, else the usual one.
func (s *setUp) queues(usual string) []string {
	if s.queue != "" {
		return []string{s.queue}
	}
	var queues []string
	for _, m := range s.models {
		queues = append(queues, m.TaskQueue)
	}
	if len(queues) == 0 {
		for _, of := range s.have {
			queues = append(queues, of.TaskQueue)
		}
	}
	if len(queues) == 0 {
		queues = append(queues, usual)
	}
	slices.Sort(queues)
	return slices.Compact(queues)
}

// readSchedules reads the schedules that are there. Their models are those that are looked at, without a file.
func (a *app) readSchedules(ctx context.Context, server follow.Session, s *setUp) error {
	names, err := schedules.All(ctx, server)
	if err == nil {
		s.have, err = schedules.Standings(ctx, server, names)
	}
	if ctx.Err() != nil {
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: nothing was changed")
	}
	if err != nil {
		f := lifecycle.Findings{Area: lifecycle.AreaSchedules}
		f.Add(lifecycle.FindingUnknown, "list", "look with: temporal schedule list", "the schedules cannot be read: %s", err)
		s.add(f.List...)
		s.have = nil
		return nil
	}
	if s.file != nil {
		return nil
	}
	for _, name := range names {
		if of := s.have[name]; of.Checks() {
			if given, err := of.Given(); err == nil {
				s.models = append(s.models, fleet.Model{Given: given, TaskQueue: of.TaskQueue})
			}
		}
	}
	s.models = s.on(s.models)
	return nil
}

// judgeSchedules judges the schedules of the models that are looked at: those of a fleet, else all that are there.
func judgeSchedules(ctx context.Context, server follow.Session, s *setUp) {
	judged := map[string]fleet.Standing{}
	switch {
	case s.have == nil:
	case s.file == nil:
		for name, of := range s.have {
			if s.queue == "" || of.TaskQueue == s.queue {
				judged[name] = of
			}
		}
		s.add(doctor.Schedules(judged, nil, s.queue, s.bare)...)
	case s.fleet:
		looked := *s.file
		looked.Models = s.models
		for _, m := range looked.Models {
			if of, there := s.have[m.Name]; there {
				judged[m.Name] = of
			}
		}
		s.add(doctor.Schedules(judged, &looked, s.queue, s.bare)...)
		held, err := schedules.Hold(ctx, server, fleet.Held{Fleet: *s.file, Owner: s.here.Owner})
		s.add(doctor.Objections(held, err)...)
	}
}
