package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

type applyFlags struct {
	connection connectionFlags
	output     outputFlags
	file       string
	dryRun     bool
	prune      bool
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply --file FLEET",
		Short: "Make the schedules of a fleet what its file says",
		Long: `Make the schedules of a fleet what its file says.

Uploads local files whose content is new, then creates, changes or leaves the
Temporal Schedule renew/<name> of each model. Only what differs is changed, and
what an operator has paused stays paused. A second apply changes nothing. With
any problem in the file nothing is applied.`,
		Example: `  starter apply --file fleet.yaml --dry-run
  starter apply --file fleet.yaml --prune`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.apply(cmd.Context(), f) },
	}
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Fleet in YAML or JSON; - reads it from standard input (required)")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "Show what would be changed, and change nothing")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "Delete the schedules of this fleet and owner that the file does not have")
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

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

func (a *app) apply(ctx context.Context, f applyFlags) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	if f.file == "" {
		return refuse(lifecycle.InvalidRequest, "--file is required: the fleet, in YAML or JSON")
	}
	fleet, err := a.readFleet(f.file)
	if err != nil {
		return err
	}
	cargos := make([]cargo, len(fleet.models))
	for i, m := range fleet.models {
		if cargos[i], err = a.localFiles(ctx, m.givenRequest, f.connection); err != nil {
			return about(err, m.Request)
		}
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	owner := first(a.env("RETRAINER_OWNER"), server.namespace)
	have, err := server.schedules(ctx)
	if err != nil {
		return err
	}
	var changes []change
	for i, m := range fleet.models {
		c, err := a.planChange(ctx, server, fleet.name, owner, m, cargos[i], f.dryRun)
		if err != nil {
			return about(err, m.Request)
		}
		changes = append(changes, c)
	}
	if f.prune {
		changes = append(changes, prunings(have, fleet, owner)...)
	}
	if !f.dryRun {
		for _, c := range changes {
			if err := server.make(ctx, c, fleet.name, owner); err != nil {
				return err
			}
		}
	}
	a.printChanges(fleet, changes, f.dryRun)
	return nil
}

// env reads one variable of the environment.
func (a *app) env(name string) string {
	if a.Env == nil {
		return ""
	}
	value, _ := a.Env.LookupEnv(name)
	return value
}

// planChange compares the schedule of a model with what it should be. Files are uploaded on the way, unless
// it is only a question.
func (a *app) planChange(ctx context.Context, s server, fleetName, owner string, m fleetModel, cargo cargo, dryRun bool) (change, error) {
	c := change{Model: m.Name, Schedule: workflows.ScheduleID(m.Name), Diff: []string{}}
	described, err := s.ScheduleClient().GetHandle(ctx, c.Schedule).Describe(ctx)
	_, absent := errors.AsType[*serviceerror.NotFound](err)
	switch {
	case absent:
		err = nil
	case err != nil:
		return c, s.unreachable(err)
	default:
		fields := described.Memo.GetFields()
		if of, by := memoText(fields[memoFleet]), memoText(fields[memoOwner]); of != fleetName || by != owner {
			return c, refuse(lifecycle.InvalidRequest, "schedule %s belongs to fleet %q of owner %q, not to %q of %q: it is left alone",
				c.Schedule, of, by, fleetName, owner).next("give the model another name, or delete the schedule: temporal schedule delete --schedule-id %s", c.Schedule)
		}
	}
	switch {
	case len(cargo.files) == 0:
	case dryRun:
		names := map[string]string{}
		for _, file := range cargo.files {
			names[file.entry] = "the upload of " + file.file
		}
		m.raw, err = withDatasets(m.raw, names)
	default:
		m.raw, err = a.upload(ctx, m.givenRequest, cargo)
	}
	if err != nil {
		return c, err
	}
	c.model = m
	if absent {
		c.Action, c.Diff = actionCreate, differences(schedule{}, wanted(m))
		return c, nil
	}
	c.Action, c.Paused = actionLeave, described.Schedule.State != nil && described.Schedule.State.Paused
	c.Diff = append(c.Diff, differences(existing(described.Schedule), wanted(m))...)
	if len(c.Diff) > 0 {
		c.Action = actionUpdate
	}
	return c, nil
}

// prunings delete the schedules of this fleet and owner that the file does not have.
func prunings(have []listed, f fleet, owner string) []change {
	var changes []change
	for _, s := range have {
		chosen, _ := f.choose([]string{s.model})
		if s.fleet == f.name && s.owner == owner && len(chosen) == 0 {
			changes = append(changes, change{Model: s.model, Schedule: s.ID, Action: actionDelete, Diff: []string{}, Paused: s.Paused})
		}
	}
	return changes
}

// make makes one change. What an operator has set, pause and note, stays.
func (s server) make(ctx context.Context, c change, fleetName, owner string) error {
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
		why := s.unreachable(err)
		why.cause.Message = fmt.Sprintf("cannot %s schedule %s: %s", c.Action, c.Schedule, err)
		return why.next("what came before it is applied; run the same command again")
	}
	return nil
}

func (a *app) printChanges(f fleet, changes []change, dryRun bool) {
	if a.asJSON {
		a.printValue(map[string]any{"fleet": f.name, "dryRun": dryRun, "changes": changes})
		return
	}
	counts := map[string]int{}
	for _, c := range changes {
		counts[c.Action]++
		note := ""
		if c.Paused {
			note = ", paused"
		}
		fmt.Fprintf(a.Stdout, "%-9s %s%s\n", c.Action, clean(c.Schedule), note)
		for _, line := range c.Diff {
			for i, part := range wrap(clean(line), lineWidth-8) {
				indent := "    "
				if i > 0 {
					indent = "      "
				}
				fmt.Fprintln(a.Stdout, indent+part)
			}
		}
	}
	line := fmt.Sprintf("%s: %d created, %d changed, %d unchanged, %d deleted", clean(f.name), counts[actionCreate], counts[actionUpdate], counts[actionLeave], counts[actionDelete])
	if dryRun {
		line = fmt.Sprintf("%s: would create %d, change %d, leave %d, delete %d; nothing was changed", clean(f.name), counts[actionCreate], counts[actionUpdate], counts[actionLeave], counts[actionDelete])
	}
	fmt.Fprintf(a.Stdout, "\n%s\n", line)
}
