package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type applyFlags struct {
	connection connectionFlags
	output     outputFlags
	patience   patienceFlags
	file       string
	dryRun     bool
	prune      bool
	yes        bool
	writeID    bool
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
any problem in the file, or with a schedule that is not this file's to change,
nothing is applied: an endpoint serves one model, a name has one locale.

A dry run compares local files by their content. It needs the settings of the
Speech resource only when a file would be uploaded.

With --prune the schedules of this fleet and owner that the file does not have
are listed and, after a question or with --yes, deleted. Two files of one fleet
name would delete each other's: --write-id adds a line, id, to the file and
marks the schedules of its models with it. From then on a schedule without that
id is neither changed nor deleted.`,
		Example: `  starter apply --file fleet.yaml --dry-run
  starter apply --file fleet.yaml --write-id
  starter apply --file fleet.yaml --prune --yes`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.apply(cmd.Context(), f) },
	}
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Fleet in YAML or JSON; - reads it from standard input (required)")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "Show what would be changed, and change nothing")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "Delete the schedules of this fleet and owner that the file does not have, after a question")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "Delete without a question")
	cmd.Flags().BoolVar(&f.writeID, "write-id", false, "Give the file an id, if it has none, and mark the schedules of its models that have none with it")
	f.patience.add(cmd)
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) apply(ctx context.Context, f applyFlags) error {
	if err := f.output.choose(a.out); err != nil {
		return err
	}
	if err := f.patience.check(); err != nil {
		return err
	}
	switch {
	case f.file == "":
		return exit.Refuse(lifecycle.InvalidRequest, "--file is required: the fleet, in YAML or JSON")
	case f.writeID && f.file == "-":
		return exit.Refuse(lifecycle.InvalidRequest, "--write-id writes into the file of the fleet: name it with --file, not -")
	}
	given, err := a.readFleet(f.file)
	if err != nil {
		return err
	}
	cargos := make([]cargo, len(given.Models))
	for i, m := range given.Models {
		if cargos[i], err = a.cargoOf(ctx, m, f); err != nil {
			return exit.About(err, m.Request)
		}
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	over, source, err := a.held(ctx, server, given, f)
	if err != nil {
		return err
	}
	a.out.Warn(over.Warnings)
	if !f.dryRun {
		if err := a.confirmPrune(ctx, over, f.yes); err != nil {
			return err
		}
	}
	models, err := a.settled(ctx, over, cargos, f)
	if err != nil {
		return err
	}
	changes := over.Changes(models)
	if !f.dryRun {
		if err := makeChanges(ctx, server, f.file, over, source, changes); err != nil {
			return err
		}
	}
	printChanges(a.out, over, source != nil, changes, f.dryRun)
	return nil
}

// cargoOf is the local files of a model, checked. A dry run may need no upload, which shows later: it does without the
// settings of one here. The error is a *exit.Failure.
func (a *app) cargoOf(ctx context.Context, m fleet.Model, f applyFlags) (cargo, error) {
	if !f.dryRun {
		return a.localFiles(ctx, m.Given, f.connection, f.patience)
	}
	c := cargo{files: m.Given.Files()}
	problems, err := problemsOf(ctx, a.out, c.files)
	if err == nil && len(problems) > 0 {
		err = m.Refuse(problems)
	}
	return c, err
}

// settled are the models of a fleet with datasets in place of their local files. Files are uploaded; a dry run compares
// their content with what was uploaded for the schedule. The error is a *exit.Failure.
func (a *app) settled(ctx context.Context, f fleet.Held, cargos []cargo, flags applyFlags) ([]fleet.Model, error) {
	var models []fleet.Model
	for i, m := range f.Models {
		var err error
		switch {
		case len(cargos[i].files) == 0:
		case flags.dryRun:
			m, err = a.compared(ctx, m, cargos[i].files, f.Have[m.Name].Uploads, flags.connection)
		default:
			m.Raw, m.Uploads, err = a.upload(ctx, m.Given, cargos[i])
		}
		if err != nil {
			return nil, exit.About(err, m.Request)
		}
		models = append(models, m)
	}
	return models, nil
}

// held is the fleet held against the schedules that are there, and with --write-id the file with its new id. Nothing
// is changed yet. The error is a *exit.Failure with all that stands against it.
func (a *app) held(ctx context.Context, s follow.Session, f fleet.Fleet, flags applyFlags) (over fleet.Held, source []byte, err error) {
	if flags.writeID {
		id := uuid.NewString()
		if flags.dryRun {
			id = fleet.NewID
		}
		if f, source, err = f.Identified(id); err != nil {
			return over, nil, err
		}
	}
	names, err := scheduledModels(ctx, s)
	if err != nil {
		return over, nil, err
	}
	for _, m := range f.Models {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	over = fleet.Held{
		Fleet: f, Owner: cmp.Or(a.env("RETRAINER_OWNER"), s.Namespace),
		Prune: flags.prune, Stamp: flags.writeID, Fresh: source != nil,
	}
	if over.Have, err = standings(ctx, s, slices.Compact(names)); err != nil {
		return over, nil, err
	}
	over.Warnings = append(slices.Clone(f.Warnings), over.Renamed()...)
	return over, source, over.Objections()
}

// confirmPrune shows what --prune would delete, and asks.
func (a *app) confirmPrune(ctx context.Context, f fleet.Held, yes bool) error {
	pruned := f.Pruned()
	if len(pruned) == 0 {
		return nil
	}
	a.out.Tell("schedules of fleet %s that are not in %s:", f.Name, f.Doc.Name)
	for _, s := range pruned {
		a.out.Tell("  %s  %s", workflows.ScheduleID(s.Model), s.State())
	}
	return a.confirm(ctx, yes, fmt.Sprintf("delete %s? What they check is not checked any more; nobody hears of an expiry",
		words.Count(len(pruned), "schedule")))
}

func printChanges(out *screen.Screen, f fleet.Held, identified bool, changes []fleet.Change, dryRun bool) {
	if out.JSON {
		warnings := append([]string{}, f.Warnings...)
		out.Value(map[string]any{"fleet": f.Name, "id": lifecycle.Text(f.ID), "dryRun": dryRun, "changes": changes, "warnings": warnings})
		return
	}
	if identified {
		verb := "written into"
		if dryRun {
			verb = "would be written into"
		}
		out.Print("id %s %s %s", f.ID, verb, f.Doc.Name)
	}
	counts := map[string]int{}
	for _, c := range changes {
		counts[c.Action]++
		note := ""
		if c.Paused {
			note = ", paused"
		}
		out.Print("%-9s %s%s", c.Action, c.Schedule, note)
		for _, line := range c.Diff {
			out.PrintLines(words.Hang(visible.Line(line), words.Width-8, 4, 6))
		}
	}
	out.Print("")
	if len(changes) > 0 && counts[fleet.Leave] == len(changes) && dryRun {
		out.Print("%s: nothing changes", f.Name)
		return
	}
	form := "%s: %d created, %d changed, %d unchanged, %d deleted"
	if dryRun {
		form = "%s: would create %d, change %d, leave %d, delete %d; nothing was changed"
	}
	out.Print(form, f.Name, counts[fleet.Create], counts[fleet.Update], counts[fleet.Leave], counts[fleet.Delete])
}
