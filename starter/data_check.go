package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/words"
)

type dataCheckFlags struct {
	output outputFlags
	data   dataFlags
}

func (a *app) dataCheckCommand() *cobra.Command {
	var f dataCheckFlags
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check files against the service's format rules",
		Long: `Check files against the service's format rules.

Reads the files and nothing else: neither the service nor Temporal is needed.
Prints every problem with file, line and rule. Ends with 2 when one is an error:
such a file would not be uploaded. Warnings are shown and end with 0.
Lines that the service discards are named and counted: more of them than
--max-rejected are an error, from 20 lines on.`,
		Example: `  starter data check related-text.txt --kind Language --locale en-US
  starter data check calls.zip --kind Acoustic --locale en-US --test
  starter data check *.txt --kind Language --locale de-DE --output json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.dataCheck(cmd.Context(), f, args) },
	}
	f.data.add(cmd)
	f.output.add(cmd)
	return cmd
}

// checkedFile is one file for machines.
type checkedFile struct {
	File string `json:"file"`
	// Usable tells that no problem is an error.
	Usable bool           `json:"usable"`
	Report dataset.Report `json:"report"`
}

func (a *app) dataCheck(ctx context.Context, f dataCheckFlags, paths []string) error {
	if err := f.output.choose(a.out); err != nil {
		return err
	}
	limits, err := f.data.check("data")
	if err != nil {
		return err
	}
	checked := struct {
		Usable bool          `json:"usable"`
		Files  []checkedFile `json:"files"`
	}{Usable: true}
	bad := 0
	for _, path := range paths {
		report, err := checkFile(ctx, path, f.data.kind, f.data.locale, limits)
		if err != nil {
			return err
		}
		file := checkedFile{File: path, Usable: !report.Failed(), Report: report}
		checked.Files = append(checked.Files, file)
		if !file.Usable {
			bad++
			checked.Usable = false
		}
		if !a.out.JSON {
			printChecked(a.out, file)
		}
	}
	if a.out.JSON {
		a.out.Value(checked)
	}
	if bad > 0 {
		a.code = exit.Refused
		a.out.Tell("starter: %d of %s cannot be uploaded; correct what is called an error", bad, words.Count(len(paths), "file"))
	}
	return nil
}

func printChecked(out *screen.Screen, file checkedFile) {
	for _, p := range file.Report.Problems {
		out.Print("%s", located(file.File, p))
	}
	out.Print("%s: %s", file.File, file.summary())
}

// summary says in a few words what the file holds, and whether it can be uploaded.
func (c checkedFile) summary() string {
	var facts []string
	if r := c.Report; r.Lines > 0 {
		facts = append(facts, words.Count(r.Lines, "line"))
		if r.Rejected > 0 {
			facts = append(facts, fmt.Sprintf("%d of them dropped by the service", r.Rejected))
		}
	}
	if r := c.Report; r.Files > 0 {
		facts = append(facts, words.Count(r.Files, "recording"), "audio of "+words.Elapsed(r.AudioDuration))
	}
	severities := map[dataset.Severity]int64{}
	for _, p := range c.Report.Problems {
		severities[p.Severity]++
	}
	for _, s := range []dataset.Severity{dataset.Error, dataset.Warning} {
		if n := severities[s]; n > 0 {
			facts = append(facts, words.Count(n, string(s)))
		}
	}
	verdict := "usable"
	if !c.Usable {
		verdict = "not usable"
	}
	return strings.Join(append([]string{verdict}, facts...), ", ")
}
