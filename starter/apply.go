package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/upload"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type applyFlags struct {
	connection connectionFlags
	patience   patienceFlags
	file       string
	dryRun     bool
	prune      bool
	yes        bool
	writeID    bool
	verbose    bool
	adopt      bool
	queues     []string
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply --file FLEET",
		Short: "Make the schedules of a fleet what its file says",
		Long: `Make the schedules of a fleet what its file says.

Uploads local files whose content is new, then creates, changes or leaves the
Temporal Schedule renew/<name> of each model. Only what differs is changed, and
what an operator has paused stays paused. A second apply changes nothing. What
is new, changed or deleted is shown; --verbose shows every value. With any
problem in the file, or with a schedule that is not this file's to change,
nothing is applied: an endpoint serves one model, a name has one locale.

A dry run compares local files by their content. It needs the settings of the
Speech resource only when a file would be uploaded.

A task queue is the worker of one Speech resource, and local files are uploaded
to the resource of the settings here. So a fleet over several resources whose
models have local files is applied once for each: with the settings of one, and
--task-queue for each of its queues. The schedules of all other models stay as
they are. Files for a queue whose worker works on another resource are refused
before anything is uploaded.

With --prune the schedules of this fleet and owner that the file does not have
are listed and, after a question or with --yes, deleted. Two files of one fleet
name would delete each other's: --write-id adds a line, id, to the file and
marks the schedules of its models with it, with --task-queue of those models
alone. From then on a schedule without that id is neither changed nor deleted.

A schedule renew/<name> that was made by hand, with the Temporal CLI, is left
alone. With --adopt-schedules it is taken into the fleet: shown first, and after
a question, or with --yes, what it does is what the file says. It stays paused.`,
		Example: `  starter apply --file fleet.yaml --dry-run
  starter apply --file fleet.yaml --write-id
  starter apply --file fleet.yaml --prune --yes
  starter apply --file fleet.yaml --adopt-schedules
  starter apply --file fleet.yaml --task-queue speech-west`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.apply(cmd.Context(), f) },
	}
	addOutput(cmd, a.out)
	f.patience.add(cmd)
	addFile(cmd, &f.file, "Fleet")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "Show what would be changed, and change nothing")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "Delete the schedules of this fleet and owner that the file does not have, after a question")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "Delete and take over without a question")
	cmd.Flags().BoolVar(&f.adopt, "adopt-schedules", false, "Take schedules that were made by hand into the fleet, after a question")
	cmd.Flags().BoolVar(&f.writeID, "write-id", false, "Give the file an id, if it has none, and mark the schedules of its models that have none with it")
	cmd.Flags().BoolVar(&f.verbose, "verbose", false, "Show every value of every schedule, also of those that stay as they are")
	cmd.Flags().StringArrayVar(&f.queues, "task-queue", nil, "Apply only the models of the task queue of this `name`; repeat it for more (default: all)")
	f.connection.add(cmd)
	return cmd
}

func (a *app) apply(ctx context.Context, f applyFlags) error {
	if f.writeID && f.file == "-" {
		return exit.Refuse(lifecycle.InvalidRequest, "--write-id writes into the file of the fleet: name it with --file, not -")
	}
	given, err := a.readFleet(f.file)
	if err == nil {
		given, err = given.On(f.queues)
	}
	if err != nil {
		return err
	}
	u := a.uploader(f.connection, f.patience)
	// A dry run may need no upload, which shows later: it does without the settings of one here.
	weigh := u.Pack
	if f.dryRun {
		weigh = u.Weigh
	}
	chosen := given.Chosen()
	cargos := make([]upload.Cargo, len(chosen))
	for i, m := range chosen {
		if cargos[i], err = weigh(ctx, m.Given); err != nil {
			return exit.About(err, m.Request)
		}
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	over, source, err := a.held(ctx, server, given, f)
	if err == nil {
		err = placed(ctx, server, over, u, f.dryRun)
	}
	if err != nil {
		return err
	}
	a.out.Warn(over.Warnings)
	if !f.dryRun {
		if err := a.confirmAdopted(ctx, over, f.yes); err != nil {
			return err
		}
		if err := a.confirmPrune(ctx, over, f.yes); err != nil {
			return err
		}
	}
	models, err := settled(ctx, over, u, cargos, f.dryRun)
	if err != nil {
		return err
	}
	changes := over.Changes(models)
	if !f.dryRun {
		// The id is in the file before it is in any schedule: one that no file has would shut the fleet out of its own
		// schedules.
		if source != nil {
			err = document.Replace(f.file, over.Doc.Source, source)
		}
		if err == nil {
			err = schedules.Change(ctx, server, over, changes)
		}
		if err != nil {
			return err
		}
	}
	applied := over.Applied(changes, f.dryRun)
	if a.out.JSON {
		a.out.Value(applied)
	} else {
		a.out.PrintLines(applied.Lines(f.verbose))
	}
	return nil
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
	over, err = schedules.Hold(ctx, s, fleet.Held{
		Fleet: f, Owner: cmp.Or(a.env("RETRAINER_OWNER"), s.Namespace), Prune: flags.prune, Stamp: flags.writeID, Fresh: source != nil,
		Adopt: flags.adopt,
	})
	return over, source, err
}

// confirmAdopted shows which schedules made by hand the fleet would take over, and asks.
func (a *app) confirmAdopted(ctx context.Context, f fleet.Held, yes bool) error {
	adopted := f.Adopted()
	if len(adopted) == 0 {
		return nil
	}
	a.out.Tell("schedules made by hand that fleet %s takes over:", f.Name)
	for _, s := range adopted {
		a.out.TellLines(words.Hang(fmt.Sprintf("%s has: %s", workflows.ScheduleID(s.Model), s.Has), words.Width-6, 2, 6))
		a.out.TellLines(words.Hang("from then on: "+s.Gets, words.Width-6, 4, 6))
	}
	return a.out.Confirm(ctx, yes, fmt.Sprintf("take over %s? Each does from now on what %s says, and --prune deletes one that is not in it",
		words.Count(len(adopted), "schedule"), f.Doc.Name))
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
	return a.out.Confirm(ctx, yes, fmt.Sprintf("delete %s? What they check is not checked any more; nobody hears of an expiry",
		words.Count(len(pruned), "schedule")))
}

// placed refuses a fleet whose local files would be uploaded to another Speech resource than that of the models' workers.
// A dry run that is not told where to upload says so only when there is something to upload. The error is a *exit.Failure.
func placed(ctx context.Context, s follow.Session, f fleet.Held, u upload.Uploader, dryRun bool) error {
	queues := f.Filed()
	if len(queues) == 0 {
		return nil
	}
	host, err := u.Host()
	if err != nil && dryRun {
		return nil
	}
	told := map[string][]string{}
	for _, queue := range queues {
		if err == nil {
			told[queue], err = s.ResourcesOf(ctx, queue)
		}
	}
	if err != nil {
		return err
	}
	return f.Placed(host, told)
}

// settled are the models that are applied, with datasets in place of their local files. Files are uploaded; a dry run compares
// their content with what was uploaded for the schedule. The error is a *exit.Failure.
func settled(ctx context.Context, f fleet.Held, u upload.Uploader, cargos []upload.Cargo, dryRun bool) ([]fleet.Model, error) {
	var models []fleet.Model
	for i, m := range f.Chosen() {
		var err error
		switch files := cargos[i].Locals; {
		case len(files) == 0:
		case dryRun:
			m, err = u.Compare(ctx, m, files, f.Have[m.Name].Uploads)
		default:
			m.Raw, m.Uploads, err = u.Upload(ctx, cargos[i])
		}
		if err != nil {
			return nil, exit.About(err, m.Request)
		}
		models = append(models, m)
	}
	return models, nil
}
