package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/rehearsal"
	"speech-retrainer/internal/words"
)

type rehearseFlags struct {
	file  string
	years int
	seed  uint64
	from  string
}

func (a *app) rehearseCommand() *cobra.Command {
	var f rehearseFlags
	cmd := &cobra.Command{
		Use:   "rehearse --file FLEET",
		Short: "Play years of a fleet on this machine and show every renewal",
		Long: `Play years of a fleet on this machine and show every renewal.

The real checks and retrains run on a local Speech service whose clock jumps to
the next day that matters, and on a Temporal server of their own: nothing real
is touched. A base model comes out each quarter, good or bad by the seed; data
are stand-ins; approvals are answered by nobody. The same fleet, seed and day
give the same rehearsal. Shows what was trained, what that is estimated to cost,
and the most trainings in a day. Ends with exit code 1 when a model ever expired
while it served.

Needs the Temporal CLI: TEMPORAL_CLI, beside this program, or on PATH.`,
		Example: `  starter rehearse --file fleet.yaml --years 3
  starter rehearse --file fleet.yaml --seed 7 --from 2027-01-01`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.rehearse(cmd.Context(), f) },
	}
	addOutput(cmd, a.out)
	addFile(cmd, &f.file, "Fleet")
	cmd.Flags().IntVar(&f.years, "years", 3, "How many years, 1 to 10")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "Which base models are good, and which bad")
	cmd.Flags().StringVar(&f.from, "from", "", "The day on which it begins, like 2027-01-01 (default today)")
	return cmd
}

func (a *app) rehearse(ctx context.Context, f rehearseFlags) error {
	if f.years < 1 || f.years > 10 {
		return exit.Refuse(lifecycle.InvalidRequest, "--years must be 1 to 10, not %d", f.years)
	}
	begin := time.Now()
	if f.from != "" {
		var err error
		if begin, err = time.Parse(time.DateOnly, f.from); err != nil {
			return exit.Refuse(lifecycle.InvalidRequest, "--from must be a day like 2027-01-01, not %q", f.from)
		}
	}
	given, err := a.readFleet(f.file)
	if err != nil {
		return err
	}
	options := rehearsal.Options{Years: f.years, Seed: f.seed, Begin: begin}
	for _, m := range given.Models {
		options.Models = append(options.Models, rehearsal.Model{Request: m.Request, Raw: m.Raw})
	}
	if !a.out.JSON {
		options.Progress = func(e rehearsal.Event) { a.out.PrintLines(e.Lines()) }
		a.out.Print("%s: %s, %s from %s on",
			given.Name, words.Count(len(given.Models), "model"), words.Count(f.years, "year"), words.Day(options.Begin))
		a.out.Print("")
	}
	result, err := rehearsal.OnPrivateServer(ctx, options)
	if err != nil {
		if ctx.Err() != nil {
			return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: the rehearsal has ended")
		}
		return exit.New(exit.Failed, lifecycle.Unavailable, "the rehearsal could not go on: %s", err)
	}
	if a.out.JSON {
		a.out.Value(result)
	} else {
		a.out.PrintLines(result.Lines())
	}
	if result.Expired() {
		a.code = exit.Failed
	}
	return nil
}
