package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/calendar"
	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/upload"
	"speech-retrainer/internal/words"
)

type planFlags struct {
	connection connectionFlags
	file       string
	taskQueue  string
	verbose    bool
	calendar   string
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan --file FLEET [NAME...]",
		Short: "Show what would be done for the models of a fleet, and why",
		Long: `Show what would be done for the models of a fleet, and why. Changes nothing.

One line for each model and its reason, its dates, and what its next retrain
may cost; one model alone, or --verbose, shows all: base model and those
refused, data, tests, endpoint, deletions, alarms. For a fleet follow the next
twelve months: trainings, evaluations, hosting of endpoints. What costs money is
an estimate: renew.prices takes the place of the prices shown.

With --calendar the days of each model are written as all-day events for a
calendar: expiry, due day, begin of the last resort, end of its base model. The
file may be read again later: its events then move. It is not written when a
model could not be planned.

The request of one model will do in place of a fleet. Local files are not
uploaded. Ends with exit code 4 when a model is due, with 0 when none is.`,
		Example: `  starter plan --file fleet.yaml
  starter plan --file fleet.yaml --calendar models.ics
  starter plan --file fleet.yaml support-calls
  starter plan --file fleet.yaml --output json
  starter plan --file request.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.plan(cmd.Context(), f, args) },
	}
	addOutput(cmd, a.out)
	addFile(cmd, &f.file, "Fleet or request")
	addTaskQueue(cmd, &f.taskQueue, ", for a request: a fleet has its own")
	cmd.Flags().StringVar(&f.calendar, "calendar", "", "Write the days of the models into this iCalendar file (.ics)")
	cmd.Flags().BoolVar(&f.verbose, "verbose", false, "Show the whole plan of every model")
	f.connection.add(cmd)
	return cmd
}

func (a *app) plan(ctx context.Context, f planFlags, names []string) error {
	file, err := document.Read(f.file, a.Stdin)
	if err != nil {
		return err
	}
	given, err := fleet.ReadAny(file, f.taskQueue, time.Now())
	if err != nil {
		return err
	}
	models, err := given.Choose(names)
	if err != nil {
		return err
	}
	if err := document.RefuseCalendar(f.calendar); err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	plans := askPlans(ctx, server, models)
	err = a.showPlans(plans, given.Name != "", f.verbose || len(models) == 1)
	switch {
	case f.calendar == "":
	case err == nil:
		err = a.writeCalendar(f.calendar, plans)
	default:
		a.out.Tell("%s is not written: it would lack what could not be planned", f.calendar)
	}
	// Last, where people look first.
	a.out.Warn(given.Warnings)
	return err
}

// askPlans asks the workers for the plans of models, each worker for many at once.
func askPlans(ctx context.Context, server follow.Session, models []fleet.Model) []planned {
	plans := make([]planned, len(models))
	var queues []string
	asked, at := map[string][]follow.PlanAsked{}, map[string][]int{}
	for i, m := range models {
		raw, err := upload.Named(ctx, m.Given)
		if err != nil {
			plans[i].err = exit.About(err, m.Request)
			continue
		}
		if asked[m.TaskQueue] == nil {
			queues = append(queues, m.TaskQueue)
		}
		asked[m.TaskQueue], at[m.TaskQueue] = append(asked[m.TaskQueue], follow.PlanAsked{Name: m.Name, Raw: raw}), append(at[m.TaskQueue], i)
	}
	var group errgroup.Group
	for _, queue := range queues {
		group.Go(func() error {
			for _, told := range server.AskPlans(ctx, queue, asked[queue]) {
				for n, k := range told.At {
					i := at[queue][k]
					switch {
					case told.Err == nil && len(told.At) == 1:
						plans[i].plan = told.Plans[0]
					case told.Err == nil:
						plans[i] = planned{plan: told.Plans[n], err: unplanned(told.Plans[n], models[i].Request)}
					case len(told.At) == 1:
						plans[i].err = exit.About(told.Err, models[i].Request)
					default:
						plans[i].err = told.Err
					}
				}
			}
			return nil
		})
	}
	_ = group.Wait() // what failed is in the plans
	return plans
}

// unplanned is why there is no plan of a model; nil when there is one. What a retrain would refuse at once is part of a plan.
func unplanned(plan lifecycle.Plan, request lifecycle.Request) error {
	if plan.Error == nil || plan.Error.Type == lifecycle.InvalidRequest || plan.Error.Type == lifecycle.NoUsableBaseModel {
		return nil
	}
	why := &exit.Failure{Code: exit.Failed, Cause: *plan.Error}
	why.Cause.Message = "plan " + request.Name + ": " + why.Cause.Message
	return exit.About(why, request)
}

// planned is the plan of one model, or why there is none.
type planned struct {
	plan lifecycle.Plan
	err  error
}

// showPlans prints plans, whole or in short, and for a fleet what its next months may cost. The first failure ends the
// program, which tells it; the others are told here.
func (a *app) showPlans(plans []planned, ofFleet, whole bool) error {
	due := 0
	var broken error
	done := []lifecycle.Plan{}
	for _, p := range plans {
		switch {
		case p.err == nil:
			done = append(done, p.plan)
			if p.plan.Due {
				due++
			}
		case broken == nil:
			broken = p.err
		case !a.out.JSON:
			a.out.Tell("starter: %s", p.err)
		}
	}
	months := []lifecycle.Month{}
	if ofFleet {
		months = lifecycle.Forecast(done)
	}
	switch {
	case !a.out.JSON:
		for _, p := range done {
			a.out.Plan(p, whole)
		}
		a.out.Forecast(done, months)
		a.out.Print("")
		a.out.Print("%s, %d due, %d not planned", words.Count(len(plans), "model"), due, len(plans)-len(done))
	case broken == nil:
		a.out.Value(shownPlans{Plans: done, Months: months})
	}
	if broken == nil && due > 0 {
		a.code = exit.Changes
	}
	return broken
}

// shownPlans is what --output json prints.
type shownPlans struct {
	Plans []lifecycle.Plan `json:"plans"`
	// Months are the next twelve of a fleet together; empty for a request.
	Months []lifecycle.Month `json:"months"`
}

// writeCalendar writes the days of models into a file.
func (a *app) writeCalendar(path string, plans []planned) error {
	var done []lifecycle.Plan
	for _, p := range plans {
		done = append(done, p.plan)
	}
	content, events := calendar.File(done)
	if err := document.WriteCalendar(path, content); err != nil {
		return err
	}
	a.out.Tell("%s written into %s", words.Count(events, "event"), path)
	return nil
}
