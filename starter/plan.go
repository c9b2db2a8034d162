package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/upload"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type planFlags struct {
	connection connectionFlags
	file       string
	taskQueue  string
	verbose    bool
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan --file FLEET [NAME...]",
		Short: "Show what would be done for the models of a fleet, and why",
		Long: `Show what would be done for the models of a fleet, and why. Changes nothing.

One line for each model and its reason; one model alone, or --verbose, shows
all: base model and those refused, data, tests, endpoint, deletions, alarms.
The request of one model will do in place of a fleet. Local files are not
uploaded. Ends with exit code 4 when a model is due, with 0 when none is.`,
		Example: `  starter plan --file fleet.yaml
  starter plan --file fleet.yaml support-calls
  starter plan --file fleet.yaml --output json
  starter plan --file request.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.plan(cmd.Context(), f, args) },
	}
	addOutput(cmd, a.out)
	addFile(cmd, &f.file, "Fleet or request")
	addTaskQueue(cmd, &f.taskQueue, ", for a request: a fleet has its own")
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
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	plans := make([]planned, len(models))
	var group errgroup.Group
	group.SetLimit(follow.QuestionsAtOnce)
	for i, m := range models {
		group.Go(func() error {
			raw, err := upload.Named(ctx, m.Given)
			if err == nil {
				err = server.Ask(ctx, follow.Question{
					ID: "plan/" + m.Name, TaskQueue: m.TaskQueue, Workflow: workflows.TypePlan, Input: json.RawMessage(raw),
					About: "plan " + m.Name,
				}, &plans[i].plan)
			}
			plans[i].err = exit.About(err, m.Request)
			return nil
		})
	}
	_ = group.Wait() // what failed is in the plans
	err = a.showPlans(plans, f.verbose || len(models) == 1)
	// Last, where people look first.
	a.out.Warn(given.Warnings)
	return err
}

// planned is the plan of one model, or why there is none.
type planned struct {
	plan lifecycle.Plan
	err  error
}

// showPlans prints plans, whole or in short. The first failure ends the program, which tells it; the others are told
// here.
func (a *app) showPlans(plans []planned, whole bool) error {
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
	switch {
	case !a.out.JSON:
		for _, p := range done {
			a.out.Plan(p, whole)
		}
		a.out.Print("")
		a.out.Print("%s, %d due, %d not planned", words.Count(len(plans), "model"), due, len(plans)-len(done))
	case broken == nil:
		a.out.Value(done)
	}
	if broken == nil && due > 0 {
		a.code = exit.Changes
	}
	return broken
}
