package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/rehearsal"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/stack"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

type rehearseFlags struct {
	output outputFlags
	file   string
	years  int
}

func (a *app) rehearseCommand() *cobra.Command {
	var f rehearseFlags
	cmd := &cobra.Command{
		Use:   "rehearse --file FLEET",
		Short: "Play years of a fleet on this machine and show every renewal",
		Long: `Play years of a fleet on this machine and show every renewal.

The real checks and retrains run on a local Speech service whose clock jumps to
the next day that matters, and on a Temporal server of their own: nothing real
is touched. A base model comes out each quarter; data are stand-ins; approvals
are answered by nobody. Ends with exit code 1 when a model ever expired while it
served.

Needs the Temporal CLI: TEMPORAL_CLI, beside this program, or on PATH.`,
		Example: `  starter rehearse --file fleet.yaml --years 3`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.rehearse(cmd.Context(), f) },
	}
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Fleet in YAML or JSON; - reads it from standard input (required)")
	cmd.Flags().IntVar(&f.years, "years", 3, "How many years, 1 to 10")
	f.output.add(cmd)
	return cmd
}

func (a *app) rehearse(ctx context.Context, f rehearseFlags) error {
	if err := f.output.choose(a.out); err != nil {
		return err
	}
	switch {
	case f.file == "":
		return exit.Refuse(lifecycle.InvalidRequest, "--file is required: the fleet, in YAML or JSON")
	case f.years < 1 || f.years > 10:
		return exit.Refuse(lifecycle.InvalidRequest, "--years must be 1 to 10, not %d", f.years)
	}
	given, err := a.readFleet(f.file)
	if err != nil {
		return err
	}
	options := rehearsal.Options{Years: f.years, Begin: time.Now()}
	for _, m := range given.Models {
		options.Models = append(options.Models, rehearsal.Model{Request: m.Request, Raw: m.Raw})
	}
	if !a.out.JSON {
		options.Progress = func(e rehearsal.Event) { printEvent(a.out, e) }
		a.out.Print("%s: %s, %s from %s on", given.Name, words.Count(len(given.Models), "model"), words.Count(f.years, "year"), words.Day(options.Begin))
		a.out.Print("")
	}
	result, err := onPrivateServer(ctx, options)
	if err != nil {
		if ctx.Err() != nil {
			return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: the rehearsal has ended")
		}
		return exit.New(exit.Failed, lifecycle.Unavailable, "the rehearsal could not go on: %s", err)
	}
	printRehearsal(a.out, result)
	if result.Expired() {
		a.code = exit.Failed
	}
	return nil
}

// onPrivateServer rehearses on a Temporal server of its own, which ends with the rehearsal.
func onPrivateServer(ctx context.Context, o rehearsal.Options) (result rehearsal.Result, err error) {
	self, err := os.Executable()
	if err != nil {
		return result, err
	}
	binary, err := stack.FindTemporal(filepath.Dir(self))
	if err != nil {
		return result, err
	}
	logs, err := os.MkdirTemp("", "rehearsal-logs-")
	if err != nil {
		return result, err
	}
	defer func() { _ = os.RemoveAll(logs) }() // they lie in the system's folder for temporary files
	s, err := stack.New(logs)
	if err != nil {
		return result, err
	}
	defer func() {
		if closing := s.Close(); err == nil {
			err = closing
		}
	}()
	server, err := s.StartServer(ctx, stack.ServerOptions{Binary: binary})
	if err != nil {
		return result, err
	}
	if o.Client, err = client.DialContext(ctx, client.Options{HostPort: server.Address, Logger: rehearsal.Silent()}); err != nil {
		return result, err
	}
	defer o.Client.Close()
	return rehearsal.Run(ctx, o)
}

// printEvent prints one line of the timeline and its reason.
func printEvent(out *screen.Screen, e rehearsal.Event) {
	line := fmt.Sprintf("%s  %-16s %-8s", words.Day(e.At), words.Fit(visible.Line(cmp.Or(e.Model, "-")), 16), visible.Line(e.What))
	if e.WER != nil {
		line += " WER " + words.Rate(e.WER, "-")
		if e.Compared != nil {
			line += " against " + words.Rate(e.Compared, "-")
		}
	}
	if e.ExpiresAt != nil {
		line += " until " + words.DayOf(e.ExpiresAt, "-")
	}
	out.Print("%s", strings.TrimRight(words.Fit(line, words.Width), " "))
	why := e.Why
	if e.Base != "" {
		why += "; base " + e.Base
	}
	out.PrintLines(words.Hang(visible.Line(why), words.Width-12, 12, 12))
}

func printRehearsal(out *screen.Screen, r rehearsal.Result) {
	if out.JSON {
		out.Value(r)
		return
	}
	w := table.New("MODEL", "CHECKS", "RENEWED", "REJECTED", "FAILED", "ALARMS", "LEAST MARGIN")
	verdict := "no model ever expired while it served"
	for _, s := range r.Models {
		margin := "-"
		if s.LeastMargin != nil {
			margin = fmt.Sprintf("%d days", int(s.LeastMargin.Std()/(24*time.Hour)))
		}
		if s.Expired {
			margin = "EXPIRED"
			verdict = "a model expired while it served"
		}
		w.AppendRow(table.Row{words.Fit(visible.Line(s.Model), 20), s.Checks, s.Renewals, s.Rejected, s.Failed, s.Alarms, margin})
	}
	out.Print("")
	out.Table(w, nil)
	if len(r.Models) > 0 {
		out.Print("")
		out.PrintLines(words.Wrap(visible.Line(strings.Join(r.Models[0].Notes, "; ")), words.Width))
	}
	out.Print("%s to %s: %s", words.Day(r.From), words.Day(r.To), verdict)
}
