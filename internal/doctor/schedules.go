package doctor

import (
	"errors"
	"maps"
	"slices"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// Schedules are the findings on schedules that are there, and on models of a file that should have one. file is nil
// without a fleet; queue is the one that is looked at alone, empty for all; bare tells that nothing of ours is on any resource
// that was looked at.
func Schedules(have map[string]fleet.Standing, file *fleet.Fleet, queue string, bare bool) []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaSchedules}
	fine := 0
	for _, name := range slices.Sorted(maps.Keys(have)) {
		s := have[name]
		id := workflows.ScheduleID(name)
		given, err := s.Given()
		lead, _ := lifecycle.Lead(nil, given.Request)
		switch gap := s.Gap; {
		case !s.Checks():
			f.Add(lifecycle.FindingError, name, "delete it, or give it another ID: temporal schedule delete --schedule-id "+id,
				"schedule %s starts %s, not %s: nothing checks the model", id, s.Starts(), workflows.TypeRenew)
		case err != nil:
			f.Add(lifecycle.FindingError, name, "correct the model in its fleet file, then: starter apply --file FILE", "its checks are refused: %s", err)
		case given.Name != name:
			f.Add(lifecycle.FindingError, name, "give it the request of its own model: starter apply --file FILE",
				"schedule %s has the request of the model %s: nothing checks %s", id, given.Name, name)
		case s.Paused:
			note := words.PauseNote(s.Note)
			if note == "" {
				note = "without a note"
			}
			f.Add(lifecycle.FindingWarning, name, "let its checks go on: starter resume "+name, "paused (%s): nobody sees it expire", note)
		case s.Next == nil:
			f.Add(lifecycle.FindingError, name, "correct its schedule in the fleet file, then: starter apply --file FILE", "schedule %s never fires", id)
		case gap > lead.Std()/3:
			f.Add(lifecycle.FindingWarning, name, "check more often: schedule of the model in its fleet file, then: starter apply --file FILE",
				"up to %s pass between two checks, more than a third of the %s before the expiry at which it is due", words.Days(gap), lead)
		default:
			fine++
		}
	}
	if file != nil {
		for _, m := range file.Models {
			if _, there := have[m.Name]; !there {
				f.Add(lifecycle.FindingWarning, m.Name, "make it: starter apply --file FILE", "has no schedule: nothing checks it")
			}
		}
	}
	on := ""
	if queue != "" {
		on = " on task queue " + queue
	}
	switch {
	case fine > 0:
		f.OK("checks", "%s often enough", schedulesFire(fine))
	case len(f.List) > 0:
	case file != nil && queue != "":
		f.Add(lifecycle.FindingWarning, "fleet", "name another one, or leave --task-queue out", "no model of the file is%s", on)
	case bare:
		f.OK("checks", "no model%s has a schedule yet, and nothing on the resource is ours: starter apply --file fleet.yaml makes them", on)
	default:
		f.Add(lifecycle.FindingWarning, "checks", "make them: starter apply --file fleet.yaml", "no model%s has a schedule: nothing expires in anybody's sight", on)
	}
	return f.List
}

func schedulesFire(n int) string {
	if n == 1 {
		return "1 schedule fires"
	}
	return words.Count(n, "schedule") + " fire"
}

// Objections are the findings on a fleet that is held against the schedules that are there: why apply would refuse it, and
// what it would warn of.
func Objections(held fleet.Held, err error) []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaSchedules}
	for _, text := range held.Warnings {
		f.Add(lifecycle.FindingWarning, "fleet", "change the file where it is meant otherwise, then: starter apply --file FILE", "%s", text)
	}
	if why, is := errors.AsType[*exit.Failure](err); is {
		for _, p := range why.Cause.Problems {
			f.Add(lifecycle.FindingError, "fleet", "starter apply would refuse the file: mend this first", "%s", p)
		}
	}
	return f.List
}
