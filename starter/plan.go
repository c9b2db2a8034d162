package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type planFlags struct {
	connection connectionFlags
	output     outputFlags
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
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Fleet or request in YAML or JSON; - reads it from standard input (required)")
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue+", for a request: a fleet has its own")
	cmd.Flags().BoolVar(&f.verbose, "verbose", false, "Show the whole plan of every model")
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) plan(ctx context.Context, f planFlags, names []string) error {
	if err := f.output.choose(a.out); err != nil {
		return err
	}
	if f.file == "" {
		return exit.Refuse(lifecycle.InvalidRequest, "--file is required: the fleet or the request, in YAML or JSON")
	}
	file, err := a.readFile(f.file)
	if err != nil {
		return err
	}
	given, err := fleet.ReadAny(file, cmp.Or(f.taskQueue, workflows.DefaultTaskQueue), time.Now())
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
	plans := make([]lifecycle.Plan, len(models))
	failed := make([]error, len(models))
	var group errgroup.Group
	group.SetLimit(questionsAtOnce)
	for i, m := range models {
		group.Go(func() error {
			raw, err := withIdentities(ctx, m.Given)
			if err == nil {
				err = server.Ask(ctx, follow.Question{
					ID: "plan/" + m.Name, TaskQueue: m.TaskQueue, Workflow: workflows.TypePlan, Input: json.RawMessage(raw),
					About: "plan " + m.Name,
				}, &plans[i])
			}
			failed[i] = exit.About(err, m.Request)
			return nil
		})
	}
	_ = group.Wait()
	err = a.showPlans(models, plans, failed, f.verbose || len(models) == 1)
	// Last, where people look first.
	a.out.Warn(given.Warnings)
	return err
}

// withIdentities names, in place of local files, the datasets that an upload of them would have: a plan uploads
// nothing.
func withIdentities(ctx context.Context, given fleet.Given) ([]byte, error) {
	names := map[string]string{}
	for _, file := range given.Files() {
		content, err := identityOf(ctx, file)
		if err != nil {
			return nil, exit.Refuse(lifecycle.InvalidRequest, "cannot read %s: %s", file.Path, err)
		}
		names[file.Entry] = lifecycle.DatasetDisplayName(file.Data.Name, content)
	}
	if len(names) == 0 {
		return given.Raw, nil
	}
	return fleet.WithDatasets(given.Raw, names)
}

func (a *app) showPlans(models []fleet.Model, plans []lifecycle.Plan, failed []error, whole bool) error {
	due := 0
	// The first failure ends the program, which tells it.
	var broken error
	done := []lifecycle.Plan{}
	for i, p := range plans {
		if failed[i] != nil {
			if broken == nil {
				broken = failed[i]
			}
			continue
		}
		done = append(done, p)
		if p.Due {
			due++
		}
	}
	if a.out.JSON {
		if broken == nil {
			a.out.Value(done)
		}
	} else {
		for i, p := range plans {
			if failed[i] != nil {
				if !errors.Is(failed[i], broken) {
					a.out.Tell("starter: %s", failed[i])
				}
				continue
			}
			showPlan(a.out, p, whole)
		}
		a.out.Print("")
		a.out.Print("%s, %d due, %d not planned", words.Count(len(models), "model"), due, len(models)-len(done))
	}
	if broken != nil {
		return broken
	}
	if due > 0 {
		a.code = exit.Changes
	}
	return nil
}

// showPlan prints one plan: a line and its reason, or all of it.
func showPlan(out *screen.Screen, p lifecycle.Plan, whole bool) {
	state := "current"
	if p.Due {
		state = "due"
	}
	base := "-"
	if p.BaseModel != nil {
		base = p.BaseModel.DisplayName
	}
	var expires string
	if p.Champion != nil {
		expires = words.Within(p.Champion.ExpiresAt, p.ObservedAt)
	}
	out.Print("%-24s %-8s expires in %-10s next check %s", words.Fit(visible.Line(p.Name), 24), state, cmp.Or(expires, "-"), words.DayOf(p.NextCheck, "-"))
	lines := []string{p.Reason}
	for _, alarm := range p.Alarms {
		lines = append(lines, "ALARM "+alarm.Message+"; "+alarm.Next)
	}
	if e := p.Error; e != nil {
		lines = append(lines, fmt.Sprintf("a retrain would fail: %s: %s", e.Type, e.Message))
	}
	if whole {
		lines = append(lines, planLines(p, base)...)
	} else {
		lines = append(lines, fmt.Sprintf("base model %s; about %d requests, polls left out", base, p.Requests))
	}
	for _, line := range lines {
		out.PrintLines(words.Hang(visible.Line(line), words.Width-6, 2, 4))
	}
}

// planLines is the rest of a plan.
func planLines(p lifecycle.Plan, base string) []string {
	lines := []string{fmt.Sprintf("lead: %s = %s", p.Lead, p.LeadReason)}
	if p.RetrainRunID != nil {
		lines = append(lines, "a retrain goes on: "+*p.RetrainRunID)
	}
	if m := p.BaseModel; m != nil {
		charge := "the service does not say whether training is charged"
		if m.Charged != nil {
			charge = map[bool]string{true: "training is charged", false: "training is not charged"}[*m.Charged]
		}
		if m.Family != nil {
			base += " (family " + *m.Family + ")"
		}
		lines = append(lines, fmt.Sprintf("base model: %s, %s; %s", base, m.Reason, charge))
	}
	for i, r := range screen.CutRefused(p.BaseModelsRefused) {
		if i == 0 {
			lines = append(lines, "base models refused:")
		}
		lines = append(lines, "- "+r.DisplayName+": "+r.Reason)
	}
	for _, d := range p.Datasets {
		line := fmt.Sprintf("data: %s %s (%s)", d.Action, d.Name, d.Kind)
		if d.Note != nil {
			line += ": " + *d.Note
		}
		lines = append(lines, line)
	}
	for _, t := range p.Tests {
		lines = append(lines, fmt.Sprintf("test: %s against %s; %s", t.Name, t.Against, t.Limits))
	}
	if p.Endpoint != nil {
		lines = append(lines, *p.Endpoint)
	}
	for _, d := range p.Deleted {
		lines = append(lines, fmt.Sprintf("delete: %s %s: %s", d.Kind, d.DisplayName, d.Reason))
	}
	lines = append(lines, fmt.Sprintf("requests: about %d, polls left out", p.Requests))
	for _, n := range p.Notes {
		lines = append(lines, "note: "+n)
	}
	return lines
}
