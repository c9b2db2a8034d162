package schedules

import (
	"cmp"
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// Operated is what was done to one schedule.
type Operated struct {
	Model    string `json:"model"`
	Schedule string `json:"schedule"`
	// Changed is false for one that was as it should be: then its note stays, too.
	Changed bool `json:"changed"`
	Paused  bool `json:"paused"`
	// Note is the note that stands now, NoteBefore the one that it took the place of; null without.
	Note       *string `json:"note"`
	NoteBefore *string `json:"noteBefore"`
}

// Pause stops the checks of models whose schedules are given, or lets them go on. One that is paused already, or not, keeps its note.
// The answer is in the order of the schedules; with an error, a *exit.Failure, it holds those that could be changed.
func Pause(ctx context.Context, s follow.Session, all []fleet.Standing, paused bool, note string) ([]Operated, error) {
	verb := "resumed"
	if paused {
		verb = "paused"
	}
	note = cmp.Or(note, words.Unnoted(verb, cmp.Or(s.User, "somebody")))
	done := make([]Operated, len(all))
	errs := make([]error, len(all))
	var group errgroup.Group
	group.SetLimit(AtOnce)
	for i, of := range all {
		group.Go(func() error {
			done[i], errs[i] = pause(ctx, s, of, paused, note)
			return nil
		})
	}
	_ = group.Wait() // what failed is in errs
	var made []Operated
	var first error
	for i := range all {
		if errs[i] == nil {
			made = append(made, done[i])
		} else if first == nil {
			first = errs[i]
		}
	}
	return made, first
}

func pause(ctx context.Context, s follow.Session, of fleet.Standing, paused bool, note string) (Operated, error) {
	done := Operated{Model: of.Model, Schedule: workflows.ScheduleID(of.Model), Paused: paused, Note: lifecycle.Text(of.Note)}
	if of.Paused == paused {
		return done, nil
	}
	done.Changed, done.Note, done.NoteBefore = true, &note, lifecycle.Text(of.Note)
	what, do := "resume", func() error {
		return handleOf(ctx, s, of.Model).Unpause(ctx, client.ScheduleUnpauseOptions{Note: note})
	}
	if paused {
		what, do = "pause", func() error { return handleOf(ctx, s, of.Model).Pause(ctx, client.SchedulePauseOptions{Note: note}) }
	}
	return done, failed(s, what, of.Model, patiently(ctx, do))
}

// Found are the schedules of the models of these names, in their order. The error names one that has none; what says what was to be
// done with it.
func Found(ctx context.Context, s follow.Session, what string, names []string) ([]fleet.Standing, error) {
	standings, err := Standings(ctx, s, names)
	if err != nil {
		return nil, err
	}
	all := make([]fleet.Standing, len(names))
	for i, name := range names {
		of, there := standings[name]
		if !there {
			return nil, Meant(ctx, s, name, missing(what, name))
		}
		all[i] = of
	}
	return all, nil
}

// Trigger lets a model be checked now. It tells the run ID of the retrain that went on before; empty when none did.
func Trigger(ctx context.Context, s follow.Session, name string) (running string, err error) {
	described, err := s.DescribeWorkflowExecution(ctx, workflows.RetrainID(name), "")
	if err != nil && !follow.Missing(err) {
		return "", s.Unreachable(err)
	}
	if info := described.GetWorkflowExecutionInfo(); info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		running = info.GetExecution().GetRunId()
	}
	// Whatever goes on: the check that is asked for is made.
	now := client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL}
	return running, failed(s, "trigger", name, handleOf(ctx, s, name).Trigger(ctx, now))
}

// firesWithin is how long a schedule that was triggered may take to start its check.
const firesWithin = 30 * time.Second

// Checks are the checks that a schedule has started last, the oldest first.
func Checks(ctx context.Context, s follow.Session, what, name string) (all []follow.Run, err error) {
	var d *client.ScheduleDescription
	if err := patiently(ctx, func() (err error) { d, err = handleOf(ctx, s, name).Describe(ctx); return err }); err != nil {
		return nil, Meant(ctx, s, name, failed(s, what, name, err))
	}
	of := fleet.NewStanding(name, d)
	if !of.Checks() {
		return nil, exit.Refuse(lifecycle.InvalidRequest, "schedule %s starts %s, not %s: no check comes of it",
			workflows.ScheduleID(name), of.Starts(), workflows.TypeRenew).
			Next("delete it, or give it another ID: temporal schedule delete --schedule-id %s", workflows.ScheduleID(name))
	}
	queue := of.TaskQueue
	for _, action := range d.Info.RecentActions {
		if started := action.StartWorkflowResult; started != nil {
			all = append(all, follow.Run{Session: s, ID: started.WorkflowID, RunID: started.FirstExecutionRunID, Name: name, TaskQueue: queue})
		}
	}
	return all, nil
}

// Next waits for a check that a schedule has started since earlier ones were seen. The error is a *exit.Failure.
func Next(ctx context.Context, s follow.Session, name string, earlier []follow.Run) (*follow.Run, error) {
	seen := map[string]bool{}
	for _, run := range earlier {
		seen[run.RunID] = true
	}
	given := time.Now()
	for {
		all, err := Checks(ctx, s, "trigger", name)
		if ctx.Err() != nil {
			return nil, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: schedule %s was triggered", workflows.ScheduleID(name))
		}
		if err != nil {
			return nil, err
		}
		for _, run := range all {
			if !seen[run.RunID] {
				return &run, nil
			}
		}
		if time.Since(given) > firesWithin {
			return nil, exit.New(exit.Failed, lifecycle.TimedOut, "schedule %s was triggered, and has started no check within %s",
				workflows.ScheduleID(name), firesWithin).Next("see what became of it: temporal schedule describe --schedule-id %s", workflows.ScheduleID(name))
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.Pace):
		}
	}
}

// missing is the failure to find the schedule of a model.
func missing(what, name string) *exit.Failure {
	return exit.New(exit.Failed, exit.NotFound, "cannot %s %s: there is no schedule %s", what, name, workflows.ScheduleID(name)).
		Next("see those that are there: starter status; make one: starter apply --file fleet.yaml")
}

// failed says why something could not be done with a schedule; nil when it could.
func failed(s follow.Session, what, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case follow.Missing(err):
		return missing(what, name)
	}
	f := s.Unreachable(err)
	f.Cause.Message = fmt.Sprintf("cannot %s %s: %s", what, name, err)
	f.Cause.Type = lifecycle.Unavailable
	return f
}
